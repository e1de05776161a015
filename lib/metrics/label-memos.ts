import type { Family } from './family.ts';

/** What was made of arrays of label values, by the array itself. */
export interface LabelMemo<T> {
  get(labels: readonly string[]): T | undefined;
  /** Does nothing when the memo is full, or for labels of more than 1,000 characters. */
  set(labels: readonly string[], made: T): void;
}

/** Of one set of label names; all values are in memory anyway, what is made of them is not. */
const MAX_ENTRIES = 20_000;
/** Of all values of a sample: names of objects are of whoever sends them, and a text of them is a copy. */
const MAX_CHARACTERS = 1_000;

/**
 * Memos for what depends on the labels of a sample alone: an inventory has dozens of metrics of each machine, whose samples
 * all have the one array of names that is made once a machine. Families with the same label names share a memo. Undefined
 * for a family that makes the labels of a sample anew each time: nothing would be found again.
 */
export function createLabelMemos<T>(): (family: Family) => LabelMemo<T> | undefined {
  const memos = new Map<string, LabelMemo<T>>();
  return ({ definition, samples }) => {
    const [once, again] = [samples.at(0)?.labels, samples.at(0)?.labels];
    if (once === undefined || once !== again) return undefined;
    const names = definition.labels.join();
    const memo = memos.get(names) ?? createMemo<T>();
    memos.set(names, memo);
    return memo;
  };
}

function createMemo<T>(): LabelMemo<T> {
  const made = new Map<readonly string[], T>();
  return {
    get: (labels) => made.get(labels),
    set(labels, one) {
      const characters = labels.reduce((sum, { length }) => sum + length, 0);
      if (made.size < MAX_ENTRIES && characters <= MAX_CHARACTERS) made.set(labels, one);
    },
  };
}
