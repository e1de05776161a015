// Imported by each thread that a test starts, before its own code: it runs the test's mutant, and counts for the test.
import { getEnvironmentData } from 'node:worker_threads';
import { namespaceOf, THREAD_DATA, type ThreadData } from './stryker-namespace.ts';

const { active, hits } = getEnvironmentData(THREAD_DATA) as unknown as ThreadData;
const namespace = namespaceOf(globalThis);
let known = -1;
let mutant: string | undefined;
Object.defineProperty(namespace, 'activeMutant', {
  get: () => {
    const now = Atomics.load(active, 0);
    if (now !== known) mutant = now === -1 ? undefined : String(now);
    known = now;
    return mutant;
  },
  // Stryker's code takes that of the environment, which is the one that ran when the thread was started.
  set: () => undefined,
});
namespace.mutantCoverage = {
  static: new Proxy({}, { set: (_target, mutant) => Atomics.add(hits, Number(mutant), 1) >= 0 }),
  perTest: {},
};
