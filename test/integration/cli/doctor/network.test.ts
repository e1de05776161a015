import { getEventListeners, once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { networkChecks } from '../../../../lib/cli/doctor/checks/network.ts';
import { systemClock } from '../../../../lib/platform/clock.ts';
import { printVerdict } from '../../../support/print-verdict.ts';

/** Accepts connections, and says nothing. */
let server: Server;
let port: number;
beforeEach(async () => {
  server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  port = typeof address === 'object' && address !== null ? address.port : 0;
});
afterEach(() => server.close());

const nextConnection = async (): Promise<Socket> => {
  const [socket] = (await once(server, 'connection')) as [Socket];
  socket.on('error', () => undefined).resume();
  return socket;
};
const checkOf = (name: string) => {
  const peer = {
    subject: 'gw',
    path: 'push',
    url: `https://127.0.0.1:${port}`,
    trust: undefined,
    hasSecret: true,
  };
  const check = networkChecks(peer, { clock: systemClock }).find((one) => one.name === name);
  if (check === undefined) throw new Error('no check');
  return check;
};

describe('a check of the network', () => {
  it('closes the connection that a server accepted, and leaves nothing at the signal', async () => {
    const stop = new AbortController();
    const accepted = nextConnection();
    const verdict = await checkOf('tcp').run({ signal: stop.signal });
    expect([verdict].flat().map(printVerdict)).toEqual([`green: 127.0.0.1:${port} accepts connections`]);
    await once(await accepted, 'close');
    expect(getEventListeners(stop.signal, 'abort')).toEqual([]);
  });

  it('says which port does not accept connections', async () => {
    server.close();
    await once(server, 'close');
    expect([await checkOf('tcp').run(new AbortController())].flat().map(printVerdict)).toEqual([
      `red: 127.0.0.1:${port} does not accept the connection (ECONNREFUSED). Check the port of push.url, that the server runs, and the firewalls between`,
    ]);
  });

  it('ends with its signal while a server is silent in the handshake, and closes the connection', {
    timeout: 30_000,
  }, async () => {
    const stop = new AbortController();
    const accepted = nextConnection();
    const running = checkOf('tls').run({ signal: stop.signal });
    const socket = await accepted;
    const closed = once(socket, 'close');
    stop.abort(new Error('stopped'));
    await expect(running).rejects.toThrow('stopped');
    await closed;
    expect(getEventListeners(stop.signal, 'abort')).toEqual([]);
  });
});
