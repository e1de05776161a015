import { execFile } from 'node:child_process';
import { getEventListeners } from 'node:events';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it, vi } from 'vitest';
import { connectTcp } from '../../../lib/esxi/connect-tcp.ts';
import { startDeafPort } from '../../support/deaf-port.ts';
import { ADDRESS, startHost } from './demo-fleet.ts';

/** Those that connect, too. */
const openSockets = () =>
  process.getActiveResourcesInfo().filter((one) => one === 'TCPSocketWrap' || one === 'TCPConnectWrap')
    .length;

describe('connectTcp', () => {
  it.each([
    ['timeout', 'an address', ADDRESS],
    ['dns', 'a name that is not resolved yet', 'localhost'],
  ])('ends with %s when the time is over for %s', async (code, _what, host) => {
    await using demo = await startHost('silent');
    const limit = new AbortController();
    const connecting = connectTcp({ host, port: demo.port }, {}, { signal: limit.signal });
    limit.abort(new Error('out of time'));
    await expect(connecting).rejects.toMatchObject({
      code,
      credentialSent: false,
      retryable: true,
      cause: limit.signal.reason,
    });
    await vi.waitFor(() => expect(demo.connections()).toBe(0));
  });

  it.each([
    ['the address', [ADDRESS]],
    ['the next address when the first one refuses', ['127.0.61.99', ADDRESS]],
  ])('connects a name to %s', async (_what, addresses) => {
    await using demo = await startHost('silent');
    const socket = await connectTcp(
      { host: 'esx1.example.org', port: demo.port },
      { resolveName: async () => addresses },
      { signal: new AbortController().signal },
    );
    expect(socket.remoteAddress).toBe(ADDRESS);
    socket.destroy();
    await vi.waitFor(() => expect(demo.connections()).toBe(0));
  });

  it('says that a port is closed, and listens to the time no longer', async () => {
    await using demo = await startHost('closed');
    const { signal } = new AbortController();
    await expect(connectTcp({ host: ADDRESS, port: demo.port }, {}, { signal })).rejects.toMatchObject({
      code: 'connection-refused',
      message: expect.stringContaining(`${ADDRESS}:${demo.port}: connection failed (ECONNREFUSED); `),
    });
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('gives up a host that does not answer to TCP at all when the time is over', async () => {
    await using deaf = await startDeafPort('127.0.61.2');
    const limit = new AbortController();
    const before = openSockets();
    const connecting = connectTcp({ host: '127.0.61.2', port: deaf.port }, {}, { signal: limit.signal });
    const outOfTime = new Error('out of time');
    const failing = expect(connecting).rejects.toMatchObject({
      code: 'timeout',
      stage: 'connect',
      message: expect.stringContaining('the TCP connection timed out; check the host and the firewalls'),
      cause: outOfTime,
    });
    await vi.waitFor(() => expect(openSockets()).toBe(before + 1));
    limit.abort(outOfTime);
    await failing;
    await vi.waitFor(() => expect(openSockets()).toBe(before));
    expect(getEventListeners(limit.signal, 'abort')).toEqual([]);
  });

  it('does not blame the host for a port that cannot be', async () => {
    const connecting = connectTcp(
      { host: ADDRESS, port: 65_536 },
      {},
      { signal: new AbortController().signal },
    );
    await expect(connecting).rejects.toMatchObject({ code: 'ERR_SOCKET_BAD_PORT' });
  });

  it('does not blame the host when this process has no file descriptor left', async () => {
    await using demo = await startHost('silent');
    const script = fileURLToPath(new URL('connect-without-descriptors.ts', import.meta.url));
    // At 256 Node itself still starts.
    const run = promisify(execFile)('bash', [
      '-c',
      'ulimit -n 256 && exec "$@"',
      'bash',
      process.execPath,
      script,
      ADDRESS,
      `${demo.port}`,
    ]);
    expect(JSON.parse((await run).stdout)).toEqual({ name: 'Error', code: 'EMFILE' });
  });
});
