import { describe, expect, it } from 'vitest';
import type { NetboxVerdict } from '../../../lib/sweep/plan/netbox-plan.ts';
import { isSkippedByNetbox, netboxSiteOf, planNetbox } from '../../../lib/sweep/plan/netbox-plan.ts';
import { listedHost, T0 } from './builders.ts';

const HOSTS = [listedHost(1), listedHost(2), listedHost(3)];
const nowhere = () => undefined;
const verdict = (devices: readonly { name: string; site?: string }[] | undefined): NetboxVerdict => ({
  up: devices !== undefined,
  known: devices && {
    readAt: T0,
    devices: devices.map((device, index) => ({ id: index + 1, addresses: [], ...device })),
  },
  asks: 'active',
  problems: [],
});
const sitesOf = (sites: Readonly<Record<string, string>>, of: NetboxVerdict) => {
  const plan = planNetbox({ hosts: HOSTS, sites }, of, nowhere);
  return HOSTS.map(({ moref }) => netboxSiteOf(plan, moref));
};

describe('the site of a host', () => {
  const LAST = { 'host-1': 'old-1', 'host-2': 'old-2' };

  it('is that of its device, and of a host without one the last that NetBox gave', () => {
    const found = [
      { name: 'esx1.example.org', site: 'new-1' },
      { name: 'esx3.example.org', site: 'new-3' },
    ];
    expect(sitesOf(LAST, verdict(found))).toEqual(['new-1', 'old-2', 'new-3']);
  });

  it('stays the last one when its device has none any more, and when nothing is known of devices', () => {
    expect(sitesOf(LAST, verdict([{ name: 'esx1.example.org' }]))).toEqual(['old-1', 'old-2', undefined]);
    expect(sitesOf(LAST, verdict(undefined))).toEqual(['old-1', 'old-2', undefined]);
  });

  it('is none of what every object has', () => {
    const plan = planNetbox({ hosts: HOSTS, sites: LAST }, verdict([]), nowhere);
    expect(netboxSiteOf(plan, 'constructor')).toBeUndefined();
  });
});

describe('the hosts that NetBox has', () => {
  const at = (host: { moref: string }) => (host.moref === 'host-2' ? '10.0.0.2' : undefined);
  const device = (name: string, addresses: readonly string[]) => ({ id: 1, name, addresses: [...addresses] });
  const planOf = (asks: NetboxVerdict['asks'], devices: readonly ReturnType<typeof device>[] | undefined) =>
    planNetbox(
      {
        hosts: HOSTS.map((host, n) => ({ ...host, ...(n === 2 && { managementAddress: '10.0.0.3' }) })),
        sites: {},
      },
      { ...verdict(undefined), asks, known: devices && { readAt: T0, devices } },
      at,
    );
  const skipped = (plan: ReturnType<typeof planNetbox>) =>
    HOSTS.map(({ moref }) => isSkippedByNetbox(plan, moref));
  const TWO = [device('a', ['10.0.0.2']), device('b', ['10.0.0.3'])];

  it('are found by the address where they are dialled and by that of their management, too', () => {
    const plan = planOf('active', TWO);
    expect([...(plan.matches ?? [])].map(([moref, { by }]) => `${moref} ${by}`)).toEqual([
      'host-2 address',
      'host-3 address',
    ]);
    expect(plan.unmatched).toEqual(['esx1.example.org']);
    expect(skipped(plan)).toEqual([true, false, false]);
  });

  it('are asked or left alone together where the verdict says so, whatever is known of devices', () => {
    expect(skipped(planOf('all', TWO))).toEqual([false, false, false]);
    expect(skipped(planOf('none', TWO))).toEqual([true, true, true]);
  });

  it('are not told apart when nothing is known of devices', () => {
    const plan = planOf('active', undefined);
    expect(plan).toMatchObject({ matches: undefined, unmatched: [] });
    expect(skipped(plan)).toEqual([false, false, false]);
  });
});
