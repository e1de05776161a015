import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { Router } from 'zeromq';
import { systemClock } from '../../../lib/platform/clock.ts';
import { silentLog } from '../../../lib/platform/log.ts';
import { serveClients } from '../../../lib/poll/gateway/serve-clients.ts';
import { bytesOfMessage, GREETINGS, openingOf } from '../../unit/poll/gateway/zmtp-client.ts';
import { eventually } from '../vsphere/demo-target.ts';

type Version = keyof typeof GREETINGS;

/** Sends a request as a client does that speaks ZMTP itself, and takes what it gets until the reply came. */
async function converse(endpoint: string, version: Version, text: string): Promise<string> {
  const socket = connect(Number(new URL(endpoint).port), '127.0.0.1');
  const chunks: Buffer[] = [];
  const got = () => Buffer.concat(chunks).toString('latin1');
  socket.on('data', (chunk: Buffer) => chunks.push(chunk)).on('error', () => undefined);
  const opening = openingOf(version);
  socket.write(opening.subarray(0, 15));
  socket.write(opening.subarray(15));
  // libzmq takes no message before it has sent its own READY.
  if (version.startsWith('ZMTP 3')) await eventually(() => got().includes('READY') || socket.destroyed);
  socket.write(bytesOfMessage(GREETINGS[version].framing, [Buffer.alloc(0), Buffer.from(text)]));
  await eventually(() => got().includes(text.toUpperCase()) || socket.destroyed);
  socket.destroy();
  return got();
}

/** A ROUTER socket of libzmq that answers in capitals. */
async function startLibzmq() {
  const socket = new Router({ linger: 0 });
  await socket.bind('tcp://127.0.0.1:*');
  const serve = async () => {
    for await (const frames of socket) {
      const [body = Buffer.alloc(0)] = frames.slice(-1);
      await socket.send([...frames.slice(0, -1), body.toString('latin1').toUpperCase()]);
    }
  };
  serve().catch(() => undefined);
  return { endpoint: socket.lastEndpoint ?? '', [Symbol.dispose]: () => socket.close() };
}

async function startOurs() {
  const stop = new AbortController();
  const server = await serveClients(
    {
      endpoint: 'tcp://127.0.0.1:*',
      answer: async (body) => Buffer.from(body).toString('latin1').toUpperCase(),
      atOnce: 4,
      clock: systemClock,
      log: silentLog,
    },
    stop,
  );
  return { endpoint: server.endpoint, [Symbol.dispose]: () => stop.abort(new Error('the test is over')) };
}

describe('a client that speaks', () => {
  it.each(Object.keys(GREETINGS) as Version[])(
    '%s gets from the gateway, byte for byte, what libzmq sends',
    async (version) => {
      using libzmq = await startLibzmq();
      using ours = await startOurs();
      for (const text of ['short', 'long'.repeat(100)]) {
        const theirs = await converse(libzmq.endpoint, version, text);
        expect(theirs).toContain(text.toUpperCase());
        expect(await converse(ours.endpoint, version, text)).toBe(theirs);
      }
    },
  );
});
