/**
 * What the code that Stryker changed asks for, in each thread:
 * https://github.com/stryker-mutator/stryker-js/blob/master/packages/api/src/core/instrument.ts
 */
export interface StrykerNamespace {
  activeMutant?: string | undefined;
  currentTestId?: string;
  mutantCoverage?: Coverage;
}

/** How often each mutant was come by, by its number. */
type Hits = Record<string, number>;

interface Coverage {
  static: Hits;
  perTest: Record<string, Hits>;
}

/** The environment variable by which a process is told of its mutant. */
export const MUTANT_VARIABLE = '__STRYKER_ACTIVE_MUTANT__';

/** The key of the environment data by which a thread is told of its mutant, and where it counts. */
export const THREAD_DATA = 'mutant of this thread';

export interface ThreadData {
  readonly activeMutant: string | undefined;
  /** Shared by all threads of a test file; the index is the number of a mutant. */
  readonly hits: Int32Array;
}

export function namespaceOf(thread: object): StrykerNamespace {
  const named = thread as { __stryker__?: StrykerNamespace };
  named.__stryker__ ??= {};
  return named.__stryker__;
}

/** Where the changed code counts now: of the test that runs, or of none. */
export function coverageOf(namespace: StrykerNamespace): Hits {
  namespace.mutantCoverage ??= { static: {}, perTest: {} };
  const { static: ofNone, perTest } = namespace.mutantCoverage;
  if (namespace.currentTestId === undefined) return ofNone;
  perTest[namespace.currentTestId] ??= {};
  return perTest[namespace.currentTestId] ?? ofNone;
}
