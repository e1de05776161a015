import { describe, expect, it } from 'vitest';
import { NO_KNOWN_HOSTS } from '../../../lib/config/known-hosts/find-keys.ts';
import { createAddressMap } from '../../../lib/state/address-map.ts';
import type { HostKeyRecord } from '../../../lib/state/stores/host-keys.ts';
import { planAgain } from '../../../lib/sweep/plan/plan-again.ts';
import type { SshPlan } from '../../../lib/sweep/plan/plan-hosts.ts';
import { batchHost, esxiConfig } from './builders.ts';

const o = { signal: new AbortController().signal };
const at = (host: { address: string; port: number }) => `${host.address}:${host.port}`;

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
      { plan, username: 'root' },
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
});
