import { describe, expect, it } from 'vitest';
import { baseLabelsOf, type NamedItem, type PresetName } from '../../../lib/catalogue/presets.ts';
import type { KindName } from '../../../lib/inventory/kind.ts';

const ITEM: NamedItem = {
  target: 'vc01',
  site: 'qa',
  name: 'web01',
  facts: {
    host: 'esx01',
    cluster: 'c1',
    datacenter: 'dc1',
    datastore: 'fast01',
    datastoreCluster: 'pod1',
    folder: 'prod',
  },
};

const labelsFor = (preset: PresetName, kind: KindName, item = ITEM) =>
  Object.fromEntries(baseLabelsOf({ preset, kind }).map(([label, print]) => [label, print(item)]));

describe('the labels that name an item', () => {
  it('are those of the preset and the kind, from name and facts', () => {
    expect(labelsFor('esxi_exporter', 'host')).toEqual({ vcenter: 'vc01', site: 'qa', hostsystem: 'web01' });
    expect(labelsFor('vmware_exporter', 'vm')).toEqual({
      vm_name: 'web01',
      ds_name: 'fast01',
      host_name: 'esx01',
      dc_name: 'dc1',
      cluster_name: 'c1',
    });
    expect(labelsFor('vmware_exporter', 'datastore')).toEqual({
      ds_name: 'web01',
      dc_name: 'dc1',
      ds_cluster: 'pod1',
    });
    expect(labelsFor('vmware_exporter', 'host')).toEqual({
      host_name: 'web01',
      dc_name: 'dc1',
      cluster_name: 'c1',
    });
  });

  it('say n/a of a machine whose host nobody knows, and nothing of one on a host without a cluster', () => {
    const lost = { ...ITEM, facts: {} };
    expect(labelsFor('vmware_exporter', 'vm', lost)).toEqual({
      vm_name: 'web01',
      ds_name: 'n/a',
      host_name: 'n/a',
      dc_name: 'n/a',
      cluster_name: 'n/a',
    });
    expect(labelsFor('vmware_exporter', 'vm', { ...ITEM, facts: { host: 'esx01' } })).toEqual({
      vm_name: 'web01',
      ds_name: 'n/a',
      host_name: 'esx01',
      dc_name: '',
      cluster_name: '',
    });
  });

  it('leave out what a row goes without', () => {
    const row = { preset: 'esxi_exporter', kind: 'host', without: ['vcenter'] } as const;
    expect(baseLabelsOf(row).map(([label]) => label)).toEqual(['site', 'hostsystem']);
  });

  it('are refused for a kind that the preset does not know', () => {
    expect(() => baseLabelsOf({ preset: 'esxi_exporter', kind: 'vm' })).toThrow(/esxi_exporter .* vm/);
  });
});
