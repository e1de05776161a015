/**
 * The name of `names` that needs the fewest edits to become `name`, the first one of several; undefined when none is
 * so near that it was likely meant. Names that differ in case only are as near as can be.
 */
export function nearestName(name: string, names: Iterable<string>): string | undefined {
  let nearest: string | undefined;
  let least = Math.max(1, Math.floor(name.length / 3)) + 1;
  for (const candidate of names) {
    if (Math.abs(candidate.length - name.length) >= least) continue;
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < least) {
      least = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

const MAX_NAMES = 5;

/** Those that have the text in them, then those that need few edits; of a name that is far too long none. */
export function nearestNames(name: string, names: Iterable<string>): string[] {
  if (name.length > 200) return [];
  const wanted = name.toLowerCase();
  return Array.from(names, (one) => ({
    one,
    distance: one.toLowerCase().includes(wanted)
      ? 0
      : editDistance(wanted, one.toLowerCase()) / Math.max(1, wanted.length),
  }))
    .filter(({ distance }) => distance <= 1 / 3)
    .toSorted((a, b) => a.distance - b.distance || a.one.length - b.one.length)
    .slice(0, MAX_NAMES)
    .map(({ one }) => one);
}

/** Letters to insert, delete or replace, or neighbours to swap. */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = at(last, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let least = Math.min(at(last, j) + 1, at(row, j - 1) + 1, replaced);
      // Before the first letter of either there is none, which is equal to no letter.
      const swapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) least = Math.min(least, at(beforeLast, j - 2) + 1);
      row.push(least);
    }
    beforeLast = last;
    last = row;
  }
  return at(last, b.length);
}

const at = (row: readonly number[], index: number): number => row[index] ?? Infinity;
