import { beforeAll, describe, expect, it } from 'vitest';
import { createDemoEstate } from '../../../lib/demo/demo-estate.ts';
import { createDemoFleet } from '../../../lib/demo/fleet.ts';
import type { DemoVcenter, DemoVcenterFault } from '../../../lib/demo/vcenter/demo-vcenter.ts';
import type { DemoEstate } from '../../../lib/demo/vcenter/estate.ts';
import type { DemoTag } from '../../../lib/demo/vcenter/rest-service.ts';
import { parseExposition } from '../../support/exposition.ts';
import { createTemporaryFolder } from '../../support/peers/temporary-folder.ts';
import { vsweep } from '../cli/vsweep-command.ts';
import { PROOF, startTarget } from '../vsphere/demo-target.ts';
import { writeSweepFolder } from './sweep-folder.ts';

const tag = (name: string, category: string, objects: DemoTag['objects']): DemoTag => ({
  id: `urn:vmomi:InventoryServiceTag:${name}:GLOBAL`,
  name,
  category,
  objects,
});
const WEB01 = { type: 'VirtualMachine', id: 'vm-101' };
const TAGS: readonly DemoTag[] = [
  tag('gold', 'Tier', [WEB01, { type: 'Datastore', id: 'datastore-11' }]),
  tag('ops', 'Owner', [WEB01, { type: 'HostSystem', id: 'host-1001' }]),
];
const ESTATE: DemoEstate = {
  ...createDemoEstate(),
  tags: TAGS,
  customFields: [
    { key: 101, name: 'CostCentre', values: { 'vm-101': '4711', 'host-1001': '', 'datastore-12': 'a, "b"' } },
    { key: 102, name: 'unused', values: {} },
  ],
};

const COLLECTORS = ['vms', 'tags', 'custom-attributes'];

/** Sweeps the simulated vCenter, once a fault, in one folder and so with one state. */
async function sweep(
  faults: readonly (DemoVcenterFault | undefined)[],
  between: (vcenter: DemoVcenter) => void = () => undefined,
  more: object = {},
) {
  await using vcenter = await startTarget({
    hosts: createDemoFleet().map((host) => host.vcenter),
    estate: ESTATE,
  });
  await using folder = await createTemporaryFolder('tags');
  await writeSweepFolder(folder.path, vcenter, { name: 'inventory', collectors: COLLECTORS }, more);
  const runs = [];
  for (const fault of faults) {
    vcenter.misbehave(fault);
    const { output, errors, exitCode } = await vsweep(folder.path, 'sweep', 'inventory', '--dry-run');
    vcenter.misbehave(undefined);
    const series = parseExposition(output);
    const of = (name: string) => series.filter((one) => one.name === name);
    const success = of('vsweep_collector_success');
    runs.push({
      errors,
      exitCode,
      of,
      others: series.filter(({ name }) => !name.startsWith('vsweep_') && !/_tags$/.test(name)),
      success: Object.fromEntries(success.map(({ labels, value }) => [labels['collector'], value])),
    });
    between(vcenter);
  }
  return { runs, rest: vcenter.rest(), sessions: vcenter.sessions(), calls: { ...vcenter.stats.calls } };
}
type Swept = Awaited<ReturnType<typeof sweep>>;
const labelsOf = (run: Swept['runs'][number] | undefined, name: string) =>
  run?.of(name).map(({ labels }) => labels);

describe('a sweep with tags and custom attributes', () => {
  let swept: Swept;
  beforeAll(async () => {
    swept = await sweep([undefined]);
  }, 60_000);

  it('has an info series a tag, and none of an object without tags', () => {
    const [run] = swept.runs;
    expect(run?.exitCode, run?.errors).toBe(0);
    const web01 = {
      vm_name: 'web01',
      ds_name: 'fast01',
      host_name: 'esx01.example.org',
      dc_name: 'demo',
      cluster_name: 'cluster-1',
    };
    expect(labelsOf(run, 'vmware_vm_tags')).toEqual([
      { ...web01, category: 'Owner', tag: 'ops' },
      { ...web01, category: 'Tier', tag: 'gold' },
    ]);
    expect(labelsOf(run, 'vmware_host_tags')).toEqual([
      {
        host_name: 'esx01.example.org',
        dc_name: 'demo',
        cluster_name: 'cluster-1',
        category: 'Owner',
        tag: 'ops',
      },
    ]);
    expect(labelsOf(run, 'vmware_datastore_tags')).toHaveLength(1);
    expect(labelsOf(run, 'vmware_cluster_tags')).toEqual([]);
  });

  it('has an info series a custom attribute that has a value', () => {
    const [run] = swept.runs;
    const found = ['vm', 'host', 'datastore', 'cluster'].flatMap(
      (kind) => labelsOf(run, `vmware_${kind}_custom_attributes`) ?? [],
    );
    expect(
      found.map(({ vm_name, ds_name, attribute, value }) => [vm_name ?? ds_name, attribute, value]),
    ).toEqual([
      ['web01', 'CostCentre', '4711'],
      ['slow/01', 'CostCentre', 'a, "b"'],
    ]);
  });

  it('succeeds with every collector, logs in to REST once, and ends each session', () => {
    expect(swept.runs[0]?.success).toEqual({ vms: 1, tags: 1, 'custom-attributes': 1 });
    expect(swept.rest).toEqual({ logins: 1, refusedLogins: 0, sessions: 0 });
    expect(swept.sessions).toBe(0);
  });
});

