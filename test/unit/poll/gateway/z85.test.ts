import { describe, expect, it } from 'vitest';
import { makeCurveKeys, toCurveKeys } from '../../../../lib/poll/gateway/curve-keys.ts';
import { fromZ85, toZ85 } from '../../../../lib/poll/gateway/zmtp/z85.ts';

describe('keys in Z85', () => {
  it('are five characters for four bytes, as in the examples of RFC 32', () => {
    const example = Buffer.from('864fd26fb559f75b', 'hex');
    expect(toZ85(example)).toBe('HelloWorld');
    expect(fromZ85('HelloWorld')).toEqual(example);
    expect([toZ85(Buffer.alloc(4)), toZ85(Buffer.alloc(4, 0xff))]).toEqual(['00000', '%nSc0']);
    expect(fromZ85('%nSc0')).toEqual(Buffer.alloc(4, 0xff));
    expect(toZ85(Buffer.from([1, 2, 3, 4, 0x86, 0x4f, 0xd2, 0x6f]).subarray(4))).toBe('Hello');
    expect(fromZ85('')).toEqual(Buffer.alloc(0));
    for (const none of ['%nSc1', '#####', 'Hell', 'HelloWorl', 'Hell~', 'Hell '])
      expect(fromZ85(none)).toBeUndefined();
  });

  it('come back from what was made, and admit whom they name', () => {
    const [own, client] = [makeCurveKeys(), makeCurveKeys()];
    expect([own.publicKey.length, own.secretKey.length]).toEqual([40, 40]);
    expect(own.publicKey).not.toBe(client.publicKey);
    const keys = toCurveKeys(own.secretKey, [client.publicKey, 'no key']);
    expect(keys.publicKey).toBe(own.publicKey);
    expect(keys.newMechanism()).toMatchObject({ name: 'CURVE', overhead: 33 });
    expect(() => toCurveKeys('no key', [])).toThrow();
  });
});
