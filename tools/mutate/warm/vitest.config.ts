import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

/** Vitest as the host of a worker (work.ts), in a process that can be stopped. */
export default defineConfig({
  test: {
    include: ['tools/mutate/warm/idle.ts'],
    runner: join(import.meta.dirname, 'runner.ts'),
    pool: 'forks',
    maxWorkers: 1,
    isolate: false,
    experimental: { viteModuleRunner: false },
    execArgv: ['--max-semi-space-size=64'],
    env: { NODE_COMPILE_CACHE: join(tmpdir(), 'vsweep-compile-cache') },
    globalSetup: process.env.MUTATE_BUNDLES === undefined ? [] : ['test/support/lambda/bundle-folder.ts'],
    // A worker ends when its work is done.
    testTimeout: 300_000,
    hookTimeout: 60_000,
    reporters: ['dot'],
  },
});
