import { EventEmitter } from 'node:events';
import type { Server } from 'node:net';
import { describe, expect, it } from 'vitest';
import { listenAt } from '../../../../lib/poll/gateway/endpoint.ts';
import { ByteQueue } from '../../../../lib/poll/gateway/zmtp/byte-queue.ts';
import { commandBytes, parseCommand } from '../../../../lib/poll/gateway/zmtp/commands.ts';
import { frameBytes } from '../../../../lib/poll/gateway/zmtp/frames.ts';
import { createNullMechanism } from '../../../../lib/poll/gateway/zmtp/mechanism.ts';
import { ZmtpPeer } from '../../../../lib/poll/gateway/zmtp/peer.ts';
import { bytesOfMessage, GREETINGS, openingOf } from './zmtp-client.ts';

const hex = (framing: 'v1' | 'v2', length: number, { more = false, command = false } = {}) =>
  Buffer.concat(frameBytes(framing, { more, command, body: Buffer.alloc(length, 0x61) }))
    .toString('hex')
    .replace(/(?:61)+$/, '…');

describe('a frame as it is sent', () => {
  it('has a short header as long as its length fits into a byte, in both framings', () => {
    expect([hex('v1', 1), hex('v1', 253), hex('v1', 254)]).toEqual([
      '0200…',
      'fe00…',
      'ff00000000000000ff00…',
    ]);
    expect([hex('v2', 1), hex('v2', 255), hex('v2', 256)]).toEqual(['0001…', '00ff…', '020000000000000100…']);
    expect([hex('v1', 1, { more: true }), hex('v2', 1, { more: true })]).toEqual(['0201…', '0101…']);
    expect([hex('v2', 1, { command: true }), hex('v2', 256, { more: true, command: true })]).toEqual([
      '0401…',
      '070000000000000100…',
    ]);
  });

  it('of a command has its name and what follows, and a command without a name is none', () => {
    expect(commandBytes('A', Buffer.from('b'), Buffer.from('c')).toString()).toBe('\x01Abc');
    expect(parseCommand(Buffer.from('\x01Abc'))).toEqual({ name: 'A', body: Buffer.from('bc') });
    expect(parseCommand(Buffer.from('\x02AB'))).toEqual({ name: 'AB', body: Buffer.alloc(0) });
    for (const none of ['', '\0', '\0A', '\x02A', '\x01'])
      expect(() => parseCommand(Buffer.from(none, 'latin1'))).toThrow();
  });
});

describe('what a client is sent', () => {
  const SIGNATURE = 'ff00000000000000017f';
  const READY = Buffer.from('\x05READY\x0bSocket-Type\0\0\0\x06ROUTER\x08Identity\0\0\0\0', 'latin1');
  const NEW = `${SIGNATURE}0301${Buffer.from('NULL').toString('hex')}${'00'.repeat(48)}04${READY.length.toString(16)}${READY.toString('hex')}`;

  it.each([
    ['ZMTP 1.0', SIGNATURE],
    ['ZMTP 1.0 with a version', `${SIGNATURE}03060100`],
    ['ZMTP 2.0', `${SIGNATURE}03060000`],
    ['ZMTP 3.0', NEW],
    ['ZMTP 3.1', NEW],
  ] as const)(
    'of %s greets it once, however its bytes come, and then has the parts of a reply',
    (version, greeting) => {
      const { framing } = GREETINGS[version];
      const request = bytesOfMessage(framing, [Buffer.alloc(0), Buffer.from('{}')]);
      const bytes = Buffer.concat([openingOf(version), request]);
      for (const chunks of [[bytes], Array.from(bytes, (byte) => Buffer.of(byte))]) {
        const sent: Buffer[] = [];
        const peer = new ZmtpPeer({
          mechanism: createNullMechanism(),
          send: (some) => void sent.push(Buffer.from(some)),
        });
        let taken: readonly Buffer[] | undefined;
        for (const chunk of chunks) {
          peer.receive(chunk);
          taken = peer.next() ?? taken;
        }
        expect(taken).toEqual([Buffer.alloc(0), Buffer.from('{}')]);
        expect([peer.isReady, peer.heldBytes]).toEqual([true, 0]);
        expect(Buffer.concat(sent).toString('hex')).toBe(greeting);
        sent.length = 0;
        peer.reply([Buffer.alloc(0), Buffer.from('xab').subarray(1)]);
        const reply = framing === 'v1' ? '010103006162' : '010000026162';
        expect(Buffer.concat(sent).toString('hex')).toBe(reply);
      }
    },
  );
});

