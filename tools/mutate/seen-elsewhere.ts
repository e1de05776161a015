// A setup file of vitest: processes and threads that a test starts run the mutant that the test runs, and which mutants
// a thread comes by is told to Stryker as if the test itself had come by them. Else no test would be run on those.
import { syncBuiltinESMExports } from 'node:module';
import threads, { type WorkerOptions } from 'node:worker_threads';
import { afterEach, beforeAll } from 'vitest';
import {
  coverageOf,
  MUTANT_VARIABLE,
  namespaceOf,
  THREAD_DATA,
  type ThreadData,
} from './stryker-namespace.ts';

const MOST_MUTANTS = 65_536;
const IN_THREAD = new URL('thread-setup.ts', import.meta.url).href;

const hits = new Int32Array(new SharedArrayBuffer(4 * MOST_MUTANTS));

function handOn(): void {
  const { activeMutant } = namespaceOf(globalThis);
  if (activeMutant === undefined) delete process.env[MUTANT_VARIABLE];
  else process.env[MUTANT_VARIABLE] = activeMutant;
  threads.setEnvironmentData(THREAD_DATA, { activeMutant, hits } satisfies ThreadData);
}

/** Whatever options a thread is started with, such as none of this process's environment. */
class WatchedWorker extends threads.Worker {
  constructor(file: string | URL, { execArgv = [], ...options }: WorkerOptions = {}) {
    super(file, { ...options, execArgv: [...execArgv, '--import', IN_THREAD] });
  }
}

// Files of tests that share a process share it, too.
if (threads.Worker.name !== WatchedWorker.name) threads.Worker = WatchedWorker;
syncBuiltinESMExports();
handOn();
beforeAll(handOn);
afterEach(() => {
  const coverage = coverageOf(namespaceOf(globalThis));
  for (const [mutant, count] of hits.entries()) {
    if (count > 0) coverage[mutant] = (coverage[mutant] ?? 0) + count;
  }
  hits.fill(0);
});
