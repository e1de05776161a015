import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createLineLog } from '../../../lib/platform/log.ts';
import type { CrowdLimits } from '../../../lib/poll/gateway/crowd.ts';
import { type ClientsOptions, serveClients } from '../../../lib/poll/gateway/serve-clients.ts';
import { createNullMechanism } from '../../../lib/poll/gateway/zmtp/mechanism.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { bytesOfMessage, openingOf } from '../../unit/poll/gateway/zmtp-client.ts';
import { eventually } from '../vsphere/demo-target.ts';

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

const LIMITS: CrowdLimits = { all: 10, perAddress: 8, unreadBytes: 1e9, heldBytes: 1e9 };
const OPENING = openingOf('ZMTP 3.1');
const ask = (body: string) => bytesOfMessage('v2', [Buffer.alloc(0), Buffer.from(body)]);

/** An endpoint whose time the test moves, what it tells, and clients that connect once. */
async function start(options: Partial<ClientsOptions> = {}) {
  const stop = new AbortController();
  cleanups.push(() => stop.abort(new Error('the test is over')));
  const clock = createManualClock();
  const told: string[] = [];
  const lines: string[] = [];
  const server = await serveClients(
    {
      endpoint: 'tcp://127.0.0.1:*',
      answer: async (body) => `${Buffer.from(body)}!`,
      atOnce: 4,
      clock,
      log: createLineLog({ write: (line) => lines.push(line), level: 'debug' }),
      observe: {
        connected: () => told.push('connected'),
        disconnected: () => told.push('disconnected'),
        ended: (why) => told.push(`ended: ${why}`),
      },
      limits: LIMITS,
      ...options,
    },
    stop,
  );
  const port = Number(new URL(server.endpoint).port);
  const open = async (...bytes: Uint8Array[]) => {
    const socket = connect(port, '127.0.0.1').on('error', () => undefined);
    cleanups.push(() => void socket.destroy());
    const read: Buffer[] = [];
    socket.on('data', (chunk) => read.push(chunk));
    const closed = new Promise<void>((resolve) => socket.on('close', () => resolve()));
    await once(socket, 'connect');
    socket.write(Buffer.concat([OPENING, ...bytes]));
    return { socket, closed, has: (text: string) => eventually(() => Buffer.concat(read).includes(text)) };
  };
  /** So many seconds pass, one after the other. */
  const pass = async (seconds: number) => {
    for (let count = 0; count < seconds; count += 1) {
      await eventually(() => clock.sleepers() > 0);
      clock.advance(1_000);
      await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    }
  };
  return { server, stop, clock, told, lines, open, pass, port };
}

describe('an endpoint', () => {
  it('answers its clients, and tells of each that comes and goes', async () => {
    const { server, told, lines, open } = await start();
    expect(server.endpoint).toMatch(/^tcp:\/\/127\.0\.0\.1:\d+$/);
    const client = await open(ask('hello'));
    await client.has('\0\x06hello!');
    expect(told).toEqual(['connected']);
    client.socket.destroy();
    await eventually(() => told.length === 2);
    expect(told).toEqual(['connected', 'disconnected']);
    expect(lines).toEqual([]);
  });

  it('ends a client whose handshake is not over after 10 s, and tells where it came from', async () => {
    const { server, told, lines, pass, port } = await start({ endpoint: 'tcp://[::]:*' });
    expect(server.endpoint).toMatch(/^tcp:\/\/\[::\]:\d+$/);
    const socket = connect(port, '127.0.0.1').resume();
    await eventually(() => told.length === 1);
    await pass(10);
    expect(told).toEqual(['connected']);
    await pass(1);
    await once(socket, 'close');
    expect(told).toEqual(['connected', 'disconnected', 'ended: handshake']);
    expect(lines).toEqual([
      `warn  a client was disconnected: it did not finish the handshake within 10 s address="127.0.0.1" endpoint="${server.endpoint}" reason="handshake"`,
    ]);
  });

  it('logs what was not answered, what is no request, and faults of its own', async () => {
    let handshakes = 0;
    const { lines, open, told } = await start({
      answer: async (body) => {
        if (`${Buffer.from(body)}` === 'bad') throw new Error('no answer');
        return 'good reply';
      },
      newMechanism() {
        handshakes += 1;
        if (handshakes === 1) return createNullMechanism();
        return {
          ...createNullMechanism(),
          shake() {
            throw new Error('a fault of ours');
          },
        };
      },
    });
    const client = await open(bytesOfMessage('v2', [Buffer.from('stray')]), ask('bad'), ask('good'));
    await client.has('good reply');
    await open();
    await eventually(() => told.includes('ended: fault'));
    expect(lines.slice(0, 3)).toEqual([
      'debug a message without the envelope of a REQ socket was dropped frames=1',
      'error a request was not answered error="no answer"',
      'error internal error with a client address="127.0.0.1" error="a fault of ours"',
    ]);
  });
});

