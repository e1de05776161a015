import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { APPLIANCE } from '../../../lib/catalogue/sources/appliance.ts';
import { TAGS } from '../../../lib/catalogue/sources/tags.ts';
import type { Collector } from '../../../lib/collectors/collector.ts';
import { COLLECTORS } from '../../../lib/collectors/registry.ts';
import { roleOf } from '../../../lib/collectors/role.ts';
import { createDemoEstate } from '../../../lib/demo/demo-estate.ts';
import { createDemoFleet } from '../../../lib/demo/fleet.ts';
import type { DemoVcenter } from '../../../lib/demo/vcenter/demo-vcenter.ts';
import type { DemoEstate } from '../../../lib/demo/vcenter/estate.ts';
import { parseExposition } from '../../support/exposition.ts';
import { createTemporaryFolder } from '../../support/peers/temporary-folder.ts';
import { vsweep } from '../cli/vsweep-command.ts';
import { PROOF, startTarget } from '../vsphere/demo-target.ts';
import { writeSweepFolder } from './sweep-folder.ts';

const OVER_VCENTER = COLLECTORS.filter(({ rows }) =>
  rows.every(({ privilege }) => privilege !== 'login by ssh'),
);
/** The REST API has no part in the roles of the simulated vCenter. */
const OVER_REST: readonly string[] = [TAGS.name, APPLIANCE.name];
const OVER_SOAP = OVER_VCENTER.filter(({ rows }) =>
  rows.every(({ source }) => !OVER_REST.includes(source.reader.name)),
);

const estate = createDemoEstate();
const soon = new Date(Date.now() + 3_600_000).toISOString();
const ago = new Date(Date.now() - 60_000).toISOString();
/** One with something of everything that rows are over. */
const ESTATE: DemoEstate = {
  ...estate,
  datastores: estate.datastores.map((one) => ({ ...one, datastoreCluster: 'group-p31' })),
  datastoreClusters: [{ moref: 'group-p31', name: 'pod', datacenter: 'demo' }],
  distributedSwitches: [
    {
      moref: 'dvs-41',
      name: 'dvs01',
      datacenter: 'demo',
      portgroups: [{ moref: 'dvportgroup-42', name: 'storage' }],
    },
  ],
  customFields: [
    {
      key: 7,
      name: 'Owner',
      values: { 'vm-101': 'a', 'host-1001': 'a', 'datastore-11': 'a', 'domain-c1': 'a' },
    },
  ],
  tasks: [{ moref: 'task-1', state: 'running', queueTime: ago, startTime: ago }],
  // Whichever of them are clusters.
  vsan: Array.from({ length: 20 }, (_, index) => ({
    cluster: `domain-c${index}`,
    overallHealth: 'green',
    groups: [{ id: 'network', health: 'green', tests: { vsanvmknic: 'green' } }],
    totalBytes: 10,
    freeBytes: 5,
    resyncBytes: 0,
    resyncObjects: 0,
  })),
  licenses: [{ editionKey: 'eval', total: 0, used: 1, costUnit: 'server', expirationDate: soon }],
  scheduledTasks: [
    { moref: 'schedule-1', name: 'nightly', enabled: true, state: 'error', nextRunTime: soon },
  ],
};

const roles: Record<string, readonly string[]> = {};
let vcenter: DemoVcenter;
beforeAll(async () => {
  vcenter = await startTarget({
    hosts: createDemoFleet().map((host) => host.vcenter),
    estate: ESTATE,
    privileges: roles,
  });
});
afterAll(() => vcenter[Symbol.asyncDispose]());

/** A sweep by an account with these privileges: the names of metrics that have a sample, and what it said of privileges. */
async function sweep(collectors: readonly Pick<Collector, 'name'>[], privileges: readonly string[]) {
  roles[PROOF.username] = privileges;
  await using folder = await createTemporaryFolder('role');
  await writeSweepFolder(folder.path, vcenter, {
    name: 'all',
    collectors: collectors.map(({ name }) => name),
  });
  const { output, errors, exitCode } = await vsweep(folder.path, 'sweep', 'all', '--dry-run');
  const series = parseExposition(output);
  return {
    names: new Set(series.map(({ name }) => name)),
    failed: series.flatMap(({ name, labels, value }) =>
      name === 'vsweep_collector_success' && value === 0 ? labels['collector'] : [],
    ),
    lacking: errors.match(/the account has no privilege \S+(?=,)/g) ?? [],
    errors,
    exitCode,
  };
}

const ofNames = (collectors: readonly Collector[]) =>
  collectors.flatMap(({ rows }) => rows.map(({ name }) => name));

/** The simulated firmware has no such sensor, no pool is limited in its memory, no object has tags. */
const NOT_THERE =
  /^vmware_host_sensor_(power_voltage|power_current|redundancy)$|^vmware_resource_pool_memory_limit_bytes$|_tags$|^vmware_cluster_custom_attributes$/;

describe('the role that vsweep role prints', () => {
  it('is enough for every collector', async () => {
    const { privileges } = roleOf(OVER_VCENTER, { endLeftoverSessions: true });
    const { names, failed, lacking, exitCode, errors } = await sweep(OVER_VCENTER, privileges);
    expect([exitCode, failed, lacking], errors).toEqual([0, [], []]);
    expect(ofNames(OVER_VCENTER).filter((name) => !names.has(name) && !NOT_THERE.test(name))).toEqual([]);
  }, 60_000);

  it.each(OVER_SOAP)(
    'is for $name as small as it can be: one privilege less costs exactly the rows that name it',
    async (one) => {
      const { privileges } = roleOf([one], { endLeftoverSessions: false });
      const whole = await sweep([one], privileges);
      expect([whole.exitCode, whole.failed, whole.lacking], whole.errors).toEqual([0, [], []]);
      const there = ofNames([one]).filter((name) => whole.names.has(name));
      expect(there).not.toEqual([]);
      const optional = privileges.filter((privilege) => !CANNOT_BE_LEFT_OUT.includes(privilege));
      for (const privilege of optional) {
        const less = await sweep(
          [one],
          privileges.filter((other) => other !== privilege),
        );
        const naming = one.rows.filter((row) => row.privilege === privilege).map(({ name }) => name);
        const lost = there.filter((name) => !less.names.has(name));
        expect([privilege, lost], less.errors).toEqual([
          privilege,
          there.filter((name) => naming.includes(name)),
        ]);
        expect(less.lacking, less.errors).toEqual(
          naming.length === 0 ? [] : [`the account has no privilege ${privilege}`],
        );
        expect([less.exitCode, less.failed], less.errors).toEqual([0, []]);
      }
    },
    60_000,
  );

  it('cannot go without what every role has: vCenter then refuses the login, and the run says what to give', async () => {
    const { exitCode, errors } = await sweep(OVER_SOAP, ['System.Anonymous', 'System.Read']);
    expect(exitCode).toBe(1);
    expect(errors).toMatch(
      /refused the login .*: NoPermission\. Give the account the role "Read-only" on the root folder/,
    );
  }, 60_000);
});

/** Without one of them there is no login, and vCenter makes no role without them. System.Read is left out all the same. */
const CANNOT_BE_LEFT_OUT: readonly string[] = ['System.Anonymous', 'System.View'];
