import { describe, expect, it } from 'vitest';
import { compileOnly } from '../../../../lib/collectors/own/chosen-items.ts';
import { isTagRow, tagRows } from '../../../../lib/collectors/own/tag-rows.ts';
import type { OnlyConfig } from '../../../../lib/config/own-metrics.ts';
import type { Facts, KindName } from '../../../../lib/inventory/kind.ts';

const itemOf = (name: string, facts: Facts = {}) => ({ target: 'vc01', site: '', name, facts });
const DC = { datacenter: 'dc1' };
const WEB = itemOf('web01', { ...DC, folder: 'prod/web', cluster: 'c1' });
const ESX = itemOf('esx01', { ...DC, folder: 'unused', cluster: 'c1' });

describe('metrics.only', () => {
  it.each<[OnlyConfig, KindName, typeof WEB, boolean]>([
    [{}, 'vm', WEB, true],
    [{ name: ['web*'] }, 'vm', WEB, true],
    [{ name: ['eb*'] }, 'vm', WEB, false],
    [{ name: ['db*', '*01'] }, 'vm', WEB, true],
    [{ name: [] }, 'vm', WEB, false],
    [{ cluster: ['c?'] }, 'vm', WEB, true],
    [{ cluster: ['c?'] }, 'cluster', itemOf('c2', DC), true],
    [{ cluster: ['c1'] }, 'cluster', itemOf('c2', { ...DC, cluster: 'c1' }), false],
    [{ cluster: ['?*'] }, 'datastore', itemOf('d1', DC), false],
    [{ cluster: [''] }, 'datastore', itemOf('d1', DC), true],
    [{ name: ['web*'], cluster: ['c2'] }, 'vm', WEB, false],
    [{ name: ['db*'], cluster: ['c1'] }, 'vm', WEB, false],
    [{ name: ['web*'], cluster: ['c1'], folder: ['/dc2/**'] }, 'vm', WEB, false],
  ])('%j of %s %j: %s', (only, kind, item, isChosen) => {
    expect(compileOnly(only)(kind, item, new Set())).toBe(isChosen);
  });

  it.each<[KindName, typeof WEB, string]>([
    ['vm', WEB, '/dc1/vm/prod/web/web01'],
    ['vm', itemOf('a', DC), '/dc1/vm/a'],
    ['host', ESX, '/dc1/host/c1/esx01'],
    ['host', itemOf('esx02', DC), '/dc1/host/esx02'],
    ['resource-pool', itemOf('pool', { ...DC, cluster: 'c1', folder: 'unused' }), '/dc1/host/c1/pool'],
    ['cluster', itemOf('c1', { ...DC, folder: 'f', cluster: 'unused' }), '/dc1/host/f/c1'],
    ['datastore', itemOf('d1', { ...DC, folder: 'f' }), '/dc1/datastore/f/d1'],
    ['datastore-cluster', itemOf('pod', DC), '/dc1/datastore/pod'],
    ['portgroup', itemOf('p1', DC), '/dc1/network/p1'],
    ['distributed-switch', itemOf('s1', DC), '/dc1/network/s1'],
    ['vcenter', itemOf('vc01'), '/vc01'],
  ])('knows the place of a %s %j as %s', (kind, item, path) => {
    expect(compileOnly({ folder: [path] })(kind, item, new Set())).toBe(true);
    expect(compileOnly({ folder: [`${path}/x`, `x${path}`] })(kind, item, new Set())).toBe(false);
  });

  it.each([
    [['env=prod'], true],
    [['env=test', 'owner=ann'], true],
    [['env=test'], false],
    [['env=*'], false],
    [[], false],
  ])('with the tags %j of an object that has env=prod and owner=ann: %s', (tag, isChosen) => {
    const tags = new Set(['env=prod', 'owner=ann']);
    expect(compileOnly({ tag })('vm', WEB, tags)).toBe(isChosen);
    expect(compileOnly({ tag })('vm', WEB, new Set())).toBe(false);
    expect(compileOnly({ tag, name: ['db*'] })('vm', WEB, tags)).toBe(false);
  });
});

describe('the tags by which own metrics are chosen', () => {
  const own = (only: OnlyConfig | undefined) => ({ only, preset: 'otel', metrics: {}, series: 1 }) as const;

  it('are read of each kind once, by a row that nobody sees', () => {
    const rows = tagRows(own({ tag: ['a=b'] }), ['vm', 'host', 'vm']);
    expect(rows.map(({ kind, name }) => [kind, isTagRow(name)])).toEqual([
      ['vm', true],
      ['host', true],
    ]);
    expect(rows[0]).toMatchObject({
      name: 'own tags vm',
      help: 'Tags by which own metrics are chosen',
      unit: 'info',
      labels: ['category', 'tag'],
      preset: 'otel',
      privilege: 'System.Read',
      since: '6.5',
      isHidden: true,
    });
    expect(rows[0]?.source.reader.name).toBe('tags');
    expect(isTagRow('own_tags')).toBe(false);
  });

  it('are not read where nothing is chosen by them', () => {
    expect(tagRows(own(undefined), ['vm'])).toEqual([]);
    expect(tagRows(own({ name: ['a'] }), ['vm'])).toEqual([]);
  });
});
