import type { ConfigIssue } from './errors.ts';

/** Why the text is not what its author wrote: it was saved in another coding than UTF-8, which is how it was read. */
export function codingFault(text: string): ConfigIssue | undefined {
  const save = 'save it as UTF-8 (in an editor, or by iconv -t UTF-8)';
  if (text.includes('\0')) return { path: '', message: `is not UTF-8, but probably UTF-16; ${save}` };
  const at = text.indexOf('\ufffd');
  if (at === -1) return undefined;
  const before = text.slice(0, at).split('\n');
  const place = { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
  return { path: '', message: `a character is not UTF-8; ${save}`, place };
}

/** What text processors and web pages put in place of what was typed. */
const ODD: readonly (readonly [RegExp, string])[] = [
  [/[\u2018-\u201f\u00ab\u00bb]/, 'the line has a typographic quote; type \' or " in its place'],
  [
    /[\u00a0\u2000-\u200f\u202f\u205f\u2060\u3000\ufeff]/,
    'the line has a character that looks like a space or like nothing, and is not a space in YAML; delete it and type a space',
  ],
  [/[\u2010-\u2015\u2212]/, 'the line has a typographic dash; type - in its place'],
];

/** What is hard to see in a line that has a fault, outside its comment; nothing of its text. */
export const hintOf = (line = ''): string | undefined => {
  const written = line.replace(/(?:^|[ \t])#.*$/, '');
  return ODD.find(([characters]) => characters.test(written))?.[1];
};
