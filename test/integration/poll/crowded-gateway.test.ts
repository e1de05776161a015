import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { context, Dealer, Request } from 'zeromq';
import { systemClock } from '../../../lib/platform/clock.ts';
import { silentLog } from '../../../lib/platform/log.ts';
import type { CrowdLimits } from '../../../lib/poll/gateway/crowd.ts';
import { makeCurveKeys, toCurveKeys } from '../../../lib/poll/gateway/curve-keys.ts';
import { type ClientsOptions, serveClients } from '../../../lib/poll/gateway/serve-clients.ts';
import { bytesOfMessage, openingOf } from '../../unit/poll/gateway/zmtp-client.ts';
import { eventually } from '../vsphere/demo-target.ts';

// All sockets of libzmq in this process.
context.maxSockets = 4_096;

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

const SMALL: CrowdLimits = { all: 5, perAddress: 4, unreadBytes: 1e8, heldBytes: 1e8 };

async function start(options: Partial<ClientsOptions> = {}) {
  const stop = new AbortController();
  cleanups.push(() => stop.abort(new Error('the test is over')));
  const seen = { connected: 0, disconnected: 0, ended: [] as string[] };
  const observe = {
    connected() {
      seen.connected += 1;
    },
    disconnected() {
      seen.disconnected += 1;
    },
    ended: (why: string) => void seen.ended.push(why),
  };
  const common = { endpoint: 'tcp://127.0.0.1:*', atOnce: 512, clock: systemClock, log: silentLog, observe };
  const answer = async (body: Uint8Array) => `${Buffer.from(body)}!`;
  const { endpoint } = await serveClients({ ...common, answer, ...options }, stop);
  return { endpoint, seen };
}

const MESSAGE = bytesOfMessage('v2', [Buffer.alloc(0), Buffer.from('x')]);

/** A client that connects once, and what it read. */
function open(endpoint: string, bytes: Uint8Array) {
  const socket: Socket = connect(Number(new URL(endpoint).port), '127.0.0.1').on('error', () => undefined);
  cleanups.push(() => void socket.destroy());
  const read: Buffer[] = [];
  socket.on('data', (chunk) => read.push(chunk));
  socket.write(bytes);
  return { socket, read: () => Buffer.concat(read) };
}

const pause = (ms: number) => systemClock.sleep(ms, new AbortController());

function dealer(endpoint: string, options: ConstructorParameters<typeof Dealer>[0] = {}) {
  const socket = new Dealer({ linger: 0, receiveTimeout: 50_000, ...options });
  cleanups.push(() => socket.close());
  socket.connect(endpoint);
  return socket;
}

describe('a crowded endpoint', () => {
  it('answers each of 2,000 clients of one address, and ends none', async () => {
    const { endpoint, seen } = await start();
    const clients = Array.from({ length: 2_000 }, () => dealer(endpoint));
    const replies = await Promise.all(
      clients.map(async (client, index) => {
        await client.send(['', `${index}`]);
        return String((await client.receive())[1]);
      }),
    );
    expect(replies).toEqual(clients.map((_, index) => `${index}!`));
    expect(seen).toMatchObject({ connected: 2_000, ended: [] });
  });

  it('lets one too many wait, unread, while the others asked lately, and seats it when one goes', async () => {
    const { endpoint, seen } = await start({ limits: SMALL });
    const first = Array.from({ length: 4 }, () => open(endpoint, openingOf('ZMTP 3.1')));
    await eventually(() => first.every(({ read }) => read().length > 64));
    const late = open(endpoint, Buffer.concat([openingOf('ZMTP 3.1'), MESSAGE]));
    await eventually(() => seen.connected === 5);
    await pause(2_500);
    expect(late.read()).toHaveLength(0);
    expect(seen.disconnected).toBe(0);
    first[2]?.socket.destroy();
    await eventually(() => late.read().includes('x!'));
    expect(seen.ended).toEqual([]);
  });

  it('costs next to nothing with one client too many: no two displace each other in turn', async () => {
    const { endpoint, seen } = await start({ limits: SMALL });
    const clients = Array.from({ length: 8 }, () => dealer(endpoint));
    await eventually(() => seen.connected === 8);
    await pause(3_000);
    expect(seen).toMatchObject({ connected: 8, disconnected: 0 });
    expect(clients).toHaveLength(8);
  });
});

