import { EventEmitter } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import type { NetworkInterfaceInfo } from 'node:os';
import { describe, expect, it } from 'vitest';
import { listenAt } from '../../../../lib/poll/gateway/endpoint.ts';
import { endpointAddress } from '../../../../lib/poll/gateway/endpoint-address.ts';

/** A server that only says where it was to listen; it is bound to `address` then, or fails with `error`. */
function startServer({ address, error }: { address?: Partial<AddressInfo>; error?: Error } = {}) {
  const called: unknown[] = [];
  const server = Object.assign(new EventEmitter(), {
    listen(options: object) {
      called.push(options);
      queueMicrotask(() => {
        if (error === undefined) server.emit('listening');
        else server.emit('error', error);
      });
    },
    address: () => ({ address: '127.0.0.1', family: 'IPv4', port: 4_321, ...address }),
    close: () => called.push('closed'),
  });
  return { server: server as unknown as Server, called };
}

const never = new AbortController();

describe('an endpoint', () => {
  const interfaces = {
    lan0: ['192.0.2.7', 'fe80::7'].map((address) => ({ address }) as NetworkInterfaceInfo),
  };

  it.each([
    ['tcp://127.0.0.1:10123', '127.0.0.1', 10_123],
    ['tcp://*:10123', '0.0.0.0', 10_123],
    ['tcp://127.0.0.1:*', '127.0.0.1', 0],
    ['tcp://*:*', '0.0.0.0', 0],
    ['tcp://gw.example.org:5', 'gw.example.org', 5],
    ['tcp://h:65535', 'h', 65_535],
    ['tcp://[::1]:10123', '::1', 10_123],
    ['tcp://[::]:*', '::', 0],
    ['tcp://lan0:7', '192.0.2.7', 7],
    // No address of IPv6 in brackets: taken as a name.
    ['tcp://[]:5', '[]', 5],
    ['tcp://[::1:5', '[::1', 5],
    ['tcp://::1]:5', '::1]', 5],
  ])('%s is the address %s and port %i', (endpoint, host, port) => {
    expect(endpointAddress(endpoint, interfaces)).toEqual({ host, port });
  });

  it('is listened on at its address, with room for 511 clients that come at once', async () => {
    const { server, called } = startServer();
    expect(await listenAt(server, 'tcp://*:10123', never)).toBe('tcp://127.0.0.1:4321');
    expect(called).toEqual([{ host: '0.0.0.0', port: 10_123, backlog: 511 }]);
  });

  it('is told as it is bound, an address of IPv6 in brackets', async () => {
    const { server } = startServer({ address: { address: '::1', family: 'IPv6', port: 9 } });
    expect(await listenAt(server, 'tcp://[::1]:*', never)).toBe('tcp://[::1]:9');
  });

  it.each([
    'udp://127.0.0.1:5',
    'xtcp://127.0.0.1:5',
    'tcp:/127.0.0.1:5',
    'tcp://127.0.0.1',
    'tcp://127.0.0.1:',
    'tcp://127.0.0.1:5/',
    'tcp://127.0.0.1:x',
    'tcp://127.0.0.1:**',
    'tcp://:5',
    '127.0.0.1:5',
    '',
  ])('%j cannot be listened on, as it has no port', async (endpoint) => {
    await expect(listenAt(createServer(), endpoint, never)).rejects.toMatchObject({
      code: 'listen',
      message: expect.stringMatching(/^.* cannot be listened on: .*; name another endpoint$/),
      cause: expect.objectContaining({ code: 'ERR_SOCKET_BAD_PORT' }),
    });
  });
});

describe('where it cannot listen', () => {
  it('says why and what to do, and closes the server', async () => {
    const cause = new Error('listen EADDRINUSE: address already in use 127.0.0.1:5');
    const { server, called } = startServer({ error: cause });
    const error = await listenAt(server, 'tcp://127.0.0.1:5', never).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'listen',
      message: `tcp://127.0.0.1:5 cannot be listened on: ${cause.message}; name another endpoint`,
      cause,
    });
    expect(called.at(-1)).toBe('closed');
  });

  it('does not listen when its signal has aborted already, and rejects with the reason', async () => {
    const { server, called } = startServer();
    const reason = new Error('over');
    await expect(listenAt(server, 'tcp://127.0.0.1:5', { signal: AbortSignal.abort(reason) })).rejects.toBe(
      reason,
    );
    expect(called).toEqual(['closed']);
  });

  it('rejects with the reason of its signal when that aborts meanwhile, and closes the server', async () => {
    const { server, called } = startServer({ error: new Error('EADDRINUSE') });
    const reason = new Error('over');
    const stop = new AbortController();
    const listening = listenAt(server, 'tcp://127.0.0.1:5', stop);
    stop.abort(reason);
    await expect(listening).rejects.toBe(reason);
    expect(called).toEqual([{ host: '127.0.0.1', port: 5, backlog: 511 }, 'closed']);
  });
});
