import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { BatchError } from '../../../lib/sweep/errors.ts';
import { pack, packWithin, unpack } from '../../../lib/sweep/payload.ts';

const NAME = { what: 'the result', version: 3 };
const TEXT = z.strictObject({ text: z.string() });
const bytesOf = (value: unknown) => Buffer.from(JSON.stringify(value));
const gzip = (value: unknown) => gzipSync(JSON.stringify(value)).toString('base64');
const unpacked = (value: unknown) => unpack(bytesOf(value), TEXT, NAME);

describe('pack', () => {
  it('keeps a small value readable, and makes a large one smaller than it is', () => {
    const text = 'x'.repeat(200_000);
    expect(JSON.parse(Buffer.from(pack({ text: 'x' })).toString())).toEqual({ text: 'x' });
    expect(pack({ text }).length).toBeLessThan(10_000);
    expect(unpack(pack({ text }), TEXT, NAME)).toEqual({ text });
  });

  it('is compressed from 100,000 bytes on, and not before', () => {
    const ofLength = (length: number) => ({ text: 'x'.repeat(length - '{"text":""}'.length) });
    expect(pack(ofLength(99_999))).toHaveLength(99_999);
    expect(pack(ofLength(100_000)).length).toBeLessThan(1_000);
  });
});

describe('packWithin', () => {
  it('has what unpack takes, and nothing of a value that is larger than 32,000,000 bytes', () => {
    const ofLength = (length: number) => ({ text: 'x'.repeat(length - '{"text":""}'.length) });
    const largest = ofLength(32_000_000);
    expect(unpack(packWithin(largest) ?? Buffer.of(), TEXT, NAME)).toEqual(largest);
    expect(packWithin(ofLength(32_000_001))).toBeUndefined();
  });
});

describe('unpack', () => {
  it('refuses a value that unfolds to more than 32,000,000 bytes, however small it came', () => {
    const bomb = pack({ text: 'x'.repeat(32_000_001) });
    expect(bomb.length).toBeLessThan(100_000);
    expect(() => unpack(bomb, TEXT, NAME)).toThrow(
      new BatchError(`the result: ${bomb.length} bytes that are not JSON of the contract`),
    );
  });

  it('takes for compressed only what is nothing else: another key beside it is a fault, not unread', () => {
    expect(unpacked({ gzip: gzip({ text: 'x' }) })).toEqual({ text: 'x' });
    expect(() => unpacked({ gzip: gzip({ text: 'x' }), text: 'y' })).toThrow(
      /^the result: not of version 3: /,
    );
    expect(() => unpacked({ gzip: 7 })).toThrow(/^the result: not of version 3: /);
  });

  it.each([[null], ['text'], [7], [[]]])('says of %j that it is not of the version', (value) => {
    expect(() => unpacked(value)).toThrow(/^the result: not of version 3: : /);
  });

  it('quotes nothing of what it could not read, because a request holds a ticket', () => {
    const secret = Buffer.from('{"ticket":"cst-VCT-5219"');
    const message = 'the result: 24 bytes that are not JSON of the contract';
    expect(() => unpack(secret, TEXT, NAME)).toThrow(new BatchError(message));
  });

  it('says where a value is not of the contract, in 200 characters at most', () => {
    expect(() => unpacked({ text: 7 })).toThrow(/^the result: not of version 3: text: /);
    const key = 'k'.repeat(5_000);
    expect(() => unpacked({ text: 'x', [key]: 1 })).toThrow(/^the result: not of version 3: .{200}$/s);
  });
});
