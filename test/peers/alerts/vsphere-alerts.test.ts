import { beforeAll, expect, it } from 'vitest';
import { runsBy } from '../../../lib/collectors/needs.ts';
import { COLLECTORS } from '../../../lib/collectors/registry.ts';
import { createDemoEstate } from '../../../lib/demo/demo-estate.ts';
import { DEMO_APPLIANCE } from '../../../lib/demo/vcenter/appliance.ts';
import { makeIdentity } from '../../../lib/demo/vcenter/certificate.ts';
import { DEMO_CERTIFICATES } from '../../../lib/demo/vcenter/demo-certificates.ts';
import type { DemoVcenterOptions } from '../../../lib/demo/vcenter/demo-vcenter.ts';
import type { DemoEstate } from '../../../lib/demo/vcenter/estate.ts';
import { ALERTS } from '../../../lib/monitoring/alerts/rule-files.ts';
import { systemClock } from '../../../lib/platform/clock.ts';
import { vsweep } from '../../integration/cli/vsweep-command.ts';
import { writeSweepFolder } from '../../integration/sweep/sweep-folder.ts';
import { demoHost, startTarget } from '../../integration/vsphere/demo-target.ts';
import { type ParsedSeries, parseExposition } from '../../support/exposition.ts';
import { sweepWithClocks } from '../../support/monitoring/scrape-demo.ts';
import { createOffsetClock } from '../../support/offset-clock.ts';
import { describeWithPeers } from '../../support/peers/peer-requirements.ts';
import { createTemporaryFolder } from '../../support/peers/temporary-folder.ts';
import { expectFiring } from './alert-timeline.ts';

const THEMES = ['hosts', 'vms', 'datastores', 'clusters', 'vcenter'] as const;
/** Of a collector by ssh: vsweep-alerts.test.ts. */
const BY_SSH = 'EsxiHostdDown';
const ALL = THEMES.flatMap((theme) => ALERTS[theme].map(({ name }) => name)).filter(
  (name) => name !== BY_SSH,
);

const DAY_MS = 86_400_000;
const ago = (days: number): string => new Date(systemClock.now() - days * DAY_MS).toISOString();
const READ = COLLECTORS.filter((one) => !runsBy([one], 'ask')).map(({ name }) => name);

const base = createDemoEstate();
const [first, second, third, fourth] = base.virtualMachines;
const [fast, slow] = base.datastores;

/** A fleet in which nothing is wrong. */
const WELL: DemoEstate = {
  ...base,
  virtualMachines: base.virtualMachines.slice(0, 4).map((one, at) => ({
    ...one,
    host: `host-${at + 1}`,
    snapshots: [],
    needsCare: false,
  })),
  datastores: [
    ...base.datastores,
    ...base.datastores.map((one) => ({
      ...one,
      moref: `${one.moref}b`,
      name: `${one.name}b`,
      url: `${one.url}b`,
    })),
  ].map((one) => ({ ...one, freeSpace: one.capacity / 2 })),
  alarms: [],
};

const hosts = (...changes: Parameters<typeof demoHost>[1][]) =>
  Array.from({ length: 4 }, (_, at) => demoHost(at + 1, { cluster: 'cluster-1', ...changes[at] }));

