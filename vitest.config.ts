import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const project = (name: string, testTimeout: number, more: object = {}) => ({
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`],
    testTimeout,
    hookTimeout: testTimeout,
    // Vitest's own second is short where other work has the cores.
    expect: { poll: { timeout: 20_000 } },
    ...more,
  },
});

/** Real programs are held to real time: they have the machine after all that computes. */
const afterwards = { sequence: { groupOrder: 1 } };

/** Fleets of hundreds of processes: one at a time, when nothing else runs. */
const FLEETS = ['test/peers/sweep/fleet-of-200.test.ts', 'test/peers/smoke/sshds.test.ts'];
const alone = { fileParallelism: false, sequence: { groupOrder: 2 } };

/** Half of what a command of ours does in a test is to be compiled, and as much of what a file of tests does. */
const NODE_COMPILE_CACHE = join(tmpdir(), 'vsweep-compile-cache');
const env = { NODE_COMPILE_CACHE };

/** Files that wait longest, for time limits of other processes or for the end of a run. */
const LONGEST = [
  'integration/sweep/stalls.test.ts',
  'integration/cli/commands.test.ts',
  'integration/cli/run-end.test.ts',
  'integration/lambda/inline.test.ts',
  'integration/lambda/lost-workers.test.ts',
  'integration/lambda/out-of-time.test.ts',
  'integration/sweep/kills.test.ts',
  'integration/sweep/faults/',
  'integration/esxi/probe-script.test.ts',
  'integration/poll/gateway-process.test.ts',
  'integration/tools/package.test.ts',
  'peers/logins/rotations-and-kills.test.ts',
  'peers/packaging/container-image.test.ts',
];

/** What waits begins first, and the others have the processors meanwhile. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification) => LONGEST.some((one) => moduleId.includes(one));
    const sorted = await super.sort(files);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

const BUNDLES = 'test/support/lambda/bundle-folder.ts';

export default defineConfig({
  test: {
    // Most of what a test does is wait for a peer: on two cores vitest's own choice is one file at a time.
    maxWorkers: 5,
    sequence: { sequencer: LongestFirst },
    // Node takes our TypeScript as it is, and keeps what it compiled from one file of tests to the next.
    experimental: { viteModuleRunner: false },
    // A tenth of a run is to collect young garbage, in a nursery that is made for less.
    execArgv: ['--max-semi-space-size=64'],
    coverage: { provider: 'v8', include: ['lib/**/*.ts'] },
    projects: [
      // What takes a second alone takes a minute where other work has the cores: who hangs is found all the same.
      // Half of what a file of tests does is to load what it tests; no module of ours keeps anything.
      project('unit', 60_000, { isolate: false, env }),
      project('cdk', 120_000, { isolate: false, env: { ...env, CDK_VALIDATION: 'false' } }),
      project('integration', 300_000, { isolate: false, env, globalSetup: BUNDLES }),
      project('peers', 240_000, { ...afterwards, exclude: FLEETS, globalSetup: BUNDLES }),
      project('fleets', 240_000, { ...alone, include: FLEETS }),
    ],
  },
});
