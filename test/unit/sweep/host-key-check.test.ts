import { describe, expect, it } from 'vitest';
import { type KnownHosts, NO_KNOWN_HOSTS } from '../../../lib/config/known-hosts/find-keys.ts';
import { fingerprint } from '../../../lib/esxi/host-key.ts';
import type { Log } from '../../../lib/platform/log.ts';
import { silentLog } from '../../../lib/platform/log.ts';
import type { BatchHost } from '../../../lib/sweep/batch.ts';
import {
  type HostKeyCheck,
  type HostKeyCheckDeps,
  openHostKeyCheck,
} from '../../../lib/sweep/worker/host-key-check.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { batchHost } from './builders.ts';

const running = { signal: new AbortController().signal };
const key = (blob: string) => ({ type: 'ssh-rsa', blob: btoa(blob) });

/** Opens the check of one host, with a table in which nothing stands until a key is pinned. */
function open(
  changes: {
    host?: Partial<BatchHost>;
    unknown?: 'trust-first' | 'refuse';
    knownHosts?: Partial<ReturnType<KnownHosts['find']>>;
    pin?: HostKeyCheckDeps['records']['pin'];
  } = {},
) {
  const lines: { readonly message: string; readonly fields: unknown }[] = [];
  const pins: string[] = [];
  const log: Log = { ...silentLog, warn: (message, fields) => void lines.push({ message, fields }) };
  const { host, unknown = 'trust-first', knownHosts, pin } = changes;
  const check = openHostKeyCheck(
    batchHost(1, host),
    { target: 'vc01', rules: { unknown } },
    {
      clock: createManualClock(),
      log,
      knownHosts: {
        ...NO_KNOWN_HOSTS,
        find: () => ({ accepted: [], revoked: [], ...knownHosts }),
      },
      records: {
        pin:
          pin ??
          (async (endpoint) => {
            pins.push(endpoint);
            return 'pinned';
          }),
      },
    },
  );
  return { check, lines, pins };
}

function opened(check: HostKeyCheck | string): HostKeyCheck {
  if (typeof check === 'string') throw new Error(check);
  return check;
}

describe('openHostKeyCheck', () => {
  it('pins the first key and tells of it: host, address, fingerprint', async () => {
    const { check, lines, pins } = open();
    expect(await opened(check).verify(key('A'), running)).toBe(true);
    expect(pins).toEqual(['10.0.0.1:22']);
    expect(opened(check).isPinned()).toBe(true);
    expect(lines).toEqual([
      {
        message: 'a host key was pinned at first contact',
        fields: {
          target: 'vc01',
          host: 'esx1.example.org',
          endpoint: '10.0.0.1:22',
          type: 'ssh-rsa',
          fingerprint: fingerprint(key('A')),
        },
      },
    ]);
  });

  it('tells nothing and writes nothing of a key that is known', async () => {
    const { check, lines, pins } = open({ host: { hostKey: key('A') } });
    expect(await opened(check).verify(key('A'), running)).toBe(true);
    expect(await opened(check).verify(key('B'), running)).toMatchObject({
      what: expect.stringMatching(/^its ssh-rsa key SHA256:.* is not the pinned one/),
      remedy: expect.stringContaining('accept its new key'),
    });
    expect({ lines, pins, pinned: opened(check).isPinned() }).toEqual({ lines: [], pins: [], pinned: false });
  });

  it('takes any key that the file names and no other, whatever is pinned', async () => {
    const accepted = [key('B'), { ...key('C'), type: 'ssh-ed25519' }];
    const { check, pins } = open({
      host: { hostKey: key('A') },
      knownHosts: { accepted },
      unknown: 'refuse',
    });
    expect(opened(check).knownKeyTypes).toEqual(['ssh-rsa', 'ssh-ed25519']);
    expect(await opened(check).verify(key('B'), running)).toBe(true);
    expect(await opened(check).verify(key('A'), running)).toMatchObject({
      what: expect.stringMatching(/none of those in esxi.hostKeys.file/),
      remedy: expect.stringContaining('compare its new key and put it there'),
    });
    expect(pins).toEqual([]);
  });

  it('opens nothing for a host without a key under refuse, whatever the request says', () => {
    expect(open({ unknown: 'refuse' }).check).toMatch(
      /never accepted.*vsweep hostkey accept vc01 10\.0\.0\.1:22/,
    );
    const revoked = { host: { hostKey: key('A') }, knownHosts: { revoked: [key('A')] } };
    expect(open(revoked).check).toMatch(
      /revoked.*Make a new host key on the host, then compare and accept it/,
    );
  });

  it('pins no key that is revoked', async () => {
    const { check, pins } = open({ knownHosts: { revoked: [key('A')] } });
    expect(await opened(check).verify(key('A'), running)).toMatchObject({
      what: expect.stringMatching(/is revoked/),
      remedy: expect.stringContaining('Make a new host key on the host'),
    });
    expect(pins).toEqual([]);
    expect(opened(check).isPinned()).toBe(false);
    expect(await opened(check).verify(key('B'), running)).toBe(true);
  });

  it('goes by the key that somebody else pinned meanwhile, which is not told twice', async () => {
    const pin = async () => ({ ...key('B'), pinnedAt: 1, target: 'vc02' });
    const { check, lines } = open({ pin });
    expect(await opened(check).verify(key('A'), running)).toMatchObject({
      what: expect.stringMatching(/is not the pinned one/),
    });
    expect(await opened(check).verify(key('B'), running)).toBe(true);
    expect({ lines, pinned: opened(check).isPinned() }).toEqual({ lines: [], pinned: false });
  });

  it('tells of a key that may be pinned, because the answer of the table was lost', async () => {
    const { check, lines } = open({ pin: () => Promise.reject(new Error('no answer')) });
    await expect(opened(check).verify(key('A'), running)).rejects.toThrow('no answer');
    expect(opened(check).isPinned()).toBe(true);
    expect(lines).toMatchObject([
      { message: expect.stringContaining('may or may not be pinned'), fields: { error: 'no answer' } },
    ]);
  });
});
