import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDemoEstate } from '../../../lib/demo/demo-estate.ts';
import { createDemoFleet } from '../../../lib/demo/fleet.ts';
import { DEMO_APPLIANCE } from '../../../lib/demo/vcenter/appliance.ts';
import { DEMO_CERTIFICATES } from '../../../lib/demo/vcenter/demo-certificates.ts';
import type { DemoVcenterOptions } from '../../../lib/demo/vcenter/demo-vcenter.ts';
import { writeSweepFolder } from '../../integration/sweep/sweep-folder.ts';
import { startTarget } from '../../integration/vsphere/demo-target.ts';
import { describeWithPeers } from '../../support/peers/peer-requirements.ts';
import { pollUntil } from '../../support/peers/poll-until.ts';
import {
  type Prometheus,
  promQuery,
  pushgatewayConfig,
  startPrometheus,
} from '../../support/peers/prometheus.ts';
import { type Pushgateway, startPushgateway } from '../../support/peers/pushgateway.ts';
import { runVsweep } from '../../support/peers/run-vsweep.ts';
import { createTemporaryFolder } from '../../support/peers/temporary-folder.ts';

const COLLECTORS = [
  'appliance',
  'vcenter',
  'events',
  'vsan',
  'cluster-hygiene',
  'host-hygiene',
  'host-luns',
  'vm-hygiene',
  'snapshots',
  'snapshot-sizes',
];

/** A vCenter on which everything is wrong that these collectors look for. */
const IN_TROUBLE: Partial<DemoVcenterOptions> = {
  hosts: createDemoFleet().map((host) => host.vcenter),
  estate: {
    ...createDemoEstate(),
    licenses: [
      {
        editionKey: 'esx.plus',
        total: 32,
        used: 34,
        costUnit: 'cpuPackage',
        expirationDate: '2026-02-01T00:00:00Z',
      },
    ],
    // Of whichever of them is the first cluster.
    vsan: Array.from({ length: 20 }, (_, index) => ({
      cluster: `domain-c${index}`,
      overallHealth: 'red',
      groups: [{ id: 'network', health: 'red', tests: { hostdisconnected: 'red' } }],
      totalBytes: 2 ** 40,
      freeBytes: 2 ** 30,
      resyncBytes: 2 ** 33,
      resyncObjects: 7,
    })),
    scheduledTasks: [
      {
        moref: 'schedule-1',
        name: 'Nightly snapshots',
        enabled: true,
        state: 'error',
        nextRunTime: '2030-01-02T03:04:05Z',
      },
    ],
  },
  appliance: {
    ...DEMO_APPLIANCE,
    health: { ...DEMO_APPLIANCE.health, storage: 'red' },
    backups: {
      ...DEMO_APPLIANCE.backups,
      later: {
        status: 'FAILED',
        start_time: '2026-01-02T23:00:00.000Z',
        end_time: '2026-01-02T23:00:10.000Z',
      },
    },
    schedules: { default: { enable: false } },
    rootPasswordExpiresAt: '2026-02-03T00:00:00.000Z',
    services: {
      vpxd: { startup_type: 'AUTOMATIC', state: 'STOPPED' },
      'vsphere-ui': { startup_type: 'AUTOMATIC', state: 'STARTED', health: 'DEGRADED' },
    },
    signingChain: [DEMO_CERTIFICATES.ended],
    trustedRoots: { 'root-1': [DEMO_CERTIFICATES.ended] },
    timeSync: 'DISABLED',
    ntpServers: [],
  },
};

const ENDED = Date.parse('2026-01-02T03:04:05Z') / 1_000;

