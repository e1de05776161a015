import type { FactName, Item, KindName } from '../inventory/kind.ts';

/** An item with what its target knows of it besides. */
export interface NamedItem extends Pick<Item, 'name' | 'facts'> {
  readonly target: string;
  /** The label `site`, by NetBox or the configuration. */
  readonly site: string;
}

/** A label that names an item, and how its value comes from the item's name and facts. */
export type BaseLabel = readonly [label: string, value: (item: NamedItem) => string];

/** A set of labels under which rows are emitted: those of the tool whose dashboards and alerts go on working. */
export type PresetName = 'esxi_exporter' | 'vmware_exporter' | 'otel';

/** vmware_exporter strips the dot of an absolute name (`host_labels`). */
const withoutDot = (hostName: string): string => hostName.replace(/\.+$/, '');

type Print = BaseLabel[1];
const ofFact =
  (fact: FactName): Print =>
  ({ facts }) =>
    facts[fact] ?? '';
const DATACENTER: BaseLabel = ['vcenter_datacenter_name', ofFact('datacenter')];
const CLUSTER: BaseLabel = ['vcenter_cluster_name', ofFact('cluster')];
/** A machine is in a pool or in a vApp; both have an inventory path. */
const inPool =
  (print: Print): Print =>
  (item) =>
    item.facts.virtualApp ? '' : print(item);
const inVirtualApp =
  (print: Print): Print =>
  (item) =>
    item.facts.virtualApp ? print(item) : '';

/** By preset and kind. The order is that of the series' texts. */
const PRESETS: {
  readonly [Preset in PresetName]: { readonly [Kind in KindName]?: readonly BaseLabel[] };
} = {
  esxi_exporter: {
    host: [
      ['vcenter', ({ target }) => target],
      ['site', ({ site }) => site],
      ['hostsystem', ({ name }) => name],
    ],
  },
  // Those of vmware_exporter 0.18.4 (vmware_exporter.py, `_labelNames`). It says n/a for a machine whose place is not known.
  vmware_exporter: {
    vm: [
      ['vm_name', ({ name }) => name],
      ['ds_name', ({ facts }) => facts.datastore || 'n/a'],
      ['host_name', ({ facts }) => withoutDot(facts.host ?? '') || 'n/a'],
      ['dc_name', ({ facts }) => (facts.host ? (facts.datacenter ?? '') : 'n/a')],
      ['cluster_name', ({ facts }) => (facts.host ? (facts.cluster ?? '') : 'n/a')],
    ],
    datastore: [
      ['ds_name', ({ name }) => name],
      ['dc_name', ({ facts }) => facts.datacenter ?? ''],
      ['ds_cluster', ({ facts }) => facts.datastoreCluster ?? ''],
    ],
    host: [
      ['host_name', ({ name }) => withoutDot(name)],
      ['dc_name', ({ facts }) => facts.datacenter ?? ''],
      ['cluster_name', ({ facts }) => facts.cluster ?? ''],
    ],
    // Kinds that vmware_exporter does not have, in its words.
    cluster: [
      ['cluster_name', ({ name }) => name],
      ['dc_name', ({ facts }) => facts.datacenter ?? ''],
    ],
    'datastore-cluster': [
      ['ds_cluster', ({ name }) => name],
      ['dc_name', ({ facts }) => facts.datacenter ?? ''],
    ],
    'resource-pool': [
      ['resource_pool', ({ name }) => name],
      ['parent_pool', ({ facts }) => facts.resourcePool ?? ''],
      ['host_name', ({ facts }) => withoutDot(facts.host ?? '')],
      ['dc_name', ({ facts }) => facts.datacenter ?? ''],
      ['cluster_name', ({ facts }) => facts.cluster ?? ''],
    ],
    portgroup: [
      ['portgroup', ({ name }) => name],
      ['dvs_name', ({ facts }) => facts.distributedSwitch ?? ''],
      ['dc_name', ({ facts }) => facts.datacenter ?? ''],
    ],
    // Its name is in no label, but for those of `instance`.
    vcenter: [],
    'distributed-switch': [
      ['dvs_name', ({ name }) => name],
      ['dc_name', ({ facts }) => facts.datacenter ?? ''],
    ],
  },
  // The resource attributes of OpenTelemetry's vcenterreceiver (resources.go), as its Prometheus exporter makes labels of
  // them with `resource_to_telemetry_conversion`. An attribute that is not there is an empty label, which Prometheus takes
  // for none.
  otel: {
    cluster: [DATACENTER, ['vcenter_cluster_name', ({ name }) => name]],
    datastore: [DATACENTER, ['vcenter_datastore_name', ({ name }) => name]],
    host: [DATACENTER, CLUSTER, ['vcenter_host_name', ({ name }) => name]],
    'resource-pool': [
      DATACENTER,
      CLUSTER,
      ['vcenter_host_name', ofFact('host')],
      ['vcenter_resource_pool_name', ({ name }) => name],
      ['vcenter_resource_pool_inventory_path', ofFact('poolPath')],
    ],
    vm: [
      DATACENTER,
      CLUSTER,
      ['vcenter_host_name', ofFact('host')],
      ['vcenter_resource_pool_name', inPool(ofFact('resourcePool'))],
      ['vcenter_resource_pool_inventory_path', inPool(ofFact('poolPath'))],
      ['vcenter_virtual_app_name', inVirtualApp(ofFact('virtualApp'))],
      ['vcenter_virtual_app_inventory_path', inVirtualApp(ofFact('poolPath'))],
      ['vcenter_vm_name', ({ name }) => name],
      ['vcenter_vm_id', ofFact('instanceUuid')],
    ],
  },
};

/**
 * Whether series of a preset have the label `moid`, the managed object id, if the configuration asks for it. Those of
 * esxi-exporter stay as they are.
 */
export const MOID = 'moid';
export const hasMoid = (preset: PresetName, { moid = false }: LabelOptions): boolean =>
  moid && preset !== 'esxi_exporter';

export interface LabelOptions {
  /** Whether series have the managed object id of their item (`metrics.moid`). */
  readonly moid?: boolean;
}

/** The labels that name the items of a row. Throws TypeError for a kind that its preset has no labels for. */
export function baseLabelsOf(row: {
  readonly kind: KindName;
  readonly preset: PresetName;
  readonly without?: readonly string[];
}): readonly BaseLabel[] {
  const { kind, preset, without = [] } = row;
  const labels = PRESETS[preset][kind];
  if (labels === undefined) throw new TypeError(`the preset ${preset} has no labels for the kind ${kind}`);
  return labels.filter(([label]) => !without.includes(label));
}
