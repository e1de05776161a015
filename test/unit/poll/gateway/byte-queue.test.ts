import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ByteQueue } from '../../../../lib/poll/gateway/zmtp/byte-queue.ts';

const queueOf = (...chunks: readonly string[]) => {
  const queue = new ByteQueue();
  for (const chunk of chunks) queue.push(Buffer.from(chunk, 'latin1'));
  return queue;
};

it('bytes leave in the order of coming, however they are cut on either side', () => {
  const step = fc.oneof(
    fc.record({ push: fc.uint8Array({ maxLength: 9_000 }) }),
    fc.record({ take: fc.double({ min: 0, max: 1, noNaN: true }) }),
    fc.record({ skip: fc.double({ min: 0, max: 1, noNaN: true }) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const queue = new ByteQueue();
      let expected = Buffer.alloc(0);
      for (const one of steps) {
        if ('push' in one) {
          queue.push(one.push);
          expected = Buffer.concat([expected, one.push]);
        } else {
          const count = Math.floor(('take' in one ? one.take : one.skip) * expected.length);
          if ('skip' in one) queue.skip(count);
          else expect(queue.take(count).equals(expected.subarray(0, count))).toBe(true);
          expected = expected.subarray(count);
        }
        expect(queue.length).toBe(expected.length);
        if (expected.length > 0) {
          expect([queue.at(0), queue.at(expected.length - 1)]).toEqual([expected[0], expected.at(-1)]);
        }
      }
    }),
    { numRuns: 50 },
  );
});

it('what is read without being taken is counted from the next byte', () => {
  const queue = queueOf('ab', '\0\0\0\0\0\0\x01\x02c');
  queue.skip(1);
  expect(queue.at(0)).toBe(0x62);
  expect(queue.uint64At(1)).toBe(258);
  expect(queue.at(9)).toBe(0x63);
  expect(queue.length).toBe(10);
});

it('what was taken is a copy, which later bytes do not change', () => {
  const queue = queueOf('abcd');
  const taken = queue.take(2);
  queue.take(2);
  queue.push(Buffer.from('efgh'));
  expect(taken.toString()).toBe('ab');
});

it('holds no memory when all was taken, and little more than what has arrived', () => {
  recordingMemory((held) => {
    const queue = new ByteQueue();
    // Up to 4 KiB, twice what is needed; beyond it, 4 KiB more.
    queue.push(Buffer.alloc(10));
    for (let count = 0; count < 10; count += 1) queue.push(Buffer.of(1));
    expect(held).toEqual([20]);
    queue.push(Buffer.of(1));
    expect(held).toEqual([20, 42]);
    queue.push(Buffer.alloc(10_000 - 21));
    expect(held).toEqual([20, 42, 14_096]);
    queue.push(Buffer.alloc(4_096));
    expect(held).toHaveLength(3);
    queue.take(14_096);
    queue.push(Buffer.of(1));
    expect(held).toEqual([20, 42, 14_096, 2]);
  });
});

it('uses its memory again when at least half of it was taken, and new memory otherwise', () => {
  recordingMemory((held) => {
    const half = queueOf('abcdefgh', '12345678');
    expect(held).toEqual([16]);
    half.skip(8);
    half.push(Buffer.from('ABCDEFGH'));
    expect(held).toEqual([16]);
    expect(half.take(16).toString()).toBe('12345678ABCDEFGH');
    const less = queueOf('abcdefgh', '12345678');
    less.skip(7);
    less.push(Buffer.from('A'));
    expect(held).toEqual([16, 16, 20]);
    expect(less.take(10).toString()).toBe('h12345678A');
  });
});

/** Calls it with the sizes of the buffers that are made meanwhile. */
function recordingMemory(work: (held: readonly number[]) => void): void {
  const held: number[] = [];
  const original = Buffer.allocUnsafeSlow;
  Buffer.allocUnsafeSlow = (size: number) => {
    held.push(size);
    return original(size);
  };
  try {
    work(held);
  } finally {
    Buffer.allocUnsafeSlow = original;
  }
}