describe('a gateway whose places are all taken', () => {
  it('answers the heartbeats of a client whose request waits, and then the request', async () => {
    const release = Promise.withResolvers<void>();
    const asked: string[] = [];
    const answer = async (body: Uint8Array) => {
      asked.push(`${Buffer.from(body)}`);
      if (asked.length === 1) await release.promise;
      return 'done';
    };
    const { endpoint, seen } = await start({ atOnce: 1, answer });
    const first = new Request({ linger: 0 });
    cleanups.push(() => first.close());
    first.connect(endpoint);
    await first.send('first');
    await eventually(() => asked.length === 1);
    const second = new Request({
      linger: 0,
      receiveTimeout: 30_000,
      heartbeatInterval: 200,
      heartbeatTimeout: 1_500,
    });
    cleanups.push(() => second.close());
    second.connect(endpoint);
    await second.send('second');
    await pause(4_000);
    expect(seen).toMatchObject({ connected: 2, disconnected: 0 });
    release.resolve();
    expect(String((await second.receive())[0])).toBe('done');
    expect(asked).toEqual(['first', 'second']);
  });

  it('asks nothing for a client that has gone, and takes no more from one than it may hold', async () => {
    const release = Promise.withResolvers<void>();
    const asked: number[] = [];
    const answer = async (body: Uint8Array) => {
      asked.push(body.length);
      await release.promise;
      return 'done';
    };
    const { endpoint, seen } = await start({ atOnce: 1, answer });
    open(endpoint, Buffer.concat([openingOf('ZMTP 3.1'), MESSAGE]));
    await eventually(() => asked.length === 1);
    const gone = open(endpoint, Buffer.concat([openingOf('ZMTP 3.1'), MESSAGE, MESSAGE]));
    await eventually(() => gone.read().length > 64);
    gone.socket.destroy();
    await eventually(() => seen.disconnected === 1);
    const large = bytesOfMessage('v2', [Buffer.alloc(0), Buffer.alloc(60_000)]);
    const greedy = open(endpoint, openingOf('ZMTP 3.1'));
    greedy.socket.pause();
    // 60 MB, more than the system takes.
    for (let sent = 0; sent < 1_000; sent += 1) greedy.socket.write(large);
    await pause(1_000);
    expect(greedy.socket.writableLength).toBeGreaterThan(30_000_000);
    release.resolve();
    await eventually(() => asked.length > 5);
    expect(asked.slice(0, 3)).toEqual([1, 60_000, 60_000]);
  });

  it('answers at most 128 requests of one connection at once', async () => {
    const release = Promise.withResolvers<void>();
    let asked = 0;
    const answer = async () => {
      asked += 1;
      await release.promise;
      return 'done';
    };
    const { endpoint } = await start({ answer });
    open(endpoint, Buffer.concat([openingOf('ZMTP 3.1'), ...Array.from({ length: 300 }, () => MESSAGE)]));
    await eventually(() => asked >= 128);
    await pause(200);
    expect(asked).toBe(128);
    release.resolve();
    await eventually(() => asked === 300);
  });
});

it('no further request is taken of a client that has left 256 KiB of replies unread', async () => {
  let asked = 0;
  const answer = async () => {
    asked += 1;
    return 'x'.repeat(1024 * 1024);
  };
  const { endpoint, seen } = await start({ answer, atOnce: 1 });
  const { socket } = open(endpoint, openingOf('ZMTP 3.1'));
  socket.pause();
  for (let sent = 0; sent < 100; sent += 1) socket.write(MESSAGE);
  await pause(1_000);
  // What the systems on both sides take is a few MB.
  expect(asked).toBeLessThan(20);
  socket.resume();
  await eventually(() => asked === 100);
  expect(seen.ended).toEqual([]);
});

it('a client of CURVE without an admitted key takes one handshake in 10 s, not one in 100 ms', async () => {
  const [server, client, stranger] = [makeCurveKeys(), makeCurveKeys(), makeCurveKeys()];
  const { newMechanism } = toCurveKeys(server.secretKey, [client.publicKey]);
  const { endpoint, seen } = await start({ newMechanism });
  dealer(endpoint, {
    curveServerKey: server.publicKey,
    curvePublicKey: stranger.publicKey,
    curveSecretKey: stranger.secretKey,
  });
  await eventually(() => seen.ended.length === 1);
  await pause(3_000);
  expect(seen).toMatchObject({ connected: 1, ended: ['client-key'] });
  await eventually(() => seen.disconnected === 1);
});
