/** What to say of a key that does not exist: the known key that it was probably meant to be, and all of them. */
export function sayUnknown(key: string, known: readonly string[]): string {
  const nearest = nearestOf(key, known);
  const what = nearest === undefined ? 'known keys' : `did you mean "${nearest}"? Known keys`;
  return `"${key}" is unknown; ${what}: ${known.join(', ')}`;
}

/** The word that the fewest edits make of `key`; undefined when it is another word than any of them. */
function nearestOf(key: string, known: readonly string[]): string | undefined {
  const limit = Math.max(1, Math.floor(key.length / 3));
  const [nearest] = known
    .map((word) => ({ word, edits: editDistance(key.toLowerCase(), word.toLowerCase()) }))
    .filter(({ edits }) => edits <= limit)
    .toSorted((a, b) => a.edits - b.edits);
  return nearest?.word;
}

/** How many letters must be added, removed or replaced (Levenshtein). */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [at, letter] of [...from.slice(0, 100)].entries()) {
    const next = [at + 1];
    for (const [index, other] of [...to].entries()) {
      const [replaced = 0, removed = 0, added = 0] = [row[index], row[index + 1], next[index]];
      next.push(Math.min(replaced + (letter === other ? 0 : 1), removed + 1, added + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
