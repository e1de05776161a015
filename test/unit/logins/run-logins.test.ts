import { describe, expect, it } from 'vitest';
import type { CredentialRun } from '../../../lib/logins/trial/credential-run.ts';
import { createRunLogins } from '../../../lib/logins/trial/run-logins.ts';

const o = { signal: new AbortController().signal };
const ends = (accepted: number, refusedByProven: number) => ({
  accepted,
  refused: refusedByProven,
  refusedByProven,
  possible: 0,
  silent: 0,
  acceptedBy: accepted > 0 ? { address: 'esx1' } : undefined,
});

function start() {
  const calls: unknown[] = [];
  let opened = 0;
  const open = async (): Promise<CredentialRun> => {
    opened += 1;
    return {
      permission: { kind: 'open' },
      acceptedBy: undefined,
      judge: async ({ accepted, refused }, by) => void calls.push(['judge', accepted, refused, by]),
      isOk: () => true,
      end: async () => void calls.push('end'),
    };
  };
  return { logins: createRunLogins({ allowanceOf: () => 3 }), open, calls, opened: () => opened };
}

describe('createRunLogins', () => {
  it('opens the credential once for all targets, and judges over all of them when the last one is done', async () => {
    const { logins, open, calls, opened } = start();
    const [one, other] = await Promise.all([logins.join(open), logins.join(open)]);
    await one.leave(ends(0, 4), o);
    expect({ calls, opened: opened() }).toEqual({ calls: [], opened: 1 });
    await other.leave(ends(9, 0), o);
    expect(calls).toEqual([['judge', 9, 4, 'esx1'], 'end']);
    await logins.join(open);
    expect(opened()).toBe(2);
  });

  it('opens the credential anew for a target that comes while the last one gives the trial back', async () => {
    const { logins, open, opened } = start();
    const writing = Promise.withResolvers<void>();
    const slow = async () => ({ ...(await open()), end: () => writing.promise });
    const left = (await logins.join(slow)).leave(undefined, o);
    const joining = logins.join(open);
    await new Promise(setImmediate);
    expect(opened()).toBe(1);
    writing.resolve();
    await Promise.all([left, joining]);
    expect(opened()).toBe(2);
  });

  it('lets the next target try what one could not read', async () => {
    const { logins, open, calls } = start();
    const broken = () => Promise.reject(new Error('no table'));
    await expect(logins.join(broken)).rejects.toThrow('no table');
    await expect(logins.readCredential(broken)).rejects.toThrow('no table');
    const credential = { id: 'env:X', version: 'v1', username: 'root', scope: 'host' } as const;
    expect(await logins.readCredential(async () => credential)).toBe(credential);
    expect(await logins.readCredential(broken)).toBe(credential);
    await (await logins.join(open)).leave(undefined, o);
    expect(calls).toEqual([['judge', 0, 0, undefined], 'end']);
  });

  it('gives each target what the run of the credential says', async () => {
    const { logins, open } = start();
    const suspended = { kind: 'suspended', until: 9 } as const;
    const joined = await logins.join(async () => ({
      ...(await open()),
      permission: suspended,
      acceptedBy: 'esx7',
      isOk: () => false,
    }));
    expect(joined).toMatchObject({ permission: suspended, acceptedBy: 'esx7' });
    expect(joined.isOk()).toBe(false);
  });

  it('judges a trial after each wave, by all waves of the run', async () => {
    const { logins, open, calls } = start();
    const [one, other] = await Promise.all([logins.join(open), logins.join(open)]);
    const trial = { trial: true };
    await one.count(ends(1, 0), trial, o);
    await other.count(ends(1, 2), trial, o);
    expect(calls).toEqual([
      ['judge', 1, 0, 'esx1'],
      ['judge', 2, 2, 'esx1'],
    ]);
    expect(logins.turns.tally()).toMatchObject({ accepted: 2, refused: 2 });
  });

  it('counts the waves of a credential in use, which say nothing of it by themselves', async () => {
    const { logins, open, calls } = start();
    const joined = await logins.join(open);
    await joined.count(ends(1, 3), { trial: false }, o);
    expect(calls).toEqual([]);
    expect(logins.turns.tally()).toMatchObject({ accepted: 1, refused: 3 });
  });

  it('keeps the host that accepted the one account of a domain first in its place', async () => {
    const { logins, open, calls } = start();
    const joined = await logins.join(open);
    await joined.count(ends(1, 0), { trial: true }, o);
    await joined.count({ ...ends(4, 0), acceptedBy: { address: 'esx2' } }, { trial: true }, o);
    expect(calls).toEqual([
      ['judge', 1, 0, 'esx1'],
      ['judge', 5, 0, 'esx1'],
    ]);
  });

  it('judges by the address that accepted first', async () => {
    const { logins, open, calls } = start();
    const [one, other] = await Promise.all([logins.join(open), logins.join(open)]);
    await one.leave({ ...ends(1, 0), acceptedBy: { address: 'first' } }, o);
    await other.leave({ ...ends(1, 0), acceptedBy: { address: 'second' } }, o);
    expect(calls).toEqual([['judge', 2, 0, 'first'], 'end']);
  });

  it('judges when the last target leaves, also after one that could not join', async () => {
    const { logins, open, calls } = start();
    const one = await logins.join(open);
    await one.leave(ends(1, 0), o);
    await expect(logins.join(() => Promise.reject(new Error('no table')))).rejects.toThrow('no table');
    calls.length = 0;
    await (await logins.join(open)).leave(undefined, o);
    expect(calls).toHaveLength(2);
  });
});
