import pLimit from 'p-limit';

/** Does the work of each, `most` at once. The first that fails ends them all: the others are not begun. */
export async function eachAtOnce<T>(
  most: number,
  all: readonly T[],
  work: (one: T) => Promise<void>,
): Promise<void> {
  const limit = pLimit(most);
  try {
    await Promise.all(all.map((one) => limit(() => work(one))));
  } finally {
    limit.clearQueue();
  }
}
