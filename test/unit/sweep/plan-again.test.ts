import { describe, expect, it } from 'vitest';
import { NO_KNOWN_HOSTS } from '../../../lib/config/known-hosts/find-keys.ts';
import { createAddressMap } from '../../../lib/state/address-map.ts';
import type { AccountHistory } from '../../../lib/state/stores/account-history.ts';
import type { HostKeyRecord } from '../../../lib/state/stores/host-keys.ts';
import type { BatchHost } from '../../../lib/sweep/batch.ts';
import { planAgain } from '../../../lib/sweep/dispatch/plan-again.ts';
import type { SshPlan } from '../../../lib/sweep/plan/plan-hosts.ts';
import { batchHost, esxiConfig, history, sshPlan, T0 } from './builders.ts';

const o = { signal: new AbortController().signal };
const at = (host: { address: string; port: number }) => `${host.address}:${host.port}`;

const CREDENTIAL = { id: 'env:ESXI', version: 'v1', username: 'CORP\\Vsweep', scope: 'host' } as const;

describe('planAgain', () => {
  it('knows the keys that the lost worker pinned, and keeps those that the plan looked at', async () => {
    const old = { type: 'ssh-rsa', blob: 'OLD' };
    const hosts = [
      batchHost(1),
      batchHost(2, { hostKey: old }),
      batchHost(3),
      batchHost(4, { ssh: { skip: 'lockdown' } }),
    ];
    const pinned = { type: 'ssh-ed25519', blob: 'NEW', target: 'vc01' } as unknown as HostKeyRecord;
    const keys = new Map(hosts.flatMap((host, index) => (index === 2 ? [] : [[at(host), pinned] as const])));
    const plan: SshPlan = {
      target: 'vc01',
      esxi: esxiConfig(),
      knownHosts: NO_KNOWN_HOSTS,
      accounts: createAddressMap([]),
      hostKeys: new Map(),
      askedByOthers: new Set(),
      stateDown: false,
      credentialVersion: 'v1',
      blacklistAfter: 3,
      blacklistMinutes: 30,
      now: 0,
    } as unknown as SshPlan;
    const again = await planAgain(
      hosts,
      { plan, credential: { ...CREDENTIAL, username: 'root' } },
      {
        accounts: { readSome: async () => createAddressMap([]) },
        hostKeys: { readSome: async () => keys },
        clock: { now: () => 1 },
      },
      o,
    );
    expect(again.map(({ ssh, hostKey }) => [ssh, hostKey])).toEqual([
      ['try', { type: 'ssh-ed25519', blob: 'NEW' }],
      ['try', old],
      ['try', undefined],
      [{ skip: 'lockdown' }, undefined],
    ]);
  });

  const REFUSED = history({ refusals: 1, refusedVersions: ['v1'], lastRefusalAt: T0 - 1, hostLimit: 5 });
  async function again(
    hosts: readonly BatchHost[],
    accounts: Record<string, AccountHistory>,
    plan = sshPlan(),
  ) {
    const asked: unknown[] = [];
    const planned = await planAgain(
      hosts,
      { plan, credential: { ...CREDENTIAL, scope: plan.esxi.credentials.scope } },
      {
        accounts: {
          readSome: async (user, { addresses }) => {
            asked.push([user, ...addresses]);
            return createAddressMap(Object.entries(accounts));
          },
        },
        hostKeys: {
          readSome: async (endpoints) => {
            asked.push([...endpoints]);
            return new Map();
          },
        },
        clock: { now: () => T0 },
      },
      o,
    );
    return { planned, asked };
  }

  it('reads the accounts of the hosts that are asked, and the keys of those that had none', async () => {
    const hostKey = { type: 'ssh-rsa', blob: 'OLD' };
    const hosts = [batchHost(1), batchHost(2, { hostKey }), batchHost(3, { ssh: { skip: 'lockdown' } })];
    const { asked } = await again(hosts, {});
    expect(asked).toEqual([['CORP\\Vsweep', '10.0.0.1', '10.0.0.2'], ['10.0.0.1:22']]);
  });

  it('asks by what stands of an account now, as of one that is not proven', async () => {
    const open = history({ provenVersion: 'v1', openAttempt: { version: 'v1', at: T0 } });
    const { planned } = await again([batchHost(1), batchHost(2), batchHost(3)], {
      '10.0.0.1': REFUSED,
      '10.0.0.2': open,
    });
    expect(planned.map(({ proven }) => proven)).toEqual([false, false, false]);
    expect(planned.map(({ account }) => account)).toEqual([
      { refusals: 1 },
      { refusals: 0, openAttempt: { version: 'v1', at: T0 } },
      { refusals: 0 },
    ]);
    expect(planned.map(({ ssh }) => ssh)).toEqual([
      { skip: 'blacklist', why: expect.stringContaining('refused') },
      'try',
      'try',
    ]);
  });

  it('goes by the time that it is now, not by that of the plan', async () => {
    const plan = sshPlan({ now: T0 + 24 * 3_600_000 });
    const { planned } = await again([batchHost(1)], { '10.0.0.1': REFUSED }, plan);
    expect(planned[0]?.ssh).toMatchObject({ skip: 'blacklist' });
  });

  it('goes by the limit that this run read, also where the table did not keep it', async () => {
    const twice = history({ refusals: 2, refusedVersions: ['v-1', 'v0'], hostLimit: 5 });
    const skipOf = async (hostLimit?: number) => {
      const limits = hostLimit === undefined ? {} : { limits: new Map([['10.0.0.1', { hostLimit }]]) };
      const [host] = (await again([batchHost(1)], { '10.0.0.1': twice }, sshPlan(limits))).planned;
      return host?.ssh;
    };
    expect(await skipOf()).toBe('try');
    expect(await skipOf(3)).toMatchObject({ skip: 'blacklist' });
  });

  it('reads the one account of a domain by its name there', async () => {
    const esxi = esxiConfig({ credentials: { env: 'ESXI', scope: 'domain' } });
    const { planned, asked } = await again([batchHost(1), batchHost(2)], { '*': REFUSED }, sshPlan({ esxi }));
    expect(asked[0]).toEqual(['vsweep', '*', '*']);
    expect(planned.map(({ ssh, account }) => [ssh, account.refusals])).toEqual([
      ['try', 1],
      ['try', 1],
    ]);
  });
});
