import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { explainCommand } from '../../../lib/cli/explain.ts';
import { here, refusal } from '../../support/cli/here.ts';
import { createTemporaryFolder } from '../../support/peers/temporary-folder.ts';

const explain = async (name: string, json = false) =>
  (await here(() => explainCommand(name, { json }))).output;

describe('a series explained', () => {
  it('has a line for each thing to know, the values of its labels among them', async () => {
    expect(await explain('vcenter_cluster_vm_count')).toBe(`name: vcenter_cluster_vm_count
help: Number of virtual machines of the cluster that are no templates, by power state: on, off or suspended
labels: vcenter_datacenter_name, vcenter_cluster_name, power_state
values of labels: power_state is on, off, suspended, unknown
values: never below 0
needs in vsweep.yaml: metrics: { preset: otel }
unit: number
per: cluster
no sample: when what it is made from has none
collectors: clusters
preset: otel
source: view: vmware_cluster_vms
privilege: System.Read
since vSphere: 2.0
cost: no call of its own: made from other metrics, where results are put together
alerts: none
dashboards: none
`);
  });

  it('shows the empty value of a label', async () => {
    expect(await explain('vcenter_host_network_throughput')).toContain(
      '\nvalues of labels: direction is received, transmitted; object is ""\n',
    );
  });

  it('is the same as JSON', async () => {
    expect(JSON.parse(await explain('vmware_host_connected', true))).toEqual({
      name: 'vmware_host_connected',
      help: 'Whether the host is connected to vCenter',
      labels: ['host_name', 'dc_name', 'cluster_name'],
      labelValues: {},
      values: 'one of 0, 1',
      unit: 'boolean',
      per: 'host',
      noSample: 'when it cannot be read',
      collectors: ['hosts'],
      preset: 'vmware_exporter',
      source: 'properties: runtime.connectionState',
      privilege: 'System.Read',
      since: '2.0',
      cost: 'no call of its own: its properties come with all others of the object, 100 objects a call',
      alerts: ['VsphereHostDisconnected'],
      dashboards: ['vsweep / Fleet: Not connected', 'vsweep / Host: Connected'],
    });
  });

  it('is of vsweep itself without a reader, a unit or a privilege', async () => {
    expect(await explain('vsweep_build_info')).toBe(`name: vsweep_build_info
help: 1; the version of vsweep that runs
labels: version
values: always 1
source: vsweep itself
cost: none
alerts: none
dashboards: vsweep / vsweep itself: Memory of the process, vsweep / vsweep itself: Lag of the event loop, vsweep / vsweep itself: Version
`);
  });

  it('has the words of states of an own metric', async () => {
    await using folder = await createTemporaryFolder('explain');
    const config = join(folder.path, 'vsweep.yaml');
    writeFileSync(
      config,
      `targets: [{ name: vc1, credentials: { env: VC1 } }]
metrics: { own: { my_state: { property: VirtualMachine guestHeartbeatStatus, states: [green, red] } } }
sweeps: [{ name: all, every: 1m, collectors: [own] }]
`,
    );
    const { output } = await here(() => explainCommand('my_state', { config, json: false }));
    expect(output.split('\n').filter((line) => /^(values|coll)/.test(line))).toEqual([
      'values of labels: state is green, red',
      'values: one of 0, 1',
      'collectors: own',
    ]);
    // One that the configuration does not emit says what it lacks.
    const other = await here(() => explainCommand('vmware_host_power_state', { config, json: false }));
    expect(other.output).toContain('\nneeds in vsweep.yaml: ');
    // Its own metrics are among those that were looked through.
    expect(await refusal(() => explainCommand('zzzz', { config, json: false }))).toBe(
      'the command line: 1 fault\n  <series>: vsweep has no series "zzzz"; `vsweep metrics list` shows all',
    );
  });

  const NAMES = '; own metrics are known with `--config <path>`';
  const ALL = `\`vsweep metrics list\` shows all${NAMES}`;
  it.each([
    [
      'vmware_host_connecte',
      `the nearest names are vmware_host_connected, vmware_host_ha_connected, vmware_vm_connected, vmware_host_ha_state${NAMES}`,
    ],
    ['zzzz', ALL],
    ['vmware_host_connected{host_name="esx1"}', 'leave out the labels in braces'],
  ])('says what to do about %s, which no series is called', async (name, hint) => {
    expect(await refusal(() => explainCommand(name, { json: false }))).toBe(
      `the command line: 1 fault\n  <series>: vsweep has no series ${JSON.stringify(name)}; ${hint}`,
    );
  });

  it('repeats no more than 200 characters of a name that no series has', async () => {
    expect(await refusal(() => explainCommand('x'.repeat(201), { json: false }))).toBe(
      `the command line: 1 fault\n  <series>: vsweep has no series "${'x'.repeat(200)}"; ${ALL}`,
    );
  });
});
