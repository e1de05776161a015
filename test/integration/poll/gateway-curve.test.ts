import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { curveKeyPair, Dealer, Request } from 'zeromq';
import { systemClock } from '../../../lib/platform/clock.ts';
import { silentLog } from '../../../lib/platform/log.ts';
import { makeCurveKeys, toCurveKeys } from '../../../lib/poll/gateway/curve-keys.ts';
import { serveClients } from '../../../lib/poll/gateway/serve-clients.ts';
import { openingOf } from '../../unit/poll/gateway/zmtp-client.ts';
import { eventually } from '../vsphere/demo-target.ts';

const SERVER = makeCurveKeys();
const CLIENT = curveKeyPair();
const STRANGER = curveKeyPair();
const KEYS = {
  curveServerKey: SERVER.publicKey,
  curvePublicKey: CLIENT.publicKey,
  curveSecretKey: CLIENT.secretKey,
};

const stop = new AbortController();
const ended: string[] = [];
let endpoint: string;

beforeAll(async () => {
  const curve = toCurveKeys(SERVER.secretKey, [CLIENT.publicKey]);
  const server = await serveClients(
    {
      endpoint: 'tcp://127.0.0.1:*',
      answer: async (body) => `${Buffer.from(body)}!`,
      atOnce: 8,
      clock: systemClock,
      log: silentLog,
      observe: { connected: () => undefined, disconnected: () => undefined, ended: (why) => ended.push(why) },
      newMechanism: curve.newMechanism,
    },
    stop,
  );
  ({ endpoint } = server);
});
afterAll(() => stop.abort(new Error('the tests are over')));

async function ask(options: ConstructorParameters<typeof Request>[0], text: string): Promise<string> {
  const socket = new Request({ linger: 0, receiveTimeout: 15_000, ...options });
  try {
    socket.connect(endpoint);
    await socket.send(text);
    const [reply] = await socket.receive();
    return String(reply);
  } finally {
    socket.close();
  }
}

/** Asks in vain until the gateway has ended the connection for this reason. */
async function refused(options: ConstructorParameters<typeof Request>[0], why: string) {
  ended.length = 0;
  const socket = new Request({ linger: 0, ...options });
  try {
    socket.connect(endpoint);
    await socket.send('secret');
    await eventually(() => ended.includes(why));
  } finally {
    socket.close();
  }
}

describe('an endpoint with CURVE', () => {
  it.each([1, 255, 60_000])('answers a client of libzmq whose key it knows, with %i bytes', async (bytes) => {
    const text = 'x'.repeat(bytes);
    expect(await ask(KEYS, text)).toBe(`${text}!`);
  });

  it('answers heartbeats, and one request after the other', async () => {
    const socket = new Request({ ...KEYS, linger: 0, heartbeatInterval: 20, heartbeatTimeout: 5_000 });
    socket.connect(endpoint);
    for (const text of 'abcdef') {
      await socket.send(text);
      expect(String((await socket.receive())[0])).toBe(`${text}!`);
      await systemClock.sleep(30, new AbortController());
    }
    socket.close();
  });

  it('ends the connection of a client with another key', () =>
    refused(
      { ...KEYS, curvePublicKey: STRANGER.publicKey, curveSecretKey: STRANGER.secretKey },
      'client-key',
    ));

  it('ends the connection of a client that claims a key which it does not have', () =>
    refused({ ...KEYS, curveSecretKey: STRANGER.secretKey }, 'client-key'));

  it('ends the connection of a client that expects another server', () =>
    refused({ ...KEYS, curveServerKey: STRANGER.publicKey }, 'client-key'));

  it('ends the connection of a client without CURVE', async () => {
    ended.length = 0;
    const socket = connect(Number(new URL(endpoint).port), '127.0.0.1').on('error', () => undefined);
    socket.write(openingOf('ZMTP 3.1'));
    await eventually(() => ended.includes('mechanism'));
    socket.destroy();
  });

  it('ends the connection of a client that it knows at the same limits of a message', async () => {
    for (const [parts, why] of [
      [Array.from({ length: 17 }, () => ''), 'message-parts'],
      [Array.from({ length: 3 }, () => 'x'.repeat(30_000)), 'message-bytes'],
    ] as const) {
      ended.length = 0;
      const socket = new Dealer({ ...KEYS, linger: 0 });
      socket.connect(endpoint);
      await socket.send([...parts]);
      await eventually(() => ended.includes(why));
      socket.close();
    }
    expect(await ask(KEYS, 'still there')).toBe('still there!');
  });
});