describe('a tag that is renamed', () => {
  it('changes its own series and no other', async () => {
    const { runs } = await sweep([undefined, undefined], (vcenter) =>
      vcenter.setTags(TAGS.map((one) => (one.name === 'gold' ? { ...one, name: 'platinum' } : one))),
    );
    const [before, after] = runs;
    expect(after?.others).toEqual(before?.others);
    expect(before?.others.length).toBeGreaterThan(50);
    expect(labelsOf(before, 'vmware_datastore_tags')).toMatchObject([{ tag: 'gold' }]);
    expect(labelsOf(after, 'vmware_datastore_tags')).toMatchObject([{ tag: 'platinum' }]);
  }, 60_000);
});

describe('a REST API that fails', () => {
  it.each<[string, DemoVcenterFault, RegExp]>([
    [
      'refuses the account',
      { kind: 'status', status: 401, operation: 'rest login' },
      /tags: the REST API of vc01 refused the login of sweeper@vsphere\.local/,
    ],
    [
      'is not there',
      { kind: 'status', status: 503, operation: 'rest login' },
      /tags: the REST API of vc01 neither accepted nor refused/,
    ],
    ['resets connections', { kind: 'down', operation: 'rest tagging/tag' }, /tags: .*cut-off/],
    [
      'ends the session in the middle',
      { kind: 'status', status: 401, operation: 'rest tagging/tag-association' },
      /tags: .*HTTP 401.*session has ended/,
    ],
    [
      'sends garbage',
      { kind: 'status', status: 200, body: '{', operation: 'rest tagging/tag' },
      /tags: .*no JSON/,
    ],
  ])(
    'costs tags alone, and is said once, where it %s',
    async (_, fault, said) => {
      const { runs, rest, sessions } = await sweep([fault]);
      const [run] = runs;
      expect(run?.success).toEqual({ vms: 1, tags: 0, 'custom-attributes': 1 });
      expect(run?.of('vmware_vm_tags')).toEqual([]);
      expect(run?.of('vmware_vm_num_cpu')).toHaveLength(6);
      expect(run?.of('vmware_vm_custom_attributes')).toHaveLength(1);
      expect(run?.errors.match(new RegExp(said, 'g')), run?.errors).toHaveLength(1);
      expect(run?.errors).not.toContain(PROOF.password);
      expect([rest.sessions, sessions]).toEqual([0, 0]);
    },
    60_000,
  );

  it('is asked twice by an account that it refuses, and no third time; SOAP goes on', async () => {
    const refusing: DemoVcenterFault = { kind: 'status', status: 401, operation: 'rest login' };
    const { runs, calls } = await sweep([refusing, refusing, refusing, refusing]);
    expect(calls['rest login']).toBe(2);
    expect(calls['Login']).toBe(4);
    expect(runs.map(({ success }) => success['vms'])).toEqual([1, 1, 1, 1]);
    expect(runs[3]?.errors).toMatch(/no further login is tried until/);
  }, 60_000);

  it('is not asked with the one account of a domain, and the run says once why and what to do', async () => {
    const esxi = { credentials: { file: 'vc01.yaml', scope: 'domain' } };
    const { runs, calls } = await sweep([undefined], undefined, { esxi });
    expect(calls).toMatchObject({ Login: 1 });
    expect(calls['rest login']).toBeUndefined();
    const [run] = runs;
    expect(run?.success).toEqual({ vms: 1, tags: 0, 'custom-attributes': 1 });
    const said = /could not be read: tags: no login to the REST API of vc01.*such as vsweep@vsphere\.local/g;
    expect(run?.errors.match(said), run?.errors).toHaveLength(1);
  }, 60_000);

  it('is not asked where SOAP refuses the account', async () => {
    const { calls } = await sweep([{ kind: 'soap-fault', fault: 'InvalidLogin', operation: 'Login' }]);
    expect(calls['rest login']).toBeUndefined();
  }, 60_000);
});
