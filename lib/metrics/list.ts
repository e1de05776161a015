/**
 * What can be gone through as often as needed, in the same order each time. An array is a list; others make what they hold
 * anew each time, because an inventory has hundreds of thousands of samples, which would be in memory all at once.
 */
export interface List<T> extends Iterable<T> {
  readonly length: number;
  at(index: number): T | undefined;
}

/** `make` is pure, and is called for each whole number below `length`. */
export const listOf = <T>(length: number, make: (index: number) => T): List<T> => ({
  length,
  at: (index) => (index >= 0 && index < length ? make(index) : undefined),
  [Symbol.iterator]() {
    let index = 0;
    return {
      next: () => (index < length ? { value: make(index++) } : { done: true, value: undefined }),
    };
  },
});

export const mapped = <T, U>(list: List<T>, map: (one: T) => U): List<U> =>
  listOf(list.length, (index) => map(list.at(index) as T));

/** Those at some indexes, all of which are in the list. */
export const picked = <T>(list: List<T>, indexes: ArrayLike<number>): List<T> =>
  listOf(indexes.length, (index) => list.at(indexes[index] as number) as T);

/** One list behind the other. */
export function joined<T>(lists: readonly List<T>[]): List<T> {
  const [first] = lists;
  if (lists.length === 1 && first !== undefined) return first;
  const starts: number[] = [];
  let length = 0;
  for (const list of lists) {
    starts.push(length);
    length += list.length;
  }
  /** Who goes through it asks for neighbours, so it is nearly always the list of the last time. */
  let last = 0;
  return listOf(length, (index) => {
    while (last > 0 && index < (starts[last] as number)) last -= 1;
    while (last + 1 < lists.length && index >= (starts[last + 1] as number)) last += 1;
    return (lists[last] as List<T>).at(index - (starts[last] as number)) as T;
  });
}
