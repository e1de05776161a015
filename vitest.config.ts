import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

const project = (name: string, testTimeout: number, more: object = {}) => ({
  test: { name, include: [`test/${name}/**/*.test.ts`], testTimeout, hookTimeout: testTimeout, ...more },
});

/** Fleets of hundreds of processes, held to real time: one at a time, when nothing else runs. */
const alone = { fileParallelism: false, sequence: { groupOrder: 1 } };

/** Half of what a command of ours does in a test is to be compiled. */
const NODE_COMPILE_CACHE = join(tmpdir(), 'vsweep-compile-cache');

const BUNDLES = 'test/support/lambda/bundle-folder.ts';

export default defineConfig({
  test: {
    // Most of what a test does is wait for a peer: on two cores vitest's own choice is one file at a time.
    maxWorkers: 3,
    coverage: { provider: 'v8', include: ['lib/**/*.ts'] },
    projects: [
      // Property tests take seconds, and several times that where other work has the cores.
      project('unit', 30_000),
      project('cdk', 60_000, { env: { CDK_VALIDATION: 'false' } }),
      project('integration', 30_000, { env: { NODE_COMPILE_CACHE }, globalSetup: BUNDLES }),
      project('peers', 240_000, { ...alone, globalSetup: BUNDLES }),
    ],
  },
});
