import { malformed } from './xml-error.ts';

/** ASCII that XML's grammar is made of. */
const TAB = 0x09;
export const LF = 0x0a;
export const CR = 0x0d;
const SPACE = 0x20;
export const BANG = 0x21;
export const DOUBLE_QUOTE = 0x22;
export const AMPERSAND = 0x26;
export const SINGLE_QUOTE = 0x27;
export const DASH = 0x2d;
export const SLASH = 0x2f;
export const SEMICOLON = 0x3b;
export const LESS = 0x3c;
export const GREATER = 0x3e;
export const QUESTION = 0x3f;
export const CLOSE_BRACKET = 0x5d;

/** What a byte of UTF-8 means inside a text. */
export const PLAIN = 0;
export const HIGH = 1;
export const SPECIAL = 2;
export const FORBIDDEN = 3;

/** By byte: part of a plain text, of a character beyond ASCII, a byte to look at, or one that XML forbids. */
export const TEXT_CLASS: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte >= 0x80) return HIGH;
  if ([LESS, AMPERSAND, CLOSE_BRACKET, CR].includes(byte)) return SPECIAL;
  return byte < SPACE && byte !== TAB && byte !== LF ? FORBIDDEN : PLAIN;
});

/** 1 for the bytes that a name may hold; those beyond ASCII are looked at when the whole name is known. */
export const NAME_BYTE: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x80 || /[-.0-9:A-Z_a-z]/.test(String.fromCharCode(byte)) ? 1 : 0,
);

export function isSpace(byte: number | undefined): boolean {
  return byte === SPACE || byte === LF || byte === CR || byte === TAB;
}

/** U+FFFE and U+FFFF, the only characters beyond ASCII that are UTF-8 and not XML, are EF BF BE and EF BF BF. */
export function isNonCharacter(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === 0xef && bytes[at + 1] === 0xbf && (bytes[at + 2] ?? 0) >= 0xbe;
}

/** Throws when bytes whose UTF-8 is known to be valid hold a character that XML forbids. */
export function checkCharacters(bytes: Uint8Array, from: number, to: number): void {
  for (let at = from; at < to; at += 1) {
    const kind = TEXT_CLASS[bytes[at] as number];
    // A carriage return is a SPECIAL one.
    if (kind === FORBIDDEN || (kind === HIGH && isNonCharacter(bytes, at))) throw forbidden();
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones that XML 1.0 forbids
const FORBIDDEN_CHARACTERS = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;

/** Whether XML can carry a text; half a surrogate pair is no character either. */
export function isXmlText(text: string): boolean {
  return !FORBIDDEN_CHARACTERS.test(text) && text.isWellFormed();
}

export function forbidden(): Error {
  return malformed('it holds a character that XML forbids');
}

/** XML's Char. */
export function isCharacter(code: number): boolean {
  if (code < SPACE) return code === TAB || code === LF || code === CR;
  return code <= 0xd7ff || (code >= 0xe000 && code <= 0xfffd) || (code >= 0x10000 && code <= 0x10ffff);
}