/** What an operator would ask, and the value of the only series in the answer. */
const ANSWERS: readonly (readonly [query: string, value: number])[] = [
  ['vmware_vcenter_health_state{component="storage",state="red"}', 1],
  ['vmware_vcenter_healthy == 0', 0],
  ['vmware_vcenter_backup_last_success_timestamp_seconds', Date.parse('2026-01-01T23:09:30Z') / 1_000],
  ['vmware_vcenter_backup_last_job_failed', 1],
  ['vmware_vcenter_backup_last_job_state{state="FAILED"}', 1],
  ['vmware_vcenter_backup_schedules{enabled="true"}', 0],
  ['vmware_vcenter_root_password_expiry_timestamp_seconds', Date.parse('2026-02-03T00:00:00Z') / 1_000],
  ['vmware_vcenter_service_running{startup_type="AUTOMATIC"} == 0', 0],
  ['vmware_vcenter_service_state{service="vpxd",state="STOPPED"}', 1],
  ['vmware_vcenter_service_health_state{service="vsphere-ui",health="DEGRADED"}', 1],
  ['vmware_vcenter_sts_certificate_expiry_timestamp_seconds', ENDED],
  ['vmware_vcenter_root_certificate_expiry_timestamp_seconds{chain="root-1"}', ENDED],
  ['vmware_vcenter_time_sync_mode{mode="DISABLED"}', 1],
  ['vmware_vcenter_ntp_servers', 0],
  ['vmware_scheduled_task_failed == 1', 1],
  ['vmware_scheduled_task_enabled', 1],
  ['vmware_scheduled_task_next_run_timestamp_seconds', Date.parse('2030-01-02T03:04:05Z') / 1_000],
  ['vmware_cluster_ha_slots{cluster_name="cluster-1",state="unreserved"}', 10],
  ['vmware_cluster_ha_slot_cpu_mhz{cluster_name="cluster-1"}', 32],
  ['vmware_cluster_ha_slot_memory_bytes{cluster_name="cluster-1"}', 2 ** 27],
  ['vmware_cluster_ha_heartbeat_datastores{cluster_name="cluster-1"}', 2],
  ['vmware_cluster_ha_enabled == 0', 0],
  ['vmware_cluster_drs_faults > 0', 1],
  ['vmware_host_certificate_expiry_timestamp_seconds{host_name="esx23.example.org"}', ENDED],
  ['vmware_host_storage_paths{host_name="esx23.example.org",state="dead"}', 2],
  ['vmware_host_time_synchronized{host_name="esx11.example.org"}', 0],
  ['vmware_vm_question_pending == 1', 1],
  ['vmware_vm_consolidation_needed == 1', 1],
  ['vmware_vm_snapshots{vm_name="web01"}', 4],
  ['min(vmware_vm_snapshot_timestamp_seconds{vm_name="web01"})', Date.parse('2026-01-01T01:00:00Z') / 1_000],
  ['vmware_vm_snapshot_size_bytes{vm_name="db01"}', 2 * (2 ** 20 + 30_000)],
  ['vmware_host_luns{host_name="esx23.example.org",state="lostCommunication"}', 1],
  ['vmware_license_used - vmware_license_capacity > 0', 2],
  ['vmware_license_expiry_timestamp_seconds', Date.parse('2026-02-01T00:00:00Z') / 1_000],
  ['max(vmware_vsan_cluster_health{status="red"})', 1],
  ['min(vmware_vsan_health_test{group="network",test="hostdisconnected"})', 0],
  ['min(vmware_vsan_capacity_bytes{kind="free"})', 2 ** 30],
  ['max(vmware_vsan_resync_bytes)', 2 ** 33],
  ['vmware_events_total{type="esx.problem.storage.apd.start"}', 2],
  ['vmware_events_total{type="VmFailoverFailed"}', 0],
];

describeWithPeers(['pushgateway', 'prometheus'], 'the state of a vCenter in Prometheus', () => {
  const resources = new AsyncDisposableStack();
  let prometheus: Prometheus;
  beforeAll(async () => {
    const vcenter = resources.use(await startTarget(IN_TROUBLE));
    const gateway: Pushgateway = resources.use(await startPushgateway());
    const folder = resources.use(await createTemporaryFolder('state-of-vcenter'));
    prometheus = resources.use(await startPrometheus({ config: pushgatewayConfig(gateway.address) }));
    const sweep = { name: 'state', collectors: COLLECTORS };
    await writeSweepFolder(folder.path, vcenter, sweep, { push: { url: gateway.url } });
    const run = async () => {
      const { exitCode, stderr } = await runVsweep(['sweep', 'state'], { cwd: folder.path });
      expect(exitCode, stderr).toBe(0);
    };
    // Events count from the first run on: those that happen then are in the second one.
    await run();
    const apd = { type: 'esx.problem.storage.apd.start', userName: '', message: 'All paths are down' };
    const createdTime = new Date().toISOString();
    vcenter.setEvents([1, 2].map((key) => ({ ...apd, key, createdTime })));
    await run();
    await pollUntil(
      'the second run in Prometheus',
      async () => (await promQuery(prometheus.url, 'vmware_events_total > 0'))[0],
      { timeoutMs: 60_000 },
    );
  }, 180_000);
  afterAll(() => resources.disposeAsync());

  it.each(ANSWERS)('%s is %d', async (query, value) => {
    const found = await promQuery(prometheus.url, query);
    expect(found.map((one) => one.value)).toEqual([value]);
  });
});
