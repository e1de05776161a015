import { describe, expect, it } from 'vitest';
import { readMessage } from '../../../../lib/sinks/otlp/read-message.ts';

const of = (...hex: readonly string[]) => readMessage(Buffer.from(hex.join(''), 'hex'));

describe('the fields of a message', () => {
  it.each<[what: string, hex: string, field: number, value: bigint | string]>([
    ['a number of one byte', '087f', 1, 127n],
    ['a number of two bytes', '08ac02', 1, 300n],
    ['a number of 64 bits', `08${'ff'.repeat(9)}01`, 1, 2n ** 64n - 1n],
    ['a number whose bits beyond 64 are none', `08${'ff'.repeat(9)}7f`, 1, 2n ** 64n - 1n],
    ['eight bytes, the lowest first', '110100000000000080', 2, 2n ** 63n + 1n],
    ['four bytes, the lowest first', '1d01000080', 3, 2n ** 31n + 1n],
    ['bytes', '2203616263', 4, 'abc'],
    ['no bytes', '2200', 4, ''],
    ['the largest number of a field', 'f8ffffff0f05', 2 ** 29 - 1, 5n],
  ])('have %s', (_what, hex, field, value) => {
    const fields = of(hex) ?? [];
    expect(
      fields.map((one) => [
        one.field,
        typeof one.value === 'bigint' ? one.value : Buffer.from(one.value).toString(),
      ]),
    ).toEqual([[field, value]]);
  });

  it('stand in the order in which they came, also where a message begins in the middle of memory', () => {
    const bytes = Buffer.from('ffffff0801110200000000000000' + '1d03000000' + '220161' + '0804', 'hex');
    expect(readMessage(bytes.subarray(3))).toEqual([
      { field: 1, value: 1n },
      { field: 2, value: 2n },
      { field: 3, value: 3n },
      { field: 4, value: Buffer.from('a') },
      { field: 1, value: 4n },
    ]);
    expect(of()).toEqual([]);
  });

  it.each([
    ['a tag without a value', '08'],
    ['a number without its end', '08ff'],
    ['a number of eleven bytes', `08${'ff'.repeat(10)}01`],
    ['seven bytes of eight', '1101020304050607'],
    ['three bytes of four', '1d010203'],
    ['bytes without a length', '22'],
    ['one byte less than its length', '22036162'],
    ['the number of no field', '0001'],
    ['the number of no field, of bytes', '0200'],
    ['a number of a field that is too large', '808080801001'],
    ['the begin of a group', '0b'],
    ['the end of a group', '0c'],
    ['a type that is none', '0e01'],
    ['another type that is none', '0f01'],
    ['something behind a whole field', '087f08'],
  ])('are none of %s', (_what, hex) => {
    expect(of(hex)).toBeUndefined();
  });
});
