import { describe, expect, it } from 'vitest';
import { createMessageBytes, putBytes, reserve } from '../../../lib/sinks/http/message-bytes.ts';

describe('the memory of a message', () => {
  it('is used as far as it goes, and then twice as large, or as large as is needed', () => {
    const into = createMessageBytes(10);
    const first = into.bytes;
    first.fill(7);
    into.length = 4;
    reserve(into, 6);
    expect(into.bytes).toBe(first);
    reserve(into, 7);
    expect([into.bytes.length, [...into.bytes.subarray(0, 4)]]).toEqual([20, [7, 7, 7, 7]]);
    reserve(into, 100);
    expect([into.bytes.length, [...into.bytes.subarray(0, 4)]]).toEqual([104, [7, 7, 7, 7]]);
  });

  it('takes bytes of another one behind its own', () => {
    for (const length of [1, 64, 65, 200]) {
      const into = createMessageBytes(1 + length);
      into.bytes[0] = 9;
      into.length = 1;
      putBytes(into, { bytes: Buffer.alloc(300, 5), length });
      expect([into.length, into.bytes[0], into.bytes.subarray(1).every((byte) => byte === 5)]).toEqual([
        1 + length,
        9,
        true,
      ]);
    }
  });
});
