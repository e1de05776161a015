import { describe, expect, it } from 'vitest';
import { parseFrames } from '../../../../lib/poll/gateway/frames.ts';
import { ByteQueue } from '../../../../lib/poll/gateway/zmtp/byte-queue.ts';
import { type Framing, frameBytes, takeFrame } from '../../../../lib/poll/gateway/zmtp/frames.ts';
import { endings } from './zmtp-client.ts';

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');

const HEADERS: readonly [Framing, boolean, boolean, number, string][] = [
  ['v1', false, false, 0, '01 00'],
  ['v1', true, false, 0, '01 01'],
  ['v1', false, false, 253, 'fe 00'],
  ['v1', false, false, 254, 'ff 00000000000000ff 00'],
  ['v1', true, false, 255, 'ff 0000000000000100 01'],
  ['v2', false, false, 0, '00 00'],
  ['v2', true, false, 0, '01 00'],
  ['v2', false, true, 1, '04 01'],
  ['v2', true, true, 1, '05 01'],
  ['v2', false, false, 255, '00 ff'],
  ['v2', false, false, 256, '02 0000000000000100'],
  ['v2', true, false, 256, '03 0000000000000100'],
  ['v2', false, true, 256, '06 0000000000000100'],
  ['v2', true, true, 256, '07 0000000000000100'],
];

describe('a frame', () => {
  it.each(HEADERS)('of %s (more: %s, command: %s) with %i bytes begins with %s', (...row) => {
    const [framing, more, command, bytes, header] = row;
    const body = Buffer.alloc(bytes, 'x');
    const written = frameBytes(framing, { more, command, body });
    expect(written).toEqual([hex(header), body]);
    const queue = new ByteQueue();
    const all = Buffer.concat([...written, Buffer.from('!')]);
    // Nothing of it is taken before its last byte has arrived.
    for (const byte of all.subarray(0, -2)) {
      queue.push(Buffer.of(byte));
      expect(takeFrame(queue, framing, () => bytes)).toBeUndefined();
    }
    queue.push(all.subarray(-2));
    expect(takeFrame(queue, framing, () => bytes)).toEqual({ more, command, body });
    expect(queue.length).toBe(1);
  });

  it.each<[string, Framing, string, string | undefined]>([
    ['v1 without the flags that its length counts', 'v1', '00 00', 'not-zmtp'],
    ['v1 without them in 8 bytes', 'v1', 'ff 0000000000000000 00', 'not-zmtp'],
    ['v1 with 6 bytes', 'v1', '07 00', 'message-bytes'],
    ['v1 with 5 bytes', 'v1', '06 00', undefined],
    ['v1 with 6 bytes by its long length', 'v1', 'ff 0000000000000007 00', 'message-bytes'],
    ['v2 with 6 bytes', 'v2', '00 06', 'message-bytes'],
    ['v2 with 5 bytes', 'v2', '00 05', undefined],
    ['v2 with 6 bytes by its long length', 'v2', '02 0000000000000006', 'message-bytes'],
    ['v2 with 5 bytes by its long length', 'v2', '02 0000000000000005', undefined],
    ['v2 that is a command of 4 bytes', 'v2', '04 04', 'message-bytes'],
    ['v2 that is a command of 3 bytes', 'v2', '04 03', undefined],
    ['v2 with all flags', 'v2', '07 0000000000000003', undefined],
    ['v2 with a flag more', 'v2', '08 03', 'not-zmtp'],
  ])('of %s is refused by its header, or waited for', (_what, framing, header, ending) => {
    const queue = new ByteQueue();
    queue.push(hex(header));
    const take = () => takeFrame(queue, framing, (isCommand) => (isCommand ? 3 : 5));
    expect(endings(() => expect(take()).toBeUndefined())).toBe(ending);
  });

  it('of v1 may have flags that nobody knows, which say nothing', () => {
    const queue = new ByteQueue();
    queue.push(hex('02 fe 61 02 ff 62'));
    expect(takeFrame(queue, 'v1', () => 9)).toEqual({ more: false, command: false, body: Buffer.from('a') });
    expect(takeFrame(queue, 'v1', () => 9)).toEqual({ more: true, command: false, body: Buffer.from('b') });
  });
});

describe('a message', () => {
  const parse = (...parts: string[]) => {
    const parsed = parseFrames(parts.map((part) => Buffer.from(part)));
    return parsed && [...parsed.envelope.map(String), `body ${parsed.body}`];
  };

  it.each([
    [
      ['', 'text'],
      ['', 'body text'],
    ],
    [
      ['', ''],
      ['', 'body '],
    ],
    [
      ['one', 'two', '', 'text'],
      ['one', 'two', '', 'body text'],
    ],
  ])('of %j has an envelope and a text', (parts, parsed) => {
    expect(parse(...parts)).toEqual(parsed);
  });

  it.each([
    [[]],
    [['']],
    [['text']],
    [['one', 'text']],
    [['', 'one', 'text']],
    [['', '', 'text']],
    [['one', 'text', '']],
  ])('of %j is no request', (parts) => {
    expect(parse(...parts)).toBeUndefined();
  });
});
