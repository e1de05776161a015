import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { RepeatedTexts } from '../../../../lib/vsphere/soap/repeated-texts.ts';

/** Few that are alike, so that many come again and many have the place of another one. */
const text = fc.oneof(
  fc.constantFrom(
    'Sensor is operating under normal conditions',
    'Sensor is operating under normal condition',
  ),
  fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 12, maxLength: 14 }),
  fc.string({ unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)) }),
  fc.constantFrom('x'.repeat(64), 'x'.repeat(65)),
);

describe('texts that come again', () => {
  it('are those of their bytes, whatever came before', () => {
    fc.assert(
      fc.property(fc.array(text, { maxLength: 3_000, size: 'max' }), (texts) => {
        const repeated = new RepeatedTexts();
        for (const one of texts) {
          const bytes = Buffer.from(`<${one}>`);
          expect(repeated.get(bytes, 1, bytes.length - 1)).toBe(one);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('are made of the bytes twice at most', () => {
    const repeated = new RepeatedTexts();
    const bytes = Buffer.from('Sensor is operating under normal conditions');
    const toText = vi.spyOn(bytes, 'toString');
    for (let times = 0; times < 10; times += 1) repeated.get(bytes, 0, bytes.length);
    expect(toText).toHaveBeenCalledTimes(2);
  });

  it('do not take the place of what differs from them', () => {
    const repeated = new RepeatedTexts();
    const of = (one: string) => repeated.get(Buffer.from(one), 0, one.length);
    const words = Array.from({ length: 5_000 }, (_, index) => `a text with number ${index}`);
    for (let round = 0; round < 3; round += 1) for (const word of words) expect(of(word)).toBe(word);
  });
});
