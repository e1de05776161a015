import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { bytesOfMessage, openingOf } from '../../unit/poll/gateway/zmtp-client.ts';
import { eventually } from '../vsphere/demo-target.ts';
import { ask } from './ask.ts';

const MB = 1024 * 1024;
/** What the gateway may grow by, whatever is sent to it: more than it holds, and far less than what is sent. */
const GROWTH_BYTES = 200 * MB;

const resources = new AsyncDisposableStack();
let endpoint: string;
let readRss: () => Promise<number>;
let restBytes: number;
const lines: string[] = [];

beforeAll(async () => {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'bare-gateway.ts')], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'close');
  resources.defer(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  createInterface({ input: child.stderr }).on('line', (line) => lines.push(line));
  [endpoint] = await once(createInterface({ input: child.stdout }), 'line');
  readRss = async () => Number((await readFile(`/proc/${child.pid}/statm`, 'utf8')).split(' ')[1]) * 4096;
  for (const _ of 'abc') await ask(endpoint, { method: 'big', hostname: 'vc01' });
  restBytes = await readRss();
});
afterAll(() => resources.disposeAsync());

const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

/** Connects as nobody should; `ended` resolves when the gateway has ended it. */
function open(bytes: Uint8Array) {
  const socket = connect(Number(new URL(endpoint).port), '127.0.0.1');
  sockets.push(socket);
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  socket
    .on('error', () => undefined)
    .on('close', () => resolve())
    .resume();
  socket.write(bytes);
  return { socket, ended };
}

const OPENING = openingOf('ZMTP 3.1');
const part = (bytes: number) => {
  const header = Buffer.alloc(9);
  header[0] = 3;
  header.writeBigUInt64BE(BigInt(bytes), 1);
  return Buffer.concat([header, Buffer.alloc(bytes, 'x')]);
};

const answered = async () => {
  const reply = await ask(endpoint, { method: 'about', hostname: 'vc01' });
  expect(JSON.parse(reply)).toMatchObject({ msg: 'done' });
};
const grown = async () => (await readRss()) - restBytes;

describe('a gateway stays small, and answers others, while', () => {
  it('clients send a message in endless parts', async () => {
    const pieces = [part(60_000), part(1), part(0)];
    const all = pieces.flatMap((piece) =>
      Array.from({ length: 20 }, async () => {
        const { socket, ended } = open(OPENING);
        // 100 MB each, if it were let.
        const write = () => {
          for (let sent = 0; sent < 100 && !socket.destroyed; sent += 1) socket.write(piece);
          if (!socket.destroyed) setImmediate(write);
        };
        write();
        await ended;
      }),
    );
    await answered();
    await Promise.all(all);
    await answered();
    expect(await grown()).toBeLessThan(GROWTH_BYTES);
    expect(lines.join('\n')).toContain('its message is larger than 64 KiB address="127.0.0.1"');
    expect(lines.join('\n')).toContain('its message has more than 16 parts');
    // One line of each reason, however many there are.
    expect(lines.filter((line) => line.includes('16 parts'))).toHaveLength(1);
  });

  it('clients tell of a length of 2^63', async () => {
    await open(Buffer.concat([OPENING, Buffer.from('02', 'hex'), Buffer.from('8000000000000000', 'hex')]))
      .ended;
    await answered();
  });

  it('a thousand clients keep half a greeting, and a hundred more half a message', async () => {
    const halves = Array.from({ length: 1_000 }, () => open(OPENING.subarray(0, 30)));
    await answered();
    const messages = Array.from({ length: 100 }, () => open(Buffer.concat([OPENING, part(60_000)])));
    await answered();
    expect(messages.filter(({ socket }) => socket.destroyed)).toEqual([]);
    expect(await grown()).toBeLessThan(GROWTH_BYTES);
    await Promise.all(halves.map(({ ended }) => ended));
    expect(lines.join('\n')).toContain('it did not finish the handshake within 10 s');
  });

  it('clients ask for much and never read', async () => {
    const big = bytesOfMessage('v2', [Buffer.alloc(0), Buffer.from('{"method": "big", "hostname": "vc01"}')]);
    const request = Buffer.concat([OPENING, ...Array.from({ length: 60 }, () => big)]);
    // 300 MB in all.
    for (const _ of 'abcde') open(request).socket.pause();
    await Promise.all(Array.from({ length: 20 }, answered));
    await eventually(() => lines.join('\n').includes('it does not read its replies'));
    await answered();
    expect(await grown()).toBeLessThan(GROWTH_BYTES);
  });
});
