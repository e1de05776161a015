import { getEventListeners } from 'node:events';
import type { Socket } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import { connectTcp } from '../../../lib/esxi/connect-tcp.ts';
import { logIn } from '../../../lib/esxi/log-in.ts';
import { systemClock } from '../../../lib/platform/clock.ts';
import { ADDRESS, rightPassword, startHost } from './demo-fleet.ts';

/** A login of its own over a connection of its own. */
async function logInTo(
  port: number,
  signal: AbortSignal,
  {
    onSocket,
    stalledMs = () => 0,
    isKnown = true,
  }: { onSocket?: (socket: Socket) => void; stalledMs?: () => number; isKnown?: boolean } = {},
) {
  const target = { host: ADDRESS, port };
  const socket = await connectTcp(target, {}, { signal: new AbortController().signal });
  onSocket?.(socket);
  const request = {
    ...{ socket, target, credential: rightPassword, answerMs: 0 },
    clock: { ...systemClock, stalledMs },
    verifyHostKey: async () => isKnown,
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

  it('listens to its time, and to what the host sends, no longer than it takes', async () => {
    await using demo = await startHost('normal');
    const { signal } = new AbortController();
    const sockets: Socket[] = [];
    const onSocket = (socket: Socket) => void sockets.push(socket);
    expect(await logInTo(demo.port, signal, { onSocket })).toMatchObject({ method: 'keyboard-interactive' });
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    const ofTheClient = 1;
    expect(sockets.map((socket) => socket.listenerCount('data'))).toEqual([ofTheClient]);
  });

  it('sends what it writes in one turn as one piece', async () => {
    await using demo = await startHost('normal');
    let written = 0;
    let pieces = 0;
    const onSocket = (socket: Socket) => {
      const { write, uncork } = socket;
      vi.spyOn(socket, 'write').mockImplementation((...args: unknown[]) => {
        written += 1;
        return Reflect.apply(write, socket, args) as boolean;
      });
      vi.spyOn(socket, 'uncork').mockImplementation(() => {
        pieces += 1;
        uncork.call(socket);
      });
    };
    await logInTo(demo.port, new AbortController().signal, { onSocket });
    expect(pieces).toBeGreaterThan(0);
    expect(pieces).toBeLessThan(written);
  });

  it('counts the stalls since it began, and none before', async () => {
    await using demo = await startHost('drops-after-password');
    let looks = 0;
    const stalledMs = () => (looks++ === 0 ? 20_000 : 20_300);
    const failing = logInTo(demo.port, new AbortController().signal, { stalledMs });
    await expect(failing).rejects.toMatchObject({
      message: expect.stringContaining('this process was stalled for 0.3 s'),
      login: { credentialSent: true, stalledMs: 300 },
    });
  });

  it('says of what a host answered what to do about that, and nothing of a stall', async () => {
    let looks = 0;
    const stalledMs = () => (looks++ === 0 ? 0 : 20_000);
    const { signal } = new AbortController();
    await using demo = await startHost('publickey');
    const refused = logInTo(demo.port, signal, { stalledMs });
    await expect(refused).rejects.toThrow(/; check the user name, the password or key, and/);
    looks = 0;
    const unknown = logInTo(demo.port, signal, { stalledMs, isKnown: false });
    await expect(unknown).rejects.toThrow(/; no password was sent. If the host was reinstalled/);
  });

  it('says of a host that sent no banner how long this process was stalled', async () => {
    let looks = 0;
    const stalledMs = () => (looks++ === 0 ? 0 : 20_000);
    await using demo = await startHost('silent');
    const failing = logInTo(demo.port, AbortSignal.timeout(100), { stalledMs });
    await expect(failing).rejects.toThrow(/; this process was stalled for 20 s\. /);
  });
});
