import { getEventListeners } from 'node:events';
import type { Socket } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import { connectTcp } from '../../../lib/esxi/connect-tcp.ts';
import { logIn } from '../../../lib/esxi/log-in.ts';
import { ADDRESS, rightPassword, startHost } from './demo-fleet.ts';

/** A login of its own over a connection of its own. */
async function logInTo(
  port: number,
  signal: AbortSignal,
  onSocket: (socket: Socket) => void = () => undefined,
) {
  const target = { host: ADDRESS, port };
  const socket = await connectTcp(target, {}, { signal: new AbortController().signal });
  onSocket(socket);
  const request = {
    ...{ socket, target, credential: rightPassword, answerMs: 0 },
    clock: {},
    verifyHostKey: async () => true,
  };
  try {
    return await logIn(request, { signal, remainingMs: () => 60_000 });
  } finally {
    socket.destroy();
  }
}

describe('logIn', () => {
  it('says nothing to a host when its time is over before it begins', async () => {
    await using demo = await startHost('normal');
    const over = AbortSignal.abort(new Error('over'));
    await expect(logInTo(demo.port, over)).rejects.toMatchObject({ code: 'banner', cause: over.reason });
    expect(demo.authRequests(ADDRESS)).toEqual([]);
    expect(getEventListeners(over, 'abort')).toEqual([]);
  });

  it('listens to its time no longer than it takes', async () => {
    await using demo = await startHost('normal');
    const { signal } = new AbortController();
    expect(await logInTo(demo.port, signal)).toMatchObject({ method: 'keyboard-interactive' });
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('sends what it writes in one turn as one piece', async () => {
    await using demo = await startHost('normal');
    let written = 0;
    let pieces = 0;
    await logInTo(demo.port, new AbortController().signal, (socket) => {
      const { write, uncork } = socket;
      vi.spyOn(socket, 'write').mockImplementation((...args: unknown[]) => {
        written += 1;
        return Reflect.apply(write, socket, args) as boolean;
      });
      vi.spyOn(socket, 'uncork').mockImplementation(() => {
        pieces += 1;
        uncork.call(socket);
      });
    });
    expect(pieces).toBeGreaterThan(0);
    expect(pieces).toBeLessThan(written);
  });
});
