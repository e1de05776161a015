import { describe, expect, it } from 'vitest';
import type { CredentialRun } from '../../../lib/logins/trial/credential-run.ts';
import { createRunLogins } from '../../../lib/logins/trial/run-logins.ts';

const o = { signal: new AbortController().signal };
const ends = (accepted: number, refusedByProven: number) => ({
  accepted,
  refused: refusedByProven,
  refusedByProven,
  possible: 0,
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

  it('lets the next target try what one could not read', async () => {
    const { logins, open, calls } = start();
    const broken = () => Promise.reject(new Error('no table'));
    await expect(logins.join(broken)).rejects.toThrow('no table');
    await expect(logins.readCredential(broken)).rejects.toThrow('no table');
    const credential = {
      id: 'env:X',
      version: 'v1',
      username: 'root',
      proof: { kind: 'password', password: 'x' },
    } as const;
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

  it('hands verdicts of waves on, and counts the logins of waves into the last one', async () => {
    const { logins, open, calls } = start();
    const joined = await logins.join(open);
    await joined.judge({ ...ends(1, 0), accepted: 5 }, 'esx5', o);
    expect(calls).toEqual([['judge', 5, 0, 'esx5']]);
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
