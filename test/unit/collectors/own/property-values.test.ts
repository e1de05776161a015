import { describe, expect, it } from 'vitest';
import { compileOwn } from '../../../../lib/collectors/own/compile-own.ts';
import type { OwnMetricConfig } from '../../../../lib/config/own-metrics.ts';
import type { PropertyValue } from '../../../../lib/vsphere/property/retrieved-object.ts';

const compile = (metric: OwnMetricConfig) => compileOwn({ name: 'own', metric, preset: 'vmware_exporter' });

function rowOf(metric: OwnMetricConfig) {
  const row = compile(metric);
  if (row === undefined) throw new RangeError('no row');
  return row;
}

/** What a metric makes of an object: series as labels and value, then warnings. */
function made(
  metric: OwnMetricConfig,
  properties: Readonly<Record<string, PropertyValue>>,
  missing: Readonly<Record<string, string>> = {},
) {
  const { points, warnings } = rowOf(metric).source.evaluate({
    moref: { type: 'HostSystem', value: 'host-1' },
    properties: new Map(Object.entries(properties)),
    missing: new Map(Object.entries(missing)),
  });
  return [...points.map(({ labels, value }) => [...labels, value]), ...warnings];
}

const DEVICE = 'config.hardware.device';
const DISKS: OwnMetricConfig = {
  each: `VirtualMachine ${DEVICE}`,
  value: 'capacityInKB',
  labels: { key: 'key' },
};

describe('the row of a metric of properties', () => {
  it.each<[OwnMetricConfig, object]>([
    [
      { property: 'Datastore summary.freeSpace', divide: 'summary.capacity', labels: { ds: 'name' } },
      {
        help: 'Datastore summary.freeSpace, divided by summary.capacity',
        kind: 'datastore',
        labels: ['ds'],
        needs: ['summary.freeSpace', 'name', 'summary.capacity'],
        since: '2.0',
      },
    ],
    [
      { property: 'ClusterComputeResource summary.drsScore', labels: { score: 'summary.drsScore' } },
      {
        help: 'ClusterComputeResource summary.drsScore',
        kind: 'cluster',
        labels: ['score'],
        needs: ['summary'],
        since: '7.0.0.0',
      },
    ],
    [
      { ...DISKS, help: 'Capacity', divide: 'capacityInBytes' },
      { help: 'Capacity', kind: 'vm', labels: ['key'], needs: [DEVICE], since: '2.0' },
    ],
  ])('of %j says what it is and what it needs', (metric, said) => {
    const { help, kind, labels, since, source } = rowOf(metric);
    expect({ help, kind, labels, needs: source.needs, since }).toEqual(said);
    expect(rowOf(metric)).toMatchObject({
      name: 'own',
      preset: 'vmware_exporter',
      privilege: 'System.Read',
      isOwn: true,
    });
  });

  it.each<OwnMetricConfig>([
    { property: 'Folder name' },
    { property: 'HostSystem nome' },
    { each: 'Folder childEntity', value: 1 },
    { each: 'HostSystem name', value: 1 },
    { each: 'HostSystem nome', value: 1 },
    { each: `VirtualMachine ${DEVICE}`, value: 'capacity' },
    { each: true, value: 1 },
  ])('is none of %j, which the check refuses', (metric) => {
    expect(compile(metric)).toBeUndefined();
  });
});

describe('what cannot be read', () => {
  it('is named once for each property, and costs the series', () => {
    const ratio: OwnMetricConfig = {
      property: 'Datastore summary.freeSpace',
      divide: 'summary.capacity',
      labels: { a: 'summary.capacity' },
    };
    const denied = { 'summary.freeSpace': 'NoPermission', 'summary.capacity': 'NotSupported' };
    expect(made(ratio, {}, denied)).toEqual([
      'summary.freeSpace could not be read: NoPermission',
      'summary.capacity could not be read: NotSupported',
    ]);
  });

  it('is named of an array, instead of no element', () => {
    expect(made(DISKS, {}, { [DEVICE]: 'NoPermission' })).toEqual([
      `${DEVICE} could not be read: NoPermission`,
    ]);
    expect(made(DISKS, {}, { name: 'NoPermission' })).toEqual([]);
  });
});

describe('the elements of an array', () => {
  const disks = (...sizes: PropertyValue[]): Record<string, PropertyValue> => ({
    [DEVICE]: sizes.map((capacityInKB, key) => ({ key, capacityInKB, capacityInBytes: 1_024 })),
  });

  it('are taken whole up to max, and cut beyond it with one warning', () => {
    const rest = `own: ${DEVICE} has more than 2 elements; the rest is left out`;
    expect(made({ ...DISKS, max: 2 }, disks(5, 6))).toEqual([
      ['0', 5],
      ['1', 6],
    ]);
    expect(made({ ...DISKS, max: 2 }, disks(5, 6, 7))).toEqual([['0', 5], ['1', 6], rest]);
  });

  it('are 256 where nothing says how many', () => {
    const all = Array.from({ length: 257 }, () => 1);
    expect(made(DISKS, disks(...all.slice(1)))).toHaveLength(256);
    expect(made(DISKS, disks(...all))).toHaveLength(257);
    expect(made(DISKS, disks(...all)).at(-1)).toBe(
      `own: ${DEVICE} has more than 256 elements; the rest is left out`,
    );
  });

  it('say once that values are no number, beside the series of those that are', () => {
    expect(made(DISKS, disks('x', 'y', 7))).toEqual([
      ['2', 7],
      `own: ${DEVICE} has a value that is no number`,
    ]);
  });

  it('are divided by a field of their own, and have no series without it', () => {
    const metric = { ...DISKS, divide: 'capacityInBytes', scale: 1_024 };
    expect(made(metric, disks(7))).toEqual([['0', 7]]);
    expect(made(metric, { [DEVICE]: [{ key: 1, capacityInKB: 7 }] })).toEqual([]);
  });

  it('have the value of unset where they have none', () => {
    expect(made({ ...DISKS, unset: 3 }, { [DEVICE]: [{ key: 1 }] })).toEqual([['1', 3]]);
  });

  it('are none in what is no array', () => {
    expect(made(DISKS, { [DEVICE]: 'text' })).toEqual([]);
  });

  it('are values and labels themselves', () => {
    const each = 'HostSystem config.dateTimeInfo.ntpConfig.server';
    const path = 'config.dateTimeInfo.ntpConfig.server';
    const metric: OwnMetricConfig = { each, value: '.', states: ['a', 'b'], labels: { server: '.' } };
    expect(made(metric, { [path]: ['a', 'c'] })).toEqual([
      ['a', 'a', 1],
      ['a', 'b', 0],
      `own: ${path} has a value that is none of a, b`,
    ]);
  });
});
