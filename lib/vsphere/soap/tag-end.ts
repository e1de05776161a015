import { INCOMPLETE, type Utf8Window } from './utf8-window.ts';
import { DOUBLE_QUOTE, GREATER, SINGLE_QUOTE } from './xml-characters.ts';
import { XmlError } from './xml-error.ts';

/** How far the end of the tag that is being read was looked for, so that no byte is looked at twice. */
export interface TagEndSearch {
  /** From the tag's beginning; 0 at the start. */
  distance: number;
  /** The quote that is open, or 0. */
  quote: number;
}

const TAG_BYTES = 64 * 1024;

/** The position of the `>` that ends the tag at `token`, which is no quoted one; INCOMPLETE when it did not come yet. */
export function findTagEnd(
  { bytes, end }: Utf8Window,
  { token, from, search }: { token: number; from: number; search: TagEndSearch },
): number {
  let { quote } = search;
  // The same limit whether the tag comes in one piece or in many.
  const last = Math.min(end, token + TAG_BYTES);
  for (let at = Math.max(from, token + search.distance); at < last; at += 1) {
    const byte = bytes[at] as number;
    if (quote !== 0) {
      if (byte === quote) quote = 0;
    } else if (byte === GREATER) {
      search.distance = 0;
      search.quote = 0;
      return at;
    } else if (byte === DOUBLE_QUOTE || byte === SINGLE_QUOTE) quote = byte;
  }
  if (last < end) throw new XmlError('too-large', 'one of its tags is too long');
  search.distance = last - token;
  search.quote = quote;
  return INCOMPLETE;
}
