import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commandBytes } from '../../../../lib/poll/gateway/zmtp/commands.ts';
import { type Framing, frameBytes } from '../../../../lib/poll/gateway/zmtp/frames.ts';
import { createNullMechanism } from '../../../../lib/poll/gateway/zmtp/mechanism.ts';
import { MAX_MESSAGE_BYTES, MAX_PARTS, ZmtpPeer } from '../../../../lib/poll/gateway/zmtp/peer.ts';
import { bytesOfMessage, endings, GREETINGS, openingOf } from './zmtp-client.ts';

/** A peer, and all that it sent. */
function startPeer() {
  const sent: Buffer[] = [];
  const peer = new ZmtpPeer({
    mechanism: createNullMechanism(),
    send: (bytes) => sent.push(Buffer.from(bytes)),
  });
  return { peer, sent: () => Buffer.concat(sent) };
}

/** Feeds the chunks and takes every message that is complete. */
function feed(peer: ZmtpPeer, chunks: readonly Uint8Array[]): string[][] {
  const messages: string[][] = [];
  for (const chunk of chunks) {
    peer.receive(chunk);
    for (let message = peer.next(); message !== undefined; message = peer.next()) {
      messages.push(message.map((part) => part.toString('latin1')));
    }
  }
  return messages;
}

const VERSIONS = Object.keys(GREETINGS) as (keyof typeof GREETINGS)[];

describe('messages of a client', () => {
  const message = fc.array(fc.string({ maxLength: 600 }), { minLength: 1, maxLength: MAX_PARTS });

  it.each(VERSIONS)('of %s are the same, however its bytes are cut', (version) => {
    fc.assert(
      fc.property(
        fc.array(message, { maxLength: 6 }),
        fc.infiniteStream(fc.integer({ min: 1, max: 700 })),
        (messages, cuts) => {
          const framing: Framing = GREETINGS[version].framing;
          const bytes = Buffer.concat([
            openingOf(version),
            ...messages.map((parts) =>
              bytesOfMessage(
                framing,
                parts.map((part) => Buffer.from(part, 'latin1')),
              ),
            ),
          ]);
          const chunks: Buffer[] = [];
          for (let at = 0; at < bytes.length; at += chunks.at(-1)?.length ?? 0) {
            chunks.push(bytes.subarray(at, at + (cuts.next().value ?? 1)));
          }
          expect(feed(startPeer().peer, chunks)).toEqual(messages);
        },
      ),
    );
  });

  it.each(VERSIONS)('of %s come byte by byte, too', (version) => {
    const { framing } = GREETINGS[version];
    const bytes = Buffer.concat([
      openingOf(version),
      bytesOfMessage(framing, [Buffer.alloc(0), Buffer.alloc(300, 'x')]),
    ]);
    expect(
      feed(
        startPeer().peer,
        Array.from(bytes, (byte) => Buffer.of(byte)),
      ),
    ).toEqual([['', 'x'.repeat(300)]]);
  });
});

describe('a message beyond its bounds', () => {
  const MAX = MAX_MESSAGE_BYTES;
  const header = (flags: number, length: bigint) => {
    const bytes = Buffer.alloc(9);
    bytes[0] = flags;
    bytes.writeBigUInt64BE(length, 1);
    return bytes;
  };

  it.each([
    ['a length of 2^63', header(2, 2n ** 63n)],
    ['a length of 2^64 - 1', header(2, 2n ** 64n - 1n)],
    ['a byte too much', header(2, BigInt(MAX) + 1n)],
    [
      'parts that are together too large',
      Buffer.concat([header(3, BigInt(MAX)), Buffer.alloc(MAX), Buffer.of(0, 1)]),
    ],
  ])('ends the connection when the header tells of %s', (_what, bytes) => {
    const { peer } = startPeer();
    expect(endings(() => feed(peer, [openingOf('ZMTP 3.1'), bytes]))).toBe('message-bytes');
  });

  it('may have 16 parts and 64 KiB, and no more', () => {
    const parts = Array.from({ length: MAX_PARTS }, () => Buffer.alloc(MAX / MAX_PARTS, 'x'));
    const { peer } = startPeer();
    expect(feed(peer, [openingOf('ZMTP 3.1'), bytesOfMessage('v2', parts)])).toHaveLength(1);
    expect(feed(peer, [bytesOfMessage('v2', parts)])).toHaveLength(1);
    const more = frameBytes('v2', { more: true, command: false, body: Buffer.alloc(0) });
    expect(
      endings(() =>
        feed(
          peer,
          Array.from({ length: MAX_PARTS }, () => Buffer.concat(more)),
        ),
      ),
    ).toBe('message-parts');
  });

  it('is ended also when it has nothing but commands between its parts', () => {
    const { peer } = startPeer();
    const part = Buffer.concat(frameBytes('v2', { more: true, command: false, body: Buffer.alloc(0) }));
    const ping = Buffer.concat(
      frameBytes('v2', { more: false, command: true, body: commandBytes('PING', Buffer.alloc(2)) }),
    );
    const chunks = Array.from({ length: MAX_PARTS }, () => [part, ping]).flat();
    expect(endings(() => feed(peer, [openingOf('ZMTP 3.1'), ...chunks]))).toBe('message-parts');
  });
});

