import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createSeal, createSeals } from '../../../lib/platform/seal.ts';

const SECRET = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZab';
const parts = fc.array(fc.oneof(fc.string({ unit: 'grapheme' }), fc.uint8Array()), { maxLength: 5 });

describe('a seal', () => {
  // Made apart from this code, by the hmac module of Python, as RFC 2104 and RFC 5869 say.
  it.each([
    ['batch/v1', 'vYK3rCuZMyzgoH1e1ZARG5NVJ83n7nVsM5HFz022qvs'],
    ['state/v1', 'dG-hg2w0rABGO2-YiL9kH7fTxo2HQ6L6LNor_qtN3Ec'],
  ] as const)('is that of the RFCs, and stays it: %s', (use, tag) => {
    expect(createSeal(SECRET, use).tagOf(['Vsweep', 'table', Buffer.from('{"a":1}')])).toBe(tag);
  });

  it('fits what it was made of, as text or as bytes', () => {
    fc.assert(
      fc.property(parts, (some) => {
        const { batch } = createSeals(SECRET);
        const asBytes = some.map((part) => Buffer.from(part));
        expect(batch.fits(batch.tagOf(some), asBytes)).toBe(true);
      }),
    );
  });

  it('fits a text of any characters as the bytes of its UTF-8', () => {
    const { batch } = createSeals(SECRET);
    expect(batch.fits(batch.tagOf(['ä', '\u{1f600}']), [Buffer.from('ä'), Buffer.from('\u{1f600}')])).toBe(
      true,
    );
  });

  it('of one list of parts fits no other list, also where their bytes are the same in a row', () => {
    fc.assert(
      fc.property(parts, parts, (some, others) => {
        const bytesOf = (list: typeof some) => JSON.stringify(list.map((part) => [...Buffer.from(part)]));
        fc.pre(bytesOf(some) !== bytesOf(others));
        const { state } = createSeals(SECRET);
        expect(state.fits(state.tagOf(some), others)).toBe(false);
      }),
    );
    const { state } = createSeals(SECRET);
    const tag = state.tagOf(['ab', 'c']);
    for (const others of [['a', 'bc'], ['abc'], ['ab', 'c', ''], ['', 'ab', 'c'], ['c', 'ab']])
      expect(state.fits(tag, others)).toBe(false);
  });

  it('of one use, or of another secret, is none of another', () => {
    const { batch, state } = createSeals(SECRET);
    expect(state.fits(batch.tagOf(['x']), ['x'])).toBe(false);
    expect(createSeals(`${SECRET}b`).batch.fits(batch.tagOf(['x']), ['x'])).toBe(false);
  });

  it('fits in its one spelling only', () => {
    const { batch } = createSeals(SECRET);
    const tag = batch.tagOf(['x']);
    const last = tag.at(-1) ?? '';
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    // The two lowest bits of the last character stand for nothing.
    const sameBytes = alphabet[alphabet.indexOf(last) ^ 1] ?? '';
    const respelled = tag.slice(0, -1) + sameBytes;
    expect(Buffer.from(respelled, 'base64url')).toEqual(Buffer.from(tag, 'base64url'));
    for (const other of [respelled, `${tag}=`, '', tag.slice(0, -1), `${tag}A`, `${tag.slice(0, -1)}ä`])
      expect(batch.fits(other, ['x'])).toBe(false);
  });
});
