import { isCharacter } from './xml-characters.ts';
import { malformed } from './xml-error.ts';

const PREDEFINED: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
]);

/**
 * Characters between `&` and `;`, at most. XML has no such limit, but nothing that is longer than this with its
 * leading zeros means a character.
 */
export const MAX_REFERENCE = 32;

/** The character that a reference stands for: one of XML's five entities or a number; `&` and `;` are not part of it. */
export function toCharacter(reference: string): string {
  const predefined = PREDEFINED.get(reference);
  if (predefined !== undefined) return predefined;
  const [, hex, decimal] = /^#(?:x([0-9A-Fa-f]+)|([0-9]+))$/.exec(reference) ?? [];
  const code = hex === undefined ? Number.parseInt(decimal ?? '', 10) : Number.parseInt(hex, 16);
  // Of anything that is no number, the code is NaN, which is no character.
  if (!isCharacter(code))
    throw malformed('it holds a reference to an entity or character that does not exist');
  return String.fromCodePoint(code);
}

const REFERENCE = new RegExp(`&([^&;]{0,${MAX_REFERENCE}};)?`, 'g');

/** Resolves all references of a text that is known whole. */
export function resolveReferences(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(REFERENCE, (_, reference: string | undefined) => {
    if (reference === undefined) throw unended();
    return toCharacter(reference.slice(0, -1));
  });
}

export function unended(): Error {
  return malformed('an & does not begin a reference');
}
