import { INCOMPLETE, type Utf8Window } from './utf8-window.ts';
import { checkCharacters, DASH, GREATER, isSpace, NAME_BYTE, QUESTION } from './xml-characters.ts';
import { checkDeclaration } from './xml-declaration.ts';
import { malformed, XmlError } from './xml-error.ts';
import { isTarget } from './xml-name.ts';

export interface Skipped {
  /** Behind what was skipped; what may begin the end and is not whole yet is left for the next time. */
  readonly position: number;
  readonly isEnd: boolean;
}

const TARGET_BYTES = 1_000;
const DECLARATION_BYTES = 1_000;

/** Skips the inside of a comment as far as it has come. */
export function skipComment({ bytes, end }: Utf8Window, from: number): Skipped {
  for (let at = from; at < end; at += 1) {
    if (bytes[at] !== DASH) continue;
    if (at + 1 < end && bytes[at + 1] !== DASH) continue;
    checkCharacters(bytes, from, at);
    if (at + 2 >= end) return { position: at, isEnd: false };
    if (bytes[at + 2] !== GREATER) throw malformed('a comment holds --');
    return { position: at + 3, isEnd: true };
  }
  checkCharacters(bytes, from, end);
  return { position: end, isEnd: false };
}

/** Skips the inside of a processing instruction as far as it has come. */
export function skipInstruction({ bytes, end }: Utf8Window, from: number): Skipped {
  for (let at = from; at < end; at += 1) {
    if (bytes[at] !== QUESTION || (at + 1 < end && bytes[at + 1] !== GREATER)) continue;
    checkCharacters(bytes, from, at);
    return at + 1 === end ? { position: at, isEnd: false } : { position: at + 2, isEnd: true };
  }
  checkCharacters(bytes, from, end);
  return { position: end, isEnd: false };
}

/**
 * Reads what stands at a `<?`: the whole XML declaration, which only the start of a document may have, or the name of
 * an instruction that follows.
 */
export function readTarget(
  window: Utf8Window,
  { at, isStart }: { at: number; isStart: boolean },
): { position: number; isInstruction: boolean } {
  const { bytes, end } = window;
  let nameEnd = at + 2;
  while (nameEnd < end && NAME_BYTE[bytes[nameEnd] as number] === 1) nameEnd += 1;
  if (nameEnd - at > TARGET_BYTES) throw new XmlError('too-large', 'one of its names is too long');
  if (nameEnd + 1 >= end) return { position: INCOMPLETE, isInstruction: false };
  const name = window.slice(at + 2, nameEnd, false);
  const isFollowed =
    isSpace(bytes[nameEnd]) || (bytes[nameEnd] === QUESTION && bytes[nameEnd + 1] === GREATER);
  if (isStart && name === 'xml') {
    return { position: readDeclaration(window, { at, from: nameEnd }), isInstruction: false };
  }
  if (!isFollowed || !isTarget(name))
    throw malformed('one of its processing instructions has no proper name');
  return { position: nameEnd, isInstruction: true };
}

function readDeclaration({ bytes, end }: Utf8Window, { at, from }: { at: number; from: number }): number {
  const last = Math.min(end, at + DECLARATION_BYTES);
  const close = bytes.subarray(from, last).indexOf('?>');
  if (close !== -1) {
    checkDeclaration(bytes.toString('utf8', from, from + close));
    return from + close + 2;
  }
  if (last < end) throw new XmlError('too-large', 'its XML declaration is too long');
  return INCOMPLETE;
}
