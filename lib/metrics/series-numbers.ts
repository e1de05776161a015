import { randomBytes } from 'node:crypto';
import type { Sample } from './family.ts';

/** Numbers series as they first come, from 0: two samples get one number exactly when they are the same series. */
export interface SeriesNumbers {
  numberOf(sample: Pick<Sample, 'metric' | 'labels'>): number;
}

/**
 * Takes a third of the time that a Map with a text for each series takes. Every distinct text gets a number, a series
 * is a tuple of the numbers of its texts, and a table with open addressing, never more than half full, finds equal
 * ones. Texts are hashed by the engine with its secret seed, tuples with secret factors: who names objects cannot make
 * series collide. A text counts as what UTF-8 leaves of it, where all lone surrogates are the same. With `expected`
 * samples in the end the table has its size at once, because most of the time goes into its growing.
 */
export function createSeriesNumbers(expected = 0): SeriesNumbers {
  const numberOfText = createTextNumbers();
  const tuples = createTuples();
  /** Number of a series + 1; 0 is a free place. Its length is a power of two. */
  let table = new Int32Array(2 ** Math.max(12, Math.ceil(Math.log2(expected * 2 + 1))));

  function grow(): void {
    table = new Int32Array(table.length * 2);
    const mask = table.length - 1;
    for (let tuple = 0; tuple < tuples.count; tuple += 1) {
      let place = tuples.hash(tuple) & mask;
      while (table[place] !== 0) place = (place + 1) & mask;
      table[place] = tuple + 1;
    }
  }

  return {
    numberOf({ metric, labels }) {
      if (tuples.count * 2 >= table.length) grow();
      tuples.begin(labels.length + 1);
      tuples.add(numberOfText(metric, 0));
      for (let index = 0; index < labels.length; index += 1)
        tuples.add(numberOfText(labels[index] as string, index + 1));
      const tuple = tuples.count;
      const mask = table.length - 1;
      let place = tuples.hash(tuple) & mask;
      for (; ; place = (place + 1) & mask) {
        const known = (table[place] as number) - 1;
        if (known < 0) break;
        if (tuples.areEqual(known, tuple)) return known;
      }
      table[place] = tuple + 1;
      tuples.keep();
      return tuple;
    },
  };
}

/** Numbers texts; `place` is where in its tuple one stands, where most often the one before stood, too. */
function createTextNumbers(): (text: string, place: number) => number {
  const numbers = new Map<string, number>();
  const lastTexts: string[] = [];
  const lastNumbers: number[] = [];
  const look = (text: string): number => {
    const known = numbers.get(text);
    if (known !== undefined) return known;
    const number = text.isWellFormed() ? numbers.size : look(text.toWellFormed());
    numbers.set(text, number);
    return number;
  };
  return (text, place) => {
    if (lastTexts[place] !== text) {
      lastTexts[place] = text;
      lastNumbers[place] = look(text);
    }
    return lastNumbers[place] as number;
  };
}

/** Tuples of numbers, one after the other in one array; behind those that are kept there is a draft. */
function createTuples() {
  let entries = new Int32Array(8192);
  /** Where each tuple begins, and behind the last one where the draft ends. */
  let starts = new Int32Array(2048);
  let count = 0;
  let end = 0;
  /** Odd and secret, one a position. */
  const factors: number[] = [];

  return {
    get count() {
      return count;
    },
    /** Begins the draft, that of tuple `count`. */
    begin(length: number): void {
      end = starts[count] as number;
      while (end + length > entries.length) entries = doubled(entries);
      if (count + 2 > starts.length) starts = doubled(starts);
      while (factors.length < length) factors.push(randomBytes(4).readInt32LE() | 1);
      starts[count + 1] = end + length;
    },
    add(entry: number): void {
      entries[end] = entry;
      end += 1;
    },
    keep(): void {
      count += 1;
    },
    hash(tuple: number): number {
      const from = starts[tuple] as number;
      const length = (starts[tuple + 1] as number) - from;
      let sum = length;
      for (let index = 0; index < length; index += 1) {
        sum = (sum + Math.imul(entries[from + index] as number, factors[index] as number)) | 0;
      }
      // The low bits of the sum know only the low bits of the entries: the high ones, which know all, come to them.
      return Math.imul(sum ^ (sum >>> 16), 0x45d9_f3b) >>> 8;
    },
    areEqual(one: number, other: number): boolean {
      const left = starts[one] as number;
      const right = starts[other] as number;
      const length = (starts[one + 1] as number) - left;
      if ((starts[other + 1] as number) - right !== length) return false;
      for (let index = 0; index < length; index += 1) {
        if (entries[left + index] !== entries[right + index]) return false;
      }
      return true;
    },
  };
}

function doubled(array: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(array.length * 2);
  larger.set(array);
  return larger;
}
