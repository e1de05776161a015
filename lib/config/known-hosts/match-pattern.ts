/**
 * Whether a text is what a pattern with `*` (any characters, also none) and `?` (one character) stands for. In time
 * that grows with the product of both lengths at most, whatever the pattern is.
 */
export function matchPattern(text: string, pattern: string): boolean {
  let at = 0;
  let inPattern = 0;
  /** The last `*` that was met, and the character from which it has to take one more. */
  let star: { readonly after: number; from: number } | undefined;
  while (at < text.length) {
    const sign = pattern[inPattern];
    if (sign === '*') {
      inPattern += 1;
      star = { after: inPattern, from: at };
    } else if (sign === '?' || sign === text[at]) {
      at += 1;
      inPattern += 1;
    } else if (star !== undefined) {
      star.from += 1;
      at = star.from;
      inPattern = star.after;
    } else return false;
  }
  return /^\**$/.test(pattern.slice(inPattern));
}
