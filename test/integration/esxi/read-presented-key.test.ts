import { describe, expect, it } from 'vitest';
import { readPresentedKey } from '../../../lib/esxi/read-presented-key.ts';
import { systemClock } from '../../../lib/platform/clock.ts';
import { neverStalled } from '../../support/heartbeats.ts';
import { ADDRESS, ask, startHost } from './demo-fleet.ts';

const { signal } = new AbortController();
const timeouts = { connectMs: 5_000, loginMs: 5_000 };
const read = (port: number, limits = timeouts) =>
  readPresentedKey(
    { target: { host: ADDRESS, port }, timeouts: limits },
    { clock: systemClock, heartbeat: neverStalled },
    { signal },
  );

describe('readPresentedKey', () => {
  it('is the key that a login sees, and asks for nothing that has to do with an account', async () => {
    await using demo = await startHost('normal');
    const key = await read(demo.port);
    expect(demo.authRequests(ADDRESS)).toEqual([]);
    let seen: unknown;
    const verifyHostKey = async (shown: object) => {
      seen = shown;
      return true;
    };
    await ask(demo, {}, { verifyHostKey });
    expect(key).toEqual(seen);
    expect(demo.loginAttempts(ADDRESS)).toEqual({ accepted: 1, refused: 0 });
  });

  it('says where it ended when no key comes', async () => {
    await using silent = await startHost('silent');
    const short = { connectMs: 5_000, loginMs: 200 };
    await expect(read(silent.port, short)).rejects.toMatchObject({ code: 'banner', credentialSent: false });
  });
});
