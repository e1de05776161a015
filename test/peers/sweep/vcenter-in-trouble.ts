import { createDemoEstate } from '../../../lib/demo/demo-estate.ts';
import { createDemoFleet } from '../../../lib/demo/fleet.ts';
import { DEMO_APPLIANCE } from '../../../lib/demo/vcenter/appliance.ts';
import { DEMO_CERTIFICATES } from '../../../lib/demo/vcenter/demo-certificates.ts';
import type { DemoHostHygiene } from '../../../lib/demo/vcenter/demo-host.ts';
import type { DemoVcenterOptions } from '../../../lib/demo/vcenter/demo-vcenter.ts';

const ESTATE = createDemoEstate();
const HOUR_MS = 3_600_000;
const ago = (ms: number) => new Date(Date.now() - ms).toISOString();

const WITHOUT_TIME: DemoHostHygiene = {
  isTimeSynchronized: false,
  isTimeInFallback: true,
  lastTimeSync: '2026-01-02T03:04:05Z',
  ntpServers: [],
};

/** A vCenter on which everything is wrong that these collectors look for. */
export const IN_TROUBLE = {
  hosts: createDemoFleet().map(({ vcenter }) =>
    vcenter.name === 'esx11.example.org' ? { ...vcenter, hygiene: WITHOUT_TIME } : vcenter,
  ),
  estate: {
    ...ESTATE,
    virtualMachines: ESTATE.virtualMachines.map((vm) =>
      vm.name === 'web02' ? { ...vm, reservation: 512 } : vm,
    ),
    tasks: [
      { moref: 'task-1', state: 'running', queueTime: ago(3 * HOUR_MS), startTime: ago(2 * HOUR_MS) },
      { moref: 'task-2', state: 'queued', queueTime: ago(HOUR_MS) },
    ],
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
      { moref: 'schedule-2', name: 'Weekly patches', enabled: false, state: 'success' },
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
} satisfies Partial<DemoVcenterOptions>;
