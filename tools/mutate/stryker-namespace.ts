/**
 * What the code that Stryker changed asks for, in each thread:
 * https://github.com/stryker-mutator/stryker-js/blob/master/packages/api/src/core/instrument.ts
 */
export interface StrykerNamespace {
  activeMutant?: string | undefined;
  currentTestId?: string;
  mutantCoverage?: { static: Hits; perTest: Record<string, Hits> };
  hitCount?: number;
  hitLimit?: number;
}

/** How often each mutant was come by, by its number. */
export type Hits = Record<string, number>;

/** The key of the environment data by which a thread is told of its mutant, and where it counts. */
export const THREAD_DATA = 'mutant of this thread';

export interface ThreadData {
  /** Shared by all threads of a process: the number of the mutant that runs, or -1; also in a thread that ran before. */
  readonly active: Int32Array;
  /** Shared by all threads of a process; the index is the number of a mutant. */
  readonly hits: Int32Array;
}

export function namespaceOf(thread: object): StrykerNamespace {
  const named = thread as { __stryker__?: StrykerNamespace };
  named.__stryker__ ??= {};
  return named.__stryker__;
}
