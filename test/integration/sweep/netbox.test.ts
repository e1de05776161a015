import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { RunSummary } from '../../../lib/sweep/result/summary.ts';
import { parseExposition } from '../../support/exposition.ts';
import { startFakeNetbox } from '../../support/netbox/netbox.ts';
import { answer, startGateway } from '../sinks/gateway.ts';
import { DEVICES, NETBOX_TOKEN as TOKEN } from './faults/netbox-devices.ts';
import { outcomesOf, type SmallFleetOptions, startSmallFleet } from './small-fleet.ts';

const HOUR_MS = 61 * 60_000;
const THREE = [{}, {}, {}];

/** A fleet with NetBox, and what the last run pushed. */
async function start(
  options: { fleet?: Partial<SmallFleetOptions>; whenDown?: string; filter?: string } = {},
) {
  await using starting = new AsyncDisposableStack();
  const netbox = starting.use(await startFakeNetbox({ devices: DEVICES, token: TOKEN }));
  const gateway = starting.use(await startGateway([answer(200)]));
  const { whenDown = 'use-stale', filter = '{ platform: vmware-esxi }' } = options;
  const more = `netbox: { url: "${netbox.url}", token: { file: netbox.token }, filter: ${filter}, whenDown: ${whenDown} }\n`;
  const fleet = starting.use(
    await startSmallFleet({ hosts: THREE, pushUrl: gateway.url, more, ...options.fleet }),
  );
  await writeFile(join(fleet.folder, 'netbox.token'), `${TOKEN}\n`, { mode: 0o600 });
  const resources = starting.move();
  return {
    netbox,
    fleet,
    /** Values by name and the labels that are asked for. */
    pushed(name: string, ...labels: string[]) {
      const series = parseExposition(gateway.seen.at(-1)?.text ?? '').filter((one) => one.name === name);
      return series
        .map(({ labels: all, value }) => [...labels.map((label) => all[label]), value].join(' '))
        .sort();
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

const problemsOf = ({ targets }: RunSummary) => targets.flatMap(({ problems }) => problems).join('\n');
const BY_NETBOX = ['esx1: ok ok', 'esx2: ok ok', 'esx3: ok skipped(netbox)'];
const ALL = ['esx1: ok ok', 'esx2: ok ok', 'esx3: ok ok'];
const NONE = ['esx1: ok skipped(netbox)', 'esx2: ok skipped(netbox)', 'esx3: ok skipped(netbox)'];

describe('a run with NetBox', () => {
  it('asks by ssh the hosts that are active there, and all of them through vCenter', async () => {
    await using vsweep = await start();
    const summary = await vsweep.fleet.sweep();
    expect(outcomesOf(summary)).toEqual(BY_NETBOX);
    expect(summary.exitCode).toBe(0);
    expect(vsweep.pushed('esxi_critical_service_status', 'site', 'hostsystem', 'service')).toEqual([
      'qa-de-1a esx1 hostd 1',
      'qa-de-1a esx1 vpxa 0',
      'qa-de-1b esx2 hostd 1',
      'qa-de-1b esx2 vpxa 0',
    ]);
    expect(vsweep.pushed('esxi_overall_status', 'site', 'hostsystem')).toEqual([
      'qa esx3 2',
      'qa-de-1a esx1 2',
      'qa-de-1b esx2 2',
    ]);
  });

  it('says which hosts have no active device, and why they were not asked', async () => {
    await using vsweep = await start();
    const { targets } = await vsweep.fleet.sweep();
    expect(targets[0]?.warnings).toEqual([{ text: 'NetBox has no active device for esx3', count: 1 }]);
    expect(targets[0]?.hosts.map(({ details }) => details)).toEqual([
      [],
      [],
      ['ssh: NetBox has no device with its name or address among those that netbox.filter selects'],
    ]);
    expect(vsweep.pushed('vsweep_netbox_hosts', 'match')).toEqual([
      'address 1',
      'name 1',
      'none 1',
      'short-name 0',
    ]);
    expect(vsweep.pushed('vsweep_netbox_up', 'sweep', 'vcenter')).toEqual(['services vc1 1']);
    expect(vsweep.pushed('vsweep_netbox_devices')).toEqual(['4']);
  });

  it('asks NetBox once for all of its targets, and not again before cacheMinutes are over', async () => {
    await using vsweep = await start({ fleet: { targets: { vc1: [1], vc2: [2, 3] } } });
    await vsweep.fleet.sweep();
    await vsweep.fleet.sweep();
    expect(vsweep.netbox.seen).toHaveLength(1);
    vsweep.fleet.clock.advance(HOUR_MS);
    const summary = await vsweep.fleet.sweep();
    expect(vsweep.netbox.seen).toHaveLength(2);
    expect([...outcomesOf(summary, 'vc1'), ...outcomesOf(summary, 'vc2')]).toEqual(BY_NETBOX);
  });

  it('keeps the last site of a host whose device is not active any more', async () => {
    await using vsweep = await start();
    await vsweep.fleet.sweep();
    const [first, ...others] = DEVICES;
    vsweep.netbox.setDevices([{ ...first, status: 'failed' }, ...others]);
    for (let runs = 0; runs < 2; runs += 1) {
      vsweep.fleet.clock.advance(HOUR_MS);
      expect(outcomesOf(await vsweep.fleet.sweep())).toContain('esx1: ok skipped(netbox)');
    }
    expect(vsweep.pushed('esxi_overall_status', 'site', 'hostsystem')).toContain('qa-de-1a esx1 2');
  });

  it('uses a token that was changed', async () => {
    await using vsweep = await start();
    await writeFile(join(vsweep.fleet.folder, 'netbox.token'), 'wrong-token', { mode: 0o600 });
    expect(problemsOf(await vsweep.fleet.sweep())).toMatch(
      /403 Forbidden: Invalid token\. Check that netbox\.token/,
    );
    await writeFile(join(vsweep.fleet.folder, 'netbox.token'), TOKEN, { mode: 0o600 });
    expect(problemsOf(await vsweep.fleet.sweep())).toBe('');
  });
});

describe('NetBox that fails', () => {
  it.each([
    { whenDown: 'collect-all', expected: ALL, says: /Every host is asked by ssh, active or not/ },
    { whenDown: 'collect-none', expected: NONE, says: /No host is asked by ssh/ },
  ])('before it ever answered, with $whenDown', async ({ whenDown, expected, says }) => {
    await using vsweep = await start({ whenDown });
    vsweep.netbox.setFault('forbidden');
    const summary = await vsweep.fleet.sweep();
    expect(outcomesOf(summary)).toEqual(expected);
    expect(problemsOf(summary)).toMatch(says);
    expect(summary.exitCode).toBe(0);
    expect(vsweep.pushed('vsweep_netbox_up')).toEqual(['0']);
    expect(vsweep.pushed('vsweep_netbox_age_seconds')).toEqual([]);
    expect(vsweep.pushed('vsweep_netbox_hosts')).toEqual([]);
  });

  it.each([
    { whenDown: 'collect-all', expected: ALL },
    { whenDown: 'collect-none', expected: NONE },
  ])('after it answered, with $whenDown: sites stay', async ({ whenDown, expected }) => {
    await using vsweep = await start({ whenDown });
    expect(outcomesOf(await vsweep.fleet.sweep())).toEqual(BY_NETBOX);
    vsweep.netbox.setFault('server-error');
    vsweep.fleet.clock.advance(HOUR_MS);
    expect(outcomesOf(await vsweep.fleet.sweep())).toEqual(expected);
    expect(vsweep.pushed('esxi_overall_status', 'site', 'hostsystem')).toContain('qa-de-1b esx2 2');
    expect(Number(vsweep.pushed('vsweep_netbox_age_seconds')[0])).toBeGreaterThan(3_600);
  });

  it('by being slow holds up nobody beyond the time for listing, and is believed by the next run', async () => {
    await using vsweep = await start({ fleet: { every: '20s' } });
    vsweep.netbox.setFault('hangs');
    const slow = await vsweep.fleet.sweep({ onProgress: () => vsweep.netbox.release() });
    expect(outcomesOf(slow)).toEqual(ALL);
    expect(problemsOf(slow)).toMatch(/NetBox: no answer by the end of the listing phase/);
    expect(vsweep.netbox.seen).toHaveLength(1);
    const next = await vsweep.fleet.sweep();
    expect(outcomesOf(next)).toEqual(BY_NETBOX);
    expect(problemsOf(next)).toBe('');
    expect(vsweep.netbox.seen).toHaveLength(1);
  });

  it('while vCenter is down too: the last hosts and the last devices stand in', async () => {
    await using vsweep = await start({ fleet: { every: '20s' } });
    await vsweep.fleet.sweep();
    vsweep.netbox.setFault('forbidden');
    vsweep.fleet.clock.advance(HOUR_MS);
    await vsweep.fleet.vcenter[Symbol.asyncDispose]();
    expect(outcomesOf(await vsweep.fleet.sweep({ sessionsLeft: 'any' }))).toEqual([
      'esx1: failed(target) ok',
      'esx2: failed(target) ok',
      'esx3: failed(target) skipped(netbox)',
    ]);
  });
});
