import { describe, expect, it } from 'vitest';
import { baseLabelsOf, hasMoid, type PresetName } from '../../../lib/catalogue/presets.ts';
import type { Facts, KindName } from '../../../lib/inventory/kind.ts';
import { KINDS } from '../../../lib/inventory/kinds.ts';

const FACTS: Facts = {
  datacenter: 'dc',
  cluster: 'cl',
  host: 'esx..',
  datastore: 'ds',
  datastoreCluster: 'pod',
  resourcePool: 'pool',
  poolPath: '/dc/pool',
  distributedSwitch: 'dvs',
  instanceUuid: 'uuid',
};

/** The labels of items with all facts, with none, and in a vApp, as series have them. */
function labelsIn(kind: KindName, preset: PresetName): string[] | undefined {
  const name = 'name..';
  const print = (facts: Facts) =>
    baseLabelsOf({ kind, preset })
      .map(([label, value]) => `${label}=${value({ target: 'vc', site: 'lab', name, facts })}`)
      .join(' ');
  try {
    return [print(FACTS), print({}), print({ ...FACTS, virtualApp: 'vapp' })];
  } catch {
    return undefined;
  }
}

describe('the labels of items', () => {
  it.each(['esxi_exporter', 'vmware_exporter', 'otel'] as const)(
    'under the preset %s are those of its fixture',
    async (preset) => {
      const all = KINDS.flatMap(
        ({ name }) => labelsIn(name, preset)?.map((text) => `${name}: ${text}`) ?? `${name}: none`,
      );
      await expect(`${all.join('\n')}\n`).toMatchFileSnapshot(`../../fixtures/preset-labels/${preset}.txt`);
    },
  );

  it('say why there are none of a kind, and leave out those that a row does without', () => {
    expect(() => baseLabelsOf({ kind: 'vm', preset: 'esxi_exporter' })).toThrow(
      new TypeError('the preset esxi_exporter has no labels for the kind vm'),
    );
    const row = { kind: 'host', preset: 'vmware_exporter', without: ['dc_name', 'x'] } as const;
    expect(baseLabelsOf(row).map(([label]) => label)).toEqual(['host_name', 'cluster_name']);
  });

  it('have the managed object id where it is asked for, but for those of esxi-exporter', () => {
    expect(hasMoid('otel', { moid: true })).toBe(true);
    expect(hasMoid('vmware_exporter', { moid: true })).toBe(true);
    expect(hasMoid('esxi_exporter', { moid: true })).toBe(false);
    expect(hasMoid('otel', { moid: false })).toBe(false);
    expect(hasMoid('otel', {})).toBe(false);
  });
});
