/** Escapes of PromQL's strings, which are those of Go (Prometheus' docs, "String literals"). */
const SHORT: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};
const ESCAPE = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|(.))/gs;

/** The text of a PromQL string; one without quotes stays as it is. */
export function unquote(text: string): string {
  const [quote = ''] = text;
  if (text.length < 2 || !['"', "'", '`'].includes(quote) || !text.endsWith(quote)) return text;
  const inner = text.slice(1, -1);
  if (quote === '`') return inner;
  return inner.replaceAll(ESCAPE, (_, hex2, hex4, hex8, octal, character) => {
    const hex: string | undefined = hex2 ?? hex4 ?? hex8;
    if (hex !== undefined) return toCharacter(Number.parseInt(hex, 16));
    if (octal !== undefined) return toCharacter(Number.parseInt(octal, 8));
    return SHORT[character] ?? character;
  });
}

const toCharacter = (code: number): string => (code <= 0x10ffff ? String.fromCodePoint(code) : '�');
