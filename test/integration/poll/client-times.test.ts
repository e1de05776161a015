import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect, it } from 'vitest';
import { silentLog } from '../../../lib/platform/log.ts';
import { serveClients } from '../../../lib/poll/gateway/serve-clients.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { bytesOfMessage, openingOf } from '../../unit/poll/gateway/zmtp-client.ts';
import { eventually } from '../vsphere/demo-target.ts';

const MB = 1024 * 1024;
const BIG = 'x'.repeat(64 * MB);
const OPENING = openingOf('ZMTP 3.1');
const REQUEST = bytesOfMessage('v2', [Buffer.alloc(0), Buffer.from('big')]);

/** An endpoint whose seconds pass when the test says so. */
async function start() {
  const clock = createManualClock();
  const stop = new AbortController();
  const ended: string[] = [];
  let open = 0;
  const observe = {
    connected: () => (open += 1),
    disconnected: () => (open -= 1),
    ended: (why: string) => ended.push(why),
  };
  const { endpoint } = await serveClients(
    { endpoint: 'tcp://127.0.0.1:*', answer: async () => BIG, atOnce: 1, clock, log: silentLog, observe },
    stop,
  );
  const sockets: Socket[] = [];
  return {
    ended,
    async connect(bytes: Uint8Array) {
      const socket = connect(Number(new URL(endpoint).port), '127.0.0.1').on('error', () => undefined);
      sockets.push(socket);
      await once(socket, 'connect');
      socket.write(bytes);
      await eventually(() => open === sockets.length);
      return socket;
    },
    async pass(seconds: number) {
      for (let passed = 0; passed < seconds; passed += 1) {
        await eventually(() => clock.sleepers() > 0);
        clock.advance(1_000);
      }
      await eventually(() => clock.sleepers() > 0);
    },
    /** Nothing of this process runs meanwhile. */
    stall: (ms: number) => clock.advance(ms),
    [Symbol.dispose]() {
      stop.abort(new Error('the test is over'));
      for (const socket of sockets) socket.destroy();
    },
  };
}

it('a client that does not finish its handshake is disconnected after 10 s', async () => {
  using server = await start();
  const half = await server.connect(OPENING.subarray(0, 20));
  const whole = await server.connect(OPENING);
  half.resume();
  whole.resume();
  await server.pass(10);
  expect(server.ended).toEqual([]);
  await server.pass(1);
  expect(server.ended).toEqual(['handshake']);
  await server.pass(60);
  expect(server.ended).toEqual(['handshake']);
});

it('a stall of the gateway itself costs no client its connection', async () => {
  using server = await start();
  await server.connect(OPENING.subarray(0, 20));
  await server.pass(1);
  server.stall(20_000);
  await server.pass(1);
  expect(server.ended).toEqual([]);
});

it('a client that reads nothing of its reply for 30 s is disconnected, and one that reads slowly is not', async () => {
  using server = await start();
  const slow = await server.connect(OPENING);
  slow.pause();
  slow.write(REQUEST);
  await server.pass(2);
  for (let steps = 0; steps < 4; steps += 1) {
    await server.pass(25);
    expect(server.ended).toEqual([]);
    // More than the system holds for the two of them.
    const wanted = slow.bytesRead + 10 * MB;
    slow.resume();
    await eventually(() => slow.bytesRead > wanted);
    slow.pause();
  }
  await server.pass(40);
  expect(server.ended).toEqual(['unread-replies']);
});