/** Each line is a cause, and the alerts that it should raise. */
const SICK_HOSTS = hosts(
  { connectionState: 'notResponding', configUnset: true, overallStatus: 'red' },
  {
    cluster: 'cluster-3', // whose vSphere HA and DRS are off
    hygiene: {
      certificate: 'ended',
      haState: 'networkIsolated',
      deadPaths: 2,
      linksDown: 1,
      configIssues: ['HostNoRedundantManagementNetworkEvent'],
    },
  },
  { clockOffsetMs: 60_000, hygiene: { load: 0.97, fan: 'red' } },
  { inMaintenanceMode: true },
);
const snapshot = base.virtualMachines.flatMap(({ snapshots }) => snapshots).slice(0, 1);
const SICK: DemoEstate = {
  ...WELL,
  virtualMachines: WELL.virtualMachines.map((one) => {
    if (one.moref === first?.moref) return { ...one, connectionState: 'orphaned' as const };
    if (one.moref === second?.moref) return { ...one, needsCare: true };
    if (one.moref === third?.moref)
      return {
        ...one,
        snapshots: snapshot.map((taken) => ({ ...taken, createTime: '2020-01-01T00:00:00Z', children: [] })),
      };
    if (one.moref !== fourth?.moref) return one;
    const guest = first?.guest;
    return {
      ...one,
      guest: guest && {
        ...guest,
        disks: guest.disks.map((disk) => ({ ...disk, freeSpace: Math.floor(disk.capacity / 50) })),
      },
    };
  }),
  datastores: WELL.datastores.map((one) => {
    if (one.moref === fast?.moref) return { ...one, freeSpace: Math.floor(one.capacity / 20) };
    if (one.moref === slow?.moref) return { ...one, freeSpace: Math.floor((one.capacity * 3) / 20) };
    return one.moref === `${fast?.moref}b`
      ? { ...one, isInaccessible: true }
      : { ...one, uncommitted: one.capacity * 3 };
  }),
  alarms: base.alarms.map((one) => ({ ...one, entity: 'host-1', status: 'red' as const })),
  tasks: [{ moref: 'task-1', state: 'running', queueTime: ago(1), startTime: ago(1) }],
};

const job = { status: 'SUCCEEDED', start_time: ago(0.02), end_time: ago(0.01) };
const APPLIANCE = { ...DEMO_APPLIANCE, backups: { '20260101-230000-24022515': job } };
const SICK_APPLIANCE = {
  ...DEMO_APPLIANCE,
  health: { ...DEMO_APPLIANCE.health, storage: 'red' },
  services: { ...DEMO_APPLIANCE.services, vpxd: { startup_type: 'AUTOMATIC', state: 'STOPPED' } },
  backups: {
    '20260101-230000-24022514': { ...job, start_time: ago(10), end_time: ago(9) },
    '20260101-230000-24022515': { ...job, status: 'FAILED' },
  },
  rootPasswordExpiresAt: ago(-3),
  signingChain: [DEMO_CERTIFICATES.ended],
  trustedRoots: { old: [DEMO_CERTIFICATES.ended] },
};

/** A whole run over a simulated vCenter, as `/metrics?target=` of it is scraped. */
async function scrape(options: Partial<DemoVcenterOptions>): Promise<readonly ParsedSeries[]> {
  await using vcenter = await startTarget({
    tls: await makeIdentity({ clock: systemClock, addresses: ['127.0.0.1'], validDays: 300 }),
    ...options,
  });
  await using folder = await createTemporaryFolder('vsphere-alerts');
  await writeSweepFolder(folder.path, vcenter, { name: 'all', collectors: READ });
  const series = parseExposition(
    await sweepWithClocks(() => vsweep(folder.path, 'sweep', 'all', '--dry-run')),
  );
  expect(series.length).toBeGreaterThan(500);
  return series.map((one) => ({ ...one, labels: { ...one.labels, job: 'vsphere', instance: 'vc01' } }));
}

describeWithPeers(['prometheus'], 'alerts on vSphere', () => {
  let well: readonly ParsedSeries[];
  let sick: readonly ParsedSeries[];
  beforeAll(async () => {
    const ahead = createOffsetClock();
    ahead.advance(60_000);
    well = await scrape({ hosts: hosts(), estate: WELL, appliance: APPLIANCE });
    sick = await scrape({ hosts: SICK_HOSTS, estate: SICK, appliance: SICK_APPLIANCE, clock: ahead });
  }, 240_000);

  it('are none of a fleet that is well, one each for what is wrong, and none again when it is mended', async () => {
    await expectFiring(
      [
        { minutes: 90, series: well, firing: [] },
        { minutes: 120, series: sick, firing: ALL },
        { minutes: 90, series: well, firing: [] },
      ],
      THEMES,
    );
  }, 240_000);
});
