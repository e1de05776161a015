/** A peer's words as they may stand in a message: bounded, in one line and without control characters. */
export function quote(text: string, maxLength = 1_000): string {
  return text
    .slice(0, maxLength)
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim();
}
