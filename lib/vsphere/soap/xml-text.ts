import type { Utf8Window } from './utf8-window.ts';
import {
  AMPERSAND,
  CLOSE_BRACKET,
  CR,
  FORBIDDEN,
  forbidden,
  GREATER,
  HIGH,
  isNonCharacter,
  LESS,
  LF,
  SEMICOLON,
  SPECIAL,
  TEXT_CLASS,
} from './xml-characters.ts';
import { malformed } from './xml-error.ts';
import { MAX_REFERENCE, toCharacter, unended } from './xml-reference.ts';

export interface Characters {
  /** With its references resolved and its line ends made LF. */
  readonly text: string;
  /** Behind what was read: a reference, line end or `]]>` that is not whole yet is left for the next time. */
  readonly position: number;
  /** Whether the end of the CDATA came. */
  readonly isEnd: boolean;
}

/** Reads a text up to the next tag, or the inside of CDATA up to its end, as far as it has come. */
export function readCharacters(
  window: Utf8Window,
  { at: start, inCdata }: { at: number; inCdata: boolean },
): Characters {
  const { bytes, end } = window;
  // Joined and not added up: V8 keeps a sum of strings as a tree, which costs 32 bytes for each carriage return.
  const parts: string[] = [];
  let at = start;
  for (;;) {
    const special = nextSpecial(bytes, at, end);
    if (special > at) parts.push(window.slice(at, special, false));
    at = special;
    const byte = bytes[at] as number;
    if (at === end || isUndecided(bytes, at, end))
      return { text: parts.join(''), position: at, isEnd: false };
    if (byte === CR) {
      parts.push('\n');
      at += bytes[at + 1] === LF ? 2 : 1;
    } else if (byte === CLOSE_BRACKET && bytes[at + 1] === CLOSE_BRACKET && bytes[at + 2] === GREATER) {
      if (inCdata) return { text: parts.join(''), position: at + 3, isEnd: true };
      throw malformed('a text holds ]]>');
    } else if (inCdata || byte === CLOSE_BRACKET) {
      parts.push(String.fromCharCode(byte));
      at += 1;
    } else {
      const semicolon = byte === LESS ? at : referenceEnd(bytes, at, end);
      if (semicolon === at) return { text: parts.join(''), position: at, isEnd: false };
      parts.push(toCharacter(window.slice(at + 1, semicolon, false)));
      at = semicolon + 1;
    }
  }
}

/** The next byte that may be more than text; checks those before it. */
function nextSpecial(bytes: Uint8Array, from: number, end: number): number {
  for (let at = from; at < end; at += 1) {
    const kind = TEXT_CLASS[bytes[at] as number];
    if (kind === SPECIAL) return at;
    if (kind === FORBIDDEN || (kind === HIGH && isNonCharacter(bytes, at))) throw forbidden();
  }
  return end;
}

/** Whether a carriage return or `]` may be the beginning of something that has not come yet. */
function isUndecided(bytes: Uint8Array, at: number, end: number): boolean {
  if (bytes[at] === CR) return at + 1 === end;
  if (bytes[at] !== CLOSE_BRACKET) return false;
  return at + 1 === end || (bytes[at + 1] === CLOSE_BRACKET && at + 2 === end);
}

/** Where the `;` of the reference at `at` stands; `at` itself when it has not come yet. */
function referenceEnd(bytes: Uint8Array, at: number, end: number): number {
  for (let position = at + 1; position < end; position += 1) {
    const byte = bytes[position];
    if (byte === SEMICOLON) return position;
    if (byte === LESS || byte === AMPERSAND || position - at > MAX_REFERENCE) throw unended();
  }
  return at;
}
