import { afterAll, beforeAll, expect, it } from 'vitest';
import { demoChecks } from '../../../lib/demo/esxi-sshd/checks.ts';
import { describeWithPeers } from '../../support/peers/peer-requirements.ts';
import { pollUntil } from '../../support/peers/poll-until.ts';
import {
  type Prometheus,
  promQuery,
  pushgatewayConfig,
  startPrometheus,
} from '../../support/peers/prometheus.ts';
import { openSweeper, type Sweeper } from '../../support/peers/sweeper.ts';
import { type SweptFleet, startSweptFleet } from '../../support/peers/swept-fleet.ts';

const HEALTHY = demoChecks().esxcli.answers;
const FAILING = demoChecks({ deadPaths: 2, crcErrors: 41, disk: 'failing', fullRamdisk: 'tmp' }).esxcli
  .answers;
const [HOSTD_DEAD, HARDWARE, OLD, FLOODING, HANGING, BARE] = [
  'esx001',
  'esx002',
  'esx003',
  'esx004',
  'esx005',
  'esx006',
].map((name) => `${name}.example.org`) as [string, string, string, string, string, string];

describeWithPeers(['vcsim', 'sshd', 'pushgateway', 'prometheus'], 'checks of hosts by esxcli', () => {
  let fleet: SweptFleet;
  let prometheus: Prometheus;
  let sweeper: Sweeper;

  beforeAll(async () => {
    fleet = await startSweptFleet({
      network: 122,
      hostsPerCluster: 6,
      services: { hostd: 'running' },
      collectors: ['ssh-services', 'host-checks', 'host-disks', 'host-checks-unseen'],
    });
    for (const { name, address } of fleet.hosts)
      if (name !== BARE) await fleet.sshds.setEsxcli(address, HEALTHY);
    prometheus = await startPrometheus({ config: pushgatewayConfig(fleet.pushgateway.address) });
    sweeper = await openSweeper(fleet);
  });
  afterAll(async () => {
    await sweeper?.[Symbol.asyncDispose]();
    await prometheus?.[Symbol.asyncDispose]();
    await fleet?.[Symbol.asyncDispose]();
  });

  const addressOf = (wanted: string): string => {
    const host = fleet.hosts.find(({ name }) => name === wanted);
    if (host === undefined) throw new Error(`no host ${wanted}`);
    return host.address;
  };
  const selector = (labels: Readonly<Record<string, string>>) =>
    `{${Object.entries(labels)
      .map(([label, text]) => `${label}="${text}"`)
      .join(', ')}}`;
  /** One value per series, in order. */
  const valuesOf = async (name: string, host: string, labels: Readonly<Record<string, string>> = {}) =>
    (await promQuery(prometheus.url, `${name}${selector({ hostsystem: host, ...labels })}`))
      .map(({ value }) => value)
      .toSorted((a, b) => a - b);
  const sweepUntil = (what: string, isSo: () => Promise<boolean>) =>
    pollUntil(
      what,
      async () => {
        await sweeper.sweep();
        return (await isSo()) || undefined;
      },
      { timeoutMs: 90_000, everyMs: 500 },
    );

  it('reach Prometheus from every host that has esxcli, healthy values first', async () => {
    await sweepUntil(
      '5 hosts whose hostd answers',
      async () => (await promQuery(prometheus.url, 'esxi_hostd_answers == 1')).length === 5,
    );
    expect(await valuesOf('esxi_storage_paths', HARDWARE, { state: 'active' })).toEqual([4]);
    expect(await valuesOf('esxi_nic_errors', HARDWARE, { kind: 'receive_crc' })).toEqual([0, 0]);
    expect(await valuesOf('esxi_disk_smart_healthy', HARDWARE)).toEqual([1]);
    // A host without esxcli has no values of these checks; its services are read all the same.
    expect(await valuesOf('esxi_hostd_answers', BARE)).toEqual([]);
    expect(await valuesOf('esxi_storage_paths', BARE)).toEqual([]);
    expect(await valuesOf('esxi_critical_service_status', BARE, { service: 'hostd' })).toEqual([1]);
  });

  it('show each cause on the host where it is made, and on no other', async () => {
    await fleet.sshds.setEsxcli(addressOf(HOSTD_DEAD), HEALTHY, { hostd: 'dead' });
    await fleet.sshds.setEsxcli(addressOf(HARDWARE), FAILING);
    await fleet.sshds.setEsxcli(addressOf(OLD), FAILING, { format: 'csv' });
    await fleet.sshds.floodEsxcli(addressOf(FLOODING), 'network nic list');
    await fleet.sshds.setEsxcli(addressOf(HANGING), { 'network nic list': 'hung' });
    await sweepUntil(
      'the causes',
      async () =>
        (await valuesOf('esxi_hostd_answers', HOSTD_DEAD)).includes(0) &&
        (await valuesOf('esxi_storage_paths', HARDWARE, { state: 'dead' })).includes(2) &&
        (await valuesOf('esxi_storage_paths', OLD, { state: 'dead' })).includes(2),
    );
    // By localcli, which needs no hostd.
    expect(await valuesOf('esxi_storage_paths', HOSTD_DEAD, { state: 'active' })).toEqual([4]);
    for (const host of [HARDWARE, OLD]) {
      expect(await valuesOf('esxi_nic_errors', host, { kind: 'receive_crc', nic: 'vmnic0' })).toEqual([41]);
      expect(await valuesOf('esxi_disk_smart_healthy', host)).toEqual([0]);
      expect(await valuesOf('esxi_nvme_used_percent', host)).toEqual([101]);
      expect(await valuesOf('esxi_ramdisk_used_ratio', host, { ramdisk: 'tmp' })).toEqual([1]);
    }
    expect(await promQuery(prometheus.url, 'esxi_storage_paths{state="dead"} > 0')).toHaveLength(2);
    expect(await promQuery(prometheus.url, 'esxi_hostd_answers == 0')).toHaveLength(1);
  });

  it('lose to a flood, or to a command that hangs, that check alone', async () => {
    await sweepUntil('no NICs of the two', async () => {
      const both = await Promise.all([FLOODING, HANGING].map((host) => valuesOf('esxi_nic_errors', host)));
      return both.every((values) => values.length === 0);
    });
    for (const host of [FLOODING, HANGING]) {
      expect(await valuesOf('esxi_hostd_answers', host)).toEqual([1]);
      expect(await valuesOf('esxi_storage_paths', host, { state: 'active' })).toEqual([4]);
      expect(await valuesOf('esxi_disk_smart_healthy', host)).toEqual([1]);
      expect(await valuesOf('esxi_critical_service_status', host, { service: 'hostd' })).toEqual([1]);
    }
  });

  it('cost one login a host and a sweep', async () => {
    const before = (await fleet.sshds.log()).match(/Accepted \S+/g)?.length ?? 0;
    await sweeper.sweep();
    const after = (await fleet.sshds.log()).match(/Accepted \S+/g)?.length ?? 0;
    expect(after - before).toBe(fleet.hosts.length);
  });
});
