// Imported by each thread that a test starts, before its own code: it runs the test's mutant, and counts for the test.
import { getEnvironmentData } from 'node:worker_threads';
import { namespaceOf, THREAD_DATA, type ThreadData } from './stryker-namespace.ts';

const { activeMutant, hits } = getEnvironmentData(THREAD_DATA) as unknown as ThreadData;
const namespace = namespaceOf(globalThis);
namespace.activeMutant = activeMutant;
namespace.mutantCoverage = {
  static: new Proxy({}, { set: (_target, mutant) => Atomics.add(hits, Number(mutant), 1) >= 0 }),
  perTest: {},
};
