import { describe, expect, it } from 'vitest';
import type { AccountHistory } from '../../../lib/state/stores/account-history.ts';
import { hostsOfLimits, isNews, parseHostLimits } from '../../../lib/sweep/plan/host-limits.ts';
import { planHosts, withLimits } from '../../../lib/sweep/plan/plan-hosts.ts';
import { esxiConfig, history, listedHost, sshPlan, T0 } from './builders.ts';

describe('parseHostLimits', () => {
  it('finds limit and unlock time among the advanced settings', () => {
    const options = [
      { key: 'Security.AccountUnlockTime', value: '900' },
      { key: 'Annotations.WelcomeMessage', value: '' },
      { key: 'Security.AccountLockFailures', value: '5' },
    ];
    expect(parseHostLimits(options)).toEqual({ hostLimit: 5, unlockSeconds: 900 });
  });

  it.each([
    [undefined],
    [[]],
    ['5'],
    [[{ key: 'Security.AccountLockFailures', value: 'five' }]],
    [[{ key: 'Security.AccountLockFailures', value: '-1' }]],
    [[{ key: 'Security.AccountUnlockTime', value: '1e3' }]],
    [[{ key: 'Security.AccountUnlockTime', value: '9'.repeat(10) }]],
  ])('knows nothing from %j', (options) => {
    expect(parseHostLimits(options)).toEqual({});
  });

  it('reads on behind a setting that vCenter left empty', () => {
    const options = [undefined, { key: 'Security.AccountLockFailures', value: '5' }];
    expect(parseHostLimits(options as Parameters<typeof parseHostLimits>[0])).toEqual({ hostLimit: 5 });
  });

  it('goes by one of them when the other is not a number', () => {
    const options = [
      { key: 'Security.AccountLockFailures', value: '3' },
      { key: 'Security.AccountUnlockTime', value: 'never' },
    ];
    expect(parseHostLimits(options)).toEqual({ hostLimit: 3 });
  });
});

it('writes down what is news only: one that was not read again is not', () => {
  const known = { hostLimit: 5, unlockSeconds: 900 };
  expect(isNews(known, known)).toBe(false);
  expect(isNews({ hostLimit: 5 }, known)).toBe(false);
  expect(isNews({}, {})).toBe(false);
  expect(isNews({ hostLimit: 3, unlockSeconds: 900 }, known)).toBe(true);
  expect(isNews({ hostLimit: 5, unlockSeconds: 0 }, known)).toBe(true);
  expect(isNews({ unlockSeconds: 900 }, { hostLimit: 5 })).toBe(true);
});

/** Hosts by number, each with its history. */
const hostsWith = (...histories: readonly [number: number, changes: Partial<AccountHistory>][]) => ({
  hosts: histories.map(([number]) => ({ moref: `host-${number}`, address: `10.0.0.${number}` })),
  accounts: new Map(
    histories.map(([number, changes]) => [
      `10.0.0.${number}`,
      history({ address: `10.0.0.${number}`, ...changes }),
    ]),
  ),
});

describe('hostsOfLimits', () => {
  const find = (of: ReturnType<typeof hostsWith>, changes: Parameters<typeof sshPlan>[0] = {}) =>
    hostsOfLimits(of.hosts, sshPlan({ accounts: of.accounts, ...changes })).map(({ moref }) => moref);

  it('are those that hold refusals or a login without an end', () => {
    const open = { openAttempt: { version: 'v1', at: 0 } };
    expect(find(hostsWith([1, {}], [2, { refusals: 1 }], [3, open]))).toEqual(['host-2', 'host-3']);
    expect(hostsOfLimits([{ moref: 'host-9', address: 'unheard.of' }], sshPlan())).toEqual([]);
  });

  it('begin with those whose limit was never read, so that each of a large target has its turn', () => {
    const read = Array.from(
      { length: 50 },
      (_, index) => [index + 1, { refusals: 1, hostLimit: 5 }] as [number, Partial<AccountHistory>],
    );
    const asked = find(hostsWith(...read, [51, { refusals: 1 }], [52, { refusals: 1 }]));
    expect(asked).toHaveLength(50);
    expect(asked.slice(0, 3)).toEqual(['host-51', 'host-52', 'host-1']);
  });

  it('are none where all hosts count on the one account of a domain', () => {
    const esxi = esxiConfig({ credentials: { env: 'ESXI', scope: 'domain' } });
    expect(find(hostsWith([1, { refusals: 1 }]), { esxi })).toEqual([]);
  });
});

describe('the plan with the limits that a run read', () => {
  /** Refused once each by two values, a third one waits. */
  const refused = { refusals: 2, refusedVersions: ['v0', 'v-1'], lastRefusalAt: T0 - 3_600_000 };
  const skipOf = (stored: number | undefined, read: Record<string, number>) => {
    const limit = stored === undefined ? {} : { hostLimit: stored };
    const { accounts } = hostsWith([1, { ...refused, ...limit }]);
    const limits = new Map(Object.entries(read).map(([address, hostLimit]) => [address, { hostLimit }]));
    const esxi = esxiConfig({ overrides: { 'esx1.example.org': '10.0.0.1' } });
    const ssh = sshPlan({ accounts, esxi, limits });
    return planHosts([listedHost(1)], { siteOf: () => 'qa', ssh }).map((host) =>
      host.ssh === 'try' ? 'try' : host.ssh.skip,
    );
  };

  it('asks in this very run what a higher limit allows, and leaves alone what a lower one forbids', () => {
    expect(skipOf(undefined, {})).toEqual(['blacklist']);
    expect(skipOf(undefined, { '10.0.0.1': 5 })).toEqual(['try']);
    expect(skipOf(5, {})).toEqual(['try']);
    expect(skipOf(5, { '10.0.0.1': 3 })).toEqual(['blacklist']);
  });

  it('goes by the stored limit of a host that did not say its own', () => {
    expect(skipOf(5, { '10.0.0.2': 3 })).toEqual(['try']);
  });

  it('invents no history for a host that has none', () => {
    const limits = new Map([['10.0.0.7', { hostLimit: 5 }]]);
    expect(withLimits(undefined, { limits }, '10.0.0.7')).toBeUndefined();
  });
});