it('bytes that arrived are read in their order, whatever was taken between', () => {
  const queue = new ByteQueue();
  const [model, read]: [number[], number[]] = [[], []];
  let next = 0;
  for (let step = 0; step < 400; step += 1) {
    const chunk = Uint8Array.from({ length: (step * 37) % 300 }, () => {
      next = (next + 1) % 256;
      return next;
    });
    queue.push(chunk);
    model.push(...chunk);
    const count = Math.min(queue.length, (step * 53) % 290);
    if (count > 0) expect(queue.at(count - 1)).toBe(model[read.length + count - 1]);
    read.push(...queue.take(count));
  }
  read.push(...queue.take(queue.length));
  expect(Buffer.from(read).equals(Buffer.from(model))).toBe(true);
  queue.push(Buffer.from('000000000000000102', 'hex'));
  expect([queue.uint64At(0), queue.uint64At(1), queue.length]).toEqual([1, 258, 9]);
  queue.skip(9);
  expect(queue.length).toBe(0);
});

describe('where the gateway listens', () => {
  /** A server that listens at once, or fails. */
  function serverOf(failure?: Error) {
    const asked: object[] = [];
    let closed = 0;
    const server = Object.assign(new EventEmitter(), {
      listen(options: object) {
        asked.push(options);
        queueMicrotask(() =>
          failure === undefined ? server.emit('listening') : server.emit('error', failure),
        );
      },
      close: () => {
        closed += 1;
      },
      address: () => ({ address: '127.0.0.7', family: 'IPv4', port: 7 }),
    });
    return { server: server as unknown as Server, asked, closed: () => closed };
  }
  const { signal } = new AbortController();

  it.each([
    ['tcp://127.0.0.1:10123', '127.0.0.1', 10_123],
    ['tcp://*:10123', '0.0.0.0', 10_123],
    ['tcp://127.0.0.1:*', '127.0.0.1', 0],
    ['tcp://[::1]:1', '::1', 1],
    ['tcp://lo:1', '127.0.0.1', 1],
    ['tcp://a.example.org:1', 'a.example.org', 1],
  ])('is %s as ZeroMQ writes it', async (endpoint, host, port) => {
    const { server, asked } = serverOf();
    expect(await listenAt(server, endpoint, { signal })).toBe('tcp://127.0.0.7:7');
    expect(asked).toEqual([{ host, port, backlog: 511 }]);
  });

  it('is told with brackets where it is IPv6', async () => {
    const { server } = serverOf();
    const six = Object.assign(server, { address: () => ({ address: '::1', family: 'IPv6', port: 7 }) });
    expect(await listenAt(six, 'tcp://[::1]:*', { signal })).toBe('tcp://[::1]:7');
  });

  it('is another one where it cannot be listened on; nothing is left open', async () => {
    const { server, closed } = serverOf(new Error('EADDRINUSE'));
    await expect(listenAt(server, 'tcp://127.0.0.1:1', { signal })).rejects.toMatchObject({
      code: 'listen',
      message: 'tcp://127.0.0.1:1 cannot be listened on: EADDRINUSE; name another endpoint',
    });
    expect(closed()).toBe(1);
    const aborted = AbortSignal.abort(new Error('over'));
    const other = serverOf();
    await expect(listenAt(other.server, 'tcp://127.0.0.1:1', { signal: aborted })).rejects.toThrow('over');
    expect([other.asked, other.closed()]).toEqual([[], 1]);
  });
});