describe('seats of an endpoint', () => {
  const two: CrowdLimits = { ...LIMITS, perAddress: 2 };

  it('that one leaves are taken by who waits', async () => {
    const { open, told } = await start({ limits: two });
    const [first, second] = [await open(), await open()];
    for (const client of [first, second]) await client.has('READY');
    const third = await open(ask('third'));
    await eventually(() => told.length === 3);
    second.socket.destroy();
    await third.has('third!');
    expect(told).toEqual(['connected', 'connected', 'connected', 'disconnected']);
  });

  it('are kept by who asked last, when one is needed after 30 s', async () => {
    const { open, told, pass } = await start({ limits: two });
    const first = await open();
    await first.has('READY');
    const second = await open();
    await second.has('READY');
    await pass(1);
    first.socket.write(ask('one'));
    await first.has('one!');
    await pass(30);
    const third = await open(ask('third'));
    await eventually(() => told.length === 3);
    await pass(1);
    await third.has('third!');
    await second.closed;
    expect(told.slice(3)).toEqual(['disconnected', 'ended: crowd']);
    expect(first.socket.destroyed).toBe(false);
  });

  it('are lost when all together leave too much unread, as soon as a reply comes', async () => {
    const { open, told } = await start({
      limits: { ...LIMITS, unreadBytes: 100_000 },
      answer: async () => 'x'.repeat(200_000),
    });
    await open(ask('much'));
    await eventually(() => told.length === 3);
    expect(told).toEqual(['connected', 'disconnected', 'ended: unread-replies']);
  });

  it('are lost when all together keep too much here, with the next second', async () => {
    const { open, told, pass } = await start({ limits: { ...LIMITS, heldBytes: 1_000 } });
    const client = await open(ask('x'.repeat(5_000)).subarray(0, 4_000));
    await client.has('READY');
    expect(told).toEqual(['connected']);
    await eventually(() => client.socket.writableLength === 0);
    await pass(2);
    await eventually(() => told.length === 3);
    expect(told).toEqual(['connected', 'disconnected', 'ended: crowd']);
  });
});

describe('an endpoint that is stopped', () => {
  it('answers what is in hand, takes no other client, and is over', async () => {
    const release = Promise.withResolvers<string>();
    const { server, stop, open, told, port, clock } = await start({
      limits: { ...LIMITS, perAddress: 1 },
      answer: () => release.promise,
    });
    const client = await open(ask('last'));
    await client.has('READY');
    const waiting = await open();
    await eventually(() => told.length === 2);
    stop.abort(new Error('stopped'));
    await waiting.closed;
    const refused = connect(port, '127.0.0.1');
    const [error] = await once(refused, 'error');
    expect(error).toMatchObject({ code: 'ECONNREFUSED' });
    let isDone = false;
    server.done.then(
      () => {
        isDone = true;
      },
      () => undefined,
    );
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(isDone).toBe(false);
    release.resolve('the last reply');
    await client.has('the last reply');
    await server.done;
    await client.closed;
    expect(told).toEqual(['connected', 'connected', 'disconnected', 'disconnected']);
    await eventually(() => clock.sleepers() === 0);
  });

  it('waits for a client that does not read for 1 s, and cuts it then', async () => {
    const { server, stop, open, clock } = await start({ answer: async () => 'x'.repeat(15 * 1024 * 1024) });
    const client = await open();
    await client.has('READY');
    client.socket.pause();
    client.socket.write(ask('much'));
    await new Promise((resolve) => setTimeout(resolve, 100));
    stop.abort(new Error('stopped'));
    // The tick, and the wait for the last replies.
    await eventually(() => clock.sleepers() === 2);
    expect(clock.nextInMs()).toBe(1_000);
    clock.advance(1_000);
    await server.done;
    client.socket.resume();
    await client.closed;
    await eventually(() => clock.sleepers() === 0);
  });

  it('fails when its clock does, and can be disposed of', async () => {
    const clock = { ...createManualClock(), sleep: () => Promise.reject(new Error('no time')) };
    const { server } = await start({ clock });
    await expect(server.done).rejects.toThrow('no time');
    await server[Symbol.asyncDispose]();
  });
});
