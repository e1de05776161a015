import { describe, expect, it } from 'vitest';
import { chooseAccounts, liftOf, nextLogin, printAccounts, printNext } from '../../../lib/cli/blacklist.ts';
import { systemClock } from '../../../lib/platform/clock.ts';
import type { AccountHistory } from '../../../lib/state/stores/account-history.ts';

const now = systemClock.now();
const MINUTE = 60_000;
const account = (more: Partial<AccountHistory> = {}): AccountHistory => ({
  user: 'root',
  address: '192.0.2.1',
  refusals: 2,
  refusedVersions: ['v1', 'v2'],
  lastRefusalAt: now,
  ...more,
});
const loaded = { config: { targets: [], blacklist: { minutes: 20 } } } as unknown as Parameters<
  typeof nextLogin
>[2];

describe('nextLogin', () => {
  it.each([
    ['https://VC01.example.org/sdk', 'vc01.example.org'],
    ['https://[2001:DB8::1]/sdk', '2001:db8::1'],
    ['https://192.0.2.1:8443/sdk', '192.0.2.1'],
  ])('judges the account on the vCenter %s by the rules of vCenters', (url, address) => {
    const one = account({ user: 'sweeper', address, refusedVersions: ['v1', 'v1'], earlierRefusalAt: now });
    const config = { targets: [{ url }], blacklist: { minutes: 20 } };
    const ofTarget = { config } as unknown as Parameters<typeof nextLogin>[2];
    expect(nextLogin(one, new Set(), ofTarget)).toEqual({ opens: 'time', until: now + 3_600_000 });
    // A host that is a target itself stands under the rules of hosts.
    expect(nextLogin(one, new Set([address]), ofTarget)).toEqual({ opens: 'lift' });
  });

  it('is the next run where nothing is in the way of the version that was refused last', () => {
    expect(
      nextLogin(
        account({ refusals: 1, refusedVersions: ['v1'], lastRefusalAt: now - 21 * MINUTE }),
        new Set(),
        loaded,
      ),
    ).toEqual({
      opens: 'run',
    });
  });

  it('waits for the care after a lost worker and for a suspended credential, the later of them', () => {
    const of = (more: Partial<AccountHistory>, credentials: Parameters<typeof nextLogin>[3] = []) =>
      nextLogin(
        account({ refusals: 1, refusedVersions: ['v7'], lastRefusalAt: now - 60 * MINUTE, ...more }),
        new Set(),
        loaded,
        credentials,
      );
    const suspended = (version: string, minutes: number) => ({
      id: 'file:x',
      suspended: { version, tries: 3, nextTryAt: now + minutes * MINUTE },
    });
    expect(of({})).toEqual({ opens: 'run' });
    const dialling = { until: now - MINUTE, alone: true };
    expect(of({ dialling })).toEqual({ opens: 'time', until: now + 19 * MINUTE });
    expect(of({ dialling: { until: now - 20 * MINUTE, alone: true } })).toEqual({ opens: 'run' });
    expect(of({}, [suspended('v7', 5), suspended('v8', 60)])).toEqual({
      opens: 'time',
      until: now + 5 * MINUTE,
    });
    expect(of({ dialling }, [suspended('v7', 5)])).toEqual({ opens: 'time', until: now + 19 * MINUTE });
    expect(of({ dialling }, [suspended('v7', 45)])).toEqual({ opens: 'time', until: now + 45 * MINUTE });
  });
});

describe('the list of accounts', () => {
  const at = Date.UTC(2026, 10, 29);
  const time = '2026-11-29T00:00:00.000Z';
  const width = Number.POSITIVE_INFINITY;

  it('says what each account waits for, and how the first is lifted', () => {
    const listed = [
      {
        account: account({ hostLimit: 5, unlockSeconds: 900, lastRefusalAt: at }),
        next: { opens: 'time', until: at } as const,
        hosts: ['esx1', 'esx2'],
      },
      {
        account: {
          user: 'a b',
          address: 'vc01',
          refusals: 1,
          refusedVersions: [],
          openAttempt: { version: 'v', at },
        },
        next: { opens: 'run' } as const,
        hosts: [],
      },
    ];
    expect(printAccounts(listed, { width }).split('\n')).toEqual([
      'user  address    host        refusals    limit                   last refusal              next try',
      `root  192.0.2.1  esx1, esx2  2           5, unlocks after 900 s  ${time}  ${time}`,
      `a b   vc01       -           1 + 1 open  -                       ${time}  in the next run`,
      'To lift the first one, log in there once with the right password, then run: vsweep blacklist lift --user root --address 192.0.2.1 --counter-was-reset',
    ]);
    expect(printAccounts([], { width })).toBe('no account has a refused login');
  });

  it.each([
    [{ opens: 'run' }, 'in the next run'],
    [{ opens: 'time', until: at }, time],
    [{ opens: 'new-version' }, 'when the credential changes'],
    [{ opens: 'lift' }, 'after "blacklist lift"'],
  ] as const)('prints %j', (next, expected) => {
    expect(printNext(next)).toBe(expected);
  });

  it('asks to confirm a reset of a counter that does not decay by itself', () => {
    const confirmed = '--counter-was-reset';
    expect(liftOf(account())).toContain(confirmed);
    expect(liftOf(account({ decays: false }))).toContain(confirmed);
    expect(liftOf(account({ decays: true }))).toBe(
      'correct the credential, then run: vsweep blacklist lift --user root --address 192.0.2.1',
    );
    expect(liftOf(account({ address: 'vc01/rest' }))).not.toContain(confirmed);
  });
});

describe('the accounts that are lifted', () => {
  const accounts = [
    account({ address: '192.0.2.1' }),
    account({ address: '192.0.2.2', user: 'ROOT' }),
    account({ address: '192.0.2.1', user: 'other' }),
  ];
  const named = (name: string, address: string | undefined) => ({
    moref: address ?? '',
    name,
    target: 'vc01',
    dial: address === undefined ? undefined : { address, port: 22 },
  });
  const hosts = [
    named('esx1', '192.0.2.1'),
    named('esx2', '192.0.2.2'),
    named('twice', '192.0.2.1'),
    named('twice', '192.0.2.2'),
    named('nowhere', undefined),
  ];
  const choose = (user: string, address?: string) =>
    chooseAccounts(accounts, { user, ...(address !== undefined && { address }) }, hosts).map(
      (one) => `${one.user} ${one.address}`,
    );

  it('are those of a user, in any case, everywhere, at an address, or on a host by its name', () => {
    expect(choose('Root')).toEqual(['root 192.0.2.1', 'ROOT 192.0.2.2']);
    expect(choose('root', '192.0.2.2')).toEqual(['ROOT 192.0.2.2']);
    expect(choose('root', 'ESX1')).toEqual(['root 192.0.2.1']);
    for (const address of ['nowhere', 'unknown', '192.0.2.3']) expect(choose('root', address)).toEqual([]);
    expect(choose('nobody', 'esx1')).toEqual([]);
  });

  it('are not guessed where two hosts have one name: a counter was reset on one of them', () => {
    expect(() => choose('root', 'twice')).toThrow(
      expect.objectContaining({
        issues: [
          {
            path: '--address',
            message: 'there are several hosts called twice: write one of 192.0.2.1, 192.0.2.2',
          },
        ],
      }),
    );
  });
});
