import { describe, expect, it } from 'vitest';
import { cutAt, scan, whyRefused } from './xml-events.ts';

const TAG_BYTES = 64 * 1024;
const prefixes = (count: number) =>
  Array.from({ length: count }, (_, index) => ` xmlns:p${index}="u"`).join('');

/** What is taken, what is one more than that, and what is said of it. */
const LIMITS: Readonly<Record<string, readonly [taken: string, refused: string, why: string]>> = {
  // The byte before a name counts.
  'a name': [`<${'a'.repeat(999)}/>`, `<${'a'.repeat(1_000)}/>`, 'one of its names is too long'],
  'the name of an instruction': [
    `<a><?${'x'.repeat(998)} ?></a>`,
    `<a><?${'x'.repeat(999)} ?></a>`,
    'one of its names is too long',
  ],
  'a tag': [
    `<a x="${'x'.repeat(TAG_BYTES - 8)}"></a>`,
    `<a x="${'x'.repeat(TAG_BYTES - 7)}"></a>`,
    'one of its tags is too long',
  ],
  'an end tag': [
    `<a></a${' '.repeat(TAG_BYTES - 4)}>`,
    `<a></a${' '.repeat(TAG_BYTES - 3)}>`,
    'one of its tags is too long',
  ],
  // The prefix xml is always there.
  prefixes: [`<a${prefixes(255)}/>`, `<a${prefixes(256)}/>`, 'it declares too many prefixes'],
  'a prefix with its namespace': [
    `<a xmlns:p="${'u'.repeat(999)}"/>`,
    `<a xmlns:p="${'u'.repeat(1_000)}"/>`,
    'the name of one of its namespaces is too long',
  ],
  // With its &, and without its ;.
  'a reference': [
    `<a>&#${'0'.repeat(29)}65;</a>`,
    `<a>&#${'0'.repeat(31)}65;</a>`,
    'an & does not begin a reference',
  ],
  'a reference in an attribute': [
    `<a x="&#${'0'.repeat(29)}65;"/>`,
    `<a x="&#${'0'.repeat(30)}65;"/>`,
    'an & does not begin a reference',
  ],
};

describe('what a document may have at most', () => {
  it.each(Object.entries(LIMITS))(
    'of %s is taken, and refused with one more',
    (_what, [taken, refused, why]) => {
      expect(whyRefused(Buffer.from(taken))).toBeUndefined();
      expect(whyRefused(Buffer.from(refused))?.replace(/^[a-z-]+: /, '')).toBe(why);
      // The same where it comes in pieces.
      const inPieces = (document: string) => scan(cutAt(Buffer.from(document), [5, 40, 997, 1_001, 30_000]));
      expect(inPieces(taken)).toBeDefined();
      expect(inPieces(refused)).toBeUndefined();
    },
  );
});
