import { describe, expect, it } from 'vitest';
import type { Credential } from '../../../lib/credentials/credential.ts';
import { underKnownVersion } from '../../../lib/credentials/known-version.ts';

const { signal } = new AbortController();
const source = { secret: 'vsweep/esxi' };
const credential = (version: string, password: string, username = 'root'): Credential => ({
  id: 'secret:vsweep/esxi',
  version,
  username,
  proof: { kind: 'password', password },
});
const VERSIONS = [credential('v1', 'right'), credential('v2', 'wrong'), credential('v3', 'right', 'other')];
const asked: (string | undefined)[] = [];
const reader = {
  read: async (_source: unknown, { version }: { version?: string }) => {
    asked.push(version);
    const found = VERSIONS.find((one) => one.version === version);
    if (found === undefined) throw new Error('dropped');
    return found;
  },
};
const versionOf = async (now: Credential, versions: readonly (string | undefined)[]) =>
  (await underKnownVersion(now, { source, versions, reader }, { signal })).version;

describe('underKnownVersion', () => {
  it('takes a value that was stored again for what it was', async () => {
    expect(await versionOf(credential('v9', 'right'), ['v1'])).toBe('v1');
    expect(await versionOf(credential('v9', 'wrong'), ['v1', 'v2'])).toBe('v2');
  });

  it('takes another password, another user and a version that is gone for something new', async () => {
    expect(await versionOf(credential('v9', 'new'), ['v1', 'v2'])).toBe('v9');
    expect(await versionOf(credential('v9', 'right'), ['v3'])).toBe('v9');
    expect(await versionOf(credential('v9', 'right'), ['v0'])).toBe('v9');
  });

  it('ends with the reason of the signal, whatever was read', async () => {
    const run = new AbortController();
    const failing = {
      read: async () => {
        run.abort('over');
        throw new Error('dropped');
      },
    };
    const known = { source, versions: ['v1'], reader: failing };
    await expect(underKnownVersion(credential('v9', 'right'), known, run)).rejects.toBe('over');
  });

  it('reads nothing when nothing changed or nothing is known', async () => {
    asked.length = 0;
    expect(await versionOf(credential('v1', 'right'), ['v1', undefined])).toBe('v1');
    expect(asked).toEqual([]);
  });
});
