// Which mutant runs, in this thread and in the threads and processes that it starts, and what these come by.
import { syncBuiltinESMExports } from 'node:module';
import threads, { type WorkerOptions } from 'node:worker_threads';
import { type Hits, namespaceOf, THREAD_DATA, type ThreadData } from '../stryker-namespace.ts';
import { MUTANT_VARIABLE } from './plan.ts';

const MOST_MUTANTS = 262_144;
const IN_THREAD = new URL('../thread-setup.ts', import.meta.url).href;

const namespace = namespaceOf(globalThis);
const perTest: Record<string, Hits> = {};
namespace.mutantCoverage = { static: {}, perTest };
const inThreads = new Int32Array(new SharedArrayBuffer(4 * MOST_MUTANTS));
const active = new Int32Array(new SharedArrayBuffer(4));
threads.setEnvironmentData(THREAD_DATA, { active, hits: inThreads } satisfies ThreadData);

/** Whatever options a thread is started with, such as none of this process's environment. */
class WatchedWorker extends threads.Worker {
  constructor(file: string | URL, { execArgv = [], ...options }: WorkerOptions = {}) {
    super(file, { ...options, execArgv: [...execArgv, '--import', IN_THREAD] });
  }
}
threads.Worker = WatchedWorker;
syncBuiltinESMExports();
activate(undefined);

/** From now on this mutant runs, or none; one that is come by more often than `mostHits` throws. */
export function activate(mutant: string | undefined, { mostHits = Number.POSITIVE_INFINITY } = {}): void {
  namespace.activeMutant = mutant;
  namespace.hitCount = 0;
  namespace.hitLimit = mostHits;
  if (mutant === undefined) delete process.env[MUTANT_VARIABLE];
  else process.env[MUTANT_VARIABLE] = mutant;
  Atomics.store(active, 0, mutant === undefined ? -1 : Number(mutant));
}

/** Counts what is come by from now on under this name. */
export function countFor(name: string): void {
  collectThreads();
  namespace.currentTestId = name;
}

/** What was counted under a name, which is forgotten with it. */
export function takeHits(name: string): Hits {
  collectThreads();
  const hits = perTest[name] ?? {};
  delete perTest[name];
  return hits;
}

function collectThreads(): void {
  const name = namespace.currentTestId;
  if (name === undefined) return;
  for (let mutant = inThreads.findIndex(Boolean); mutant !== -1; ) {
    perTest[name] ??= {};
    perTest[name][mutant] = (perTest[name][mutant] ?? 0) + Atomics.exchange(inThreads, mutant, 0);
    const next = inThreads.subarray(mutant + 1).findIndex(Boolean);
    mutant = next === -1 ? -1 : mutant + 1 + next;
  }
}
