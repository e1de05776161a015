/**
 * Characters that a person does not see, and that a terminal, a page or a log may act upon: controls (C0, C1), line and
 * paragraph separators, marks that turn the direction of writing, halves of a pair.
 */
const UNSEEN = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;

/** One line for a cell or a sentence: names come from peers, and none of them may begin a line or turn one round. */
export const toPrintable = (text: string): string => text.replace(UNSEEN, ' ');

/**
 * Text of several lines for a terminal or a log: what is not seen is shown as `\u009b`, but for line feed and tab. In a
 * JSON document that is the same value, because `JSON.stringify` leaves such characters in strings only.
 */
export const escapeUnseen = (text: string): string =>
  text.replace(UNSEEN, (one) =>
    one === '\n' || one === '\t' ? one : `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
