import type { Item, KindName } from '../inventory/kind.ts';

/** An item with what its target knows of it besides. */
export interface NamedItem extends Pick<Item, 'name' | 'facts'> {
  readonly target: string;
  /** The label `site`, by NetBox or the configuration. */
  readonly site: string;
}

/** A label that names an item, and how its value comes from the item's name and facts. */
export type BaseLabel = readonly [label: string, value: (item: NamedItem) => string];

/** A set of labels under which rows are emitted: those of the tool whose dashboards and alerts go on working. */
export type PresetName = 'esxi_exporter' | 'vmware_exporter';

/** vmware_exporter strips the dot of an absolute name (`host_labels`). */
const withoutDot = (hostName: string): string => hostName.replace(/\.+$/, '');

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
};

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