describe('what is no client', () => {
  const ready = (property: Buffer) =>
    Buffer.concat([
      GREETINGS['ZMTP 3.1'].greeting,
      ...frameBytes('v2', { more: false, command: true, body: commandBytes('READY', property) }),
    ]);

  it.each([
    [
      'a command larger than any',
      Buffer.concat([GREETINGS['ZMTP 3.1'].greeting, Buffer.of(6, 0, 0, 0, 0, 0, 0, 0xff, 0xff)]),
      'message-bytes',
    ],
    [
      'a message before its handshake',
      Buffer.concat([GREETINGS['ZMTP 3.1'].greeting, Buffer.of(0, 0)]),
      'not-zmtp',
    ],
    ['flags that nobody knows', Buffer.concat([openingOf('ZMTP 3.1'), Buffer.of(0x80, 0)]), 'not-zmtp'],
    ['a SUB socket', ready(Buffer.from('\x0bSocket-Type\0\0\0\x03SUB', 'latin1')), 'not-zmtp'],
    ['a property cut off', ready(Buffer.from('\x0bSocket-Type\0\0\0\xffREQ', 'latin1')), 'not-zmtp'],
    ['a property without a length', ready(Buffer.from('\x0bSocket', 'latin1')), 'not-zmtp'],
    ['a command without a name', Buffer.concat([openingOf('ZMTP 3.1'), Buffer.of(4, 1, 0)]), 'not-zmtp'],
    [
      'a heartbeat with a long context',
      Buffer.concat([openingOf('ZMTP 3.1'), Buffer.of(4, 24), Buffer.from('\x04PING\0\0'), Buffer.alloc(17)]),
      'not-zmtp',
    ],
    [
      'the mechanism PLAIN',
      Buffer.concat([Buffer.from('ff00000000000000017f0301', 'hex'), Buffer.from('PLAIN'), Buffer.alloc(47)]),
      'mechanism',
    ],
  ])('is disconnected: %s', (_what, bytes, ending) => {
    expect(endings(() => feed(startPeer().peer, [bytes]))).toBe(ending);
  });

  it('gets no further than its bytes allow, whatever they are', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...VERSIONS, undefined),
        fc.uint8Array({ maxLength: 400 }),
        (version, bytes) => {
          const { peer } = startPeer();
          const opening = version === undefined ? Buffer.alloc(0) : openingOf(version);
          expect([undefined, 'not-zmtp', 'mechanism', 'message-bytes', 'message-parts']).toContain(
            endings(() => feed(peer, [opening, bytes])),
          );
        },
      ),
    );
  });
});

it('a heartbeat is answered with its context', () => {
  const { peer, sent } = startPeer();
  feed(peer, [openingOf('ZMTP 3.1')]);
  const before = sent().length;
  feed(peer, [Buffer.of(4, 10), Buffer.from('\x04PING\0\0abc', 'latin1')]);
  expect(sent().subarray(before).toString('latin1')).toBe('\x04\x08\x04PONGabc');
});
