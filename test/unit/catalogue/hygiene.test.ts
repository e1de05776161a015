import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CALLS, type CallReading } from '../../../lib/catalogue/sources/call.ts';
import { COLLECTORS } from '../../../lib/collectors/registry.ts';
import type { PropertyValue } from '../../../lib/vsphere/property/retrieved-object.ts';
import { retrieved } from '../collectors/subjects.ts';

const ROWS = COLLECTORS.filter(({ name }) =>
  ['host-hygiene', 'host-luns', 'vm-hygiene', 'snapshot-sizes', 'cluster-hygiene'].includes(name),
).flatMap(({ rows }) => rows);

function evaluate(name: string, properties: Record<string, PropertyValue>, missing = {}) {
  const row = ROWS.find((one) => one.name === name);
  const {
    points = [],
    warnings = [],
    lacks = [],
  } = row?.source.evaluate(retrieved(properties, missing)) ?? {};
  return { values: points.map(({ value }) => value), warnings, lacks };
}

const valuesOf = (name: string, properties: Record<string, PropertyValue>) =>
  evaluate(name, properties).values;

describe('the size of snapshots', () => {
  const name = 'vmware_vm_snapshot_size_bytes';
  const files = (...sizes: number[]) => sizes.map((size, key) => ({ key, size, name: '', type: '' }));
  const disk = (...chain: number[][]) => [{ key: 2000, chain: chain.map((fileKey) => ({ fileKey })) }];
  const snapshot = (...chain: number[][]) => ({ dataKey: 3, memoryKey: -1, disk: disk(...chain) });
  const layout = (snapshots: PropertyValue[], ...chain: number[][]) => ({
    'layoutEx.file': files(1_000, 200, 30, 4),
    'layoutEx.disk': disk(...chain),
    'layoutEx.snapshot': snapshots,
  });

  it('is that of what came after the first one, not of the base', () => {
    expect(valuesOf(name, layout([snapshot([0])], [0], [1]))).toEqual([204]);
    expect(valuesOf(name, layout([snapshot([0]), snapshot([0], [1])], [0], [1], [2]))).toEqual([234]);
  });

  it('is not that of the parent of a linked clone', () => {
    expect(valuesOf(name, layout([snapshot([0], [1])], [0], [1], [2]))).toEqual([34]);
  });

  it('is nothing without a snapshot, and when one of the files is not listed', () => {
    expect(valuesOf(name, layout([], [0], [1]))).toEqual([]);
    expect(valuesOf(name, {})).toEqual([]);
    expect(valuesOf(name, layout([snapshot([0])], [0], [9]))).toEqual([]);
    expect(evaluate(name, {}, { 'layoutEx.file': 'NoPermission' }).lacks).toEqual(['System.Read']);
  });

  it('counts no file twice, whatever the chains are', () => {
    const chain = fc.array(fc.array(fc.nat(3), { maxLength: 3 }), { maxLength: 4 });
    fc.assert(
      fc.property(fc.array(chain, { minLength: 1, maxLength: 3 }), chain, (then, now) => {
        const [size = -1] = valuesOf(
          name,
          layout(
            then.map((one) => snapshot(...one)),
            ...now,
          ),
        );
        expect(size).toBeGreaterThanOrEqual(0);
        expect(size).toBeLessThanOrEqual(1_234);
      }),
    );
  });
});

const FIELDS = [
  ...['key', 'file', 'chain', 'fileKey', 'disk', 'server', 'device', 'drsScore', '__proto__'],
  ...[
    'slotInfo',
    'cpuMHz',
    'memoryMB',
    'totalSlots',
    'usedSlots',
    'unreservedSlots',
    'heartbeatDatastoreInfo',
  ],
];
type Read = readonly (readonly [need: unknown, value: PropertyValue])[];
const property = (read: Read) =>
  retrieved({
    ...Object.fromEntries(read.map(([path, value]) => [String(path), value])),
    'runtime.connectionState': 'connected',
  });
const answered = (read: Read): CallReading => ({
  answers: new Map(read.map(([method, value]) => [String(method), { value, at: 0, roundTripMs: 1 }])),
  problems: [],
});

describe('rows of hygiene', () => {
  it.each(['vmx-', 'vmx-19x', 'VMX-19', 'vmx-99999', ''])('know no hardware version %j', (version) => {
    const { values, warnings } = evaluate('vmware_vm_hardware_version', { 'config.version': version });
    expect(values).toEqual([]);
    expect(warnings).toEqual(['config.version is none of vmx-<number>']);
  });

  it('tell no dump partition from no configuration', () => {
    const name = 'vmware_host_coredump_partition_active';
    expect(valuesOf(name, {})).toEqual([]);
    expect(valuesOf(name, { 'config.host': { type: 'HostSystem', value: 'host-1' } })).toEqual([0]);
  });

  it('have nothing of the links of a host that is not connected', () => {
    const nic = { 'config.network.pnic': [{ device: 'vmnic0' }] };
    for (const [state, values] of [
      ['connected', [0]],
      ['notResponding', []],
    ] as const)
      expect(valuesOf('vmware_host_nic_link_up', { ...nic, 'runtime.connectionState': state })).toEqual(
        values,
      );
  });

  it('take a word that vSphere does not know for none of a state set, with a warning', () => {
    const { values, warnings } = evaluate('vmware_host_ha_state', { 'runtime.dasHostState.state': 'later' });
    expect(values).toEqual([]);
    expect(warnings).toEqual([expect.stringContaining('is none of master, connectedToMaster')]);
  });

  it.each(ROWS)('$name yields finite numbers and no error, whatever the values are', (row) => {
    const leaf = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(Number.NaN));
    const object = fc.dictionary(
      fc.constantFrom(...FIELDS),
      fc.oneof(leaf, fc.dictionary(fc.constantFrom(...FIELDS), leaf)),
    );
    const value = fc.oneof(leaf, object, fc.array(fc.oneof(leaf, object)));
    fc.assert(
      fc.property(fc.array(value, { minLength: 4, maxLength: 4 }), (values) => {
        const read = row.source.needs.map(
          (need, index) => [need, values[index % 4] as PropertyValue] as const,
        );
        const { points } = row.source.evaluate(row.source.reader === CALLS ? answered(read) : property(read));
        for (const { labels, value: number } of points) {
          expect(labels).toHaveLength(row.labels.length);
          expect(Number.isFinite(number)).toBe(true);
        }
      }),
      { numRuns: 30 },
    );
  });
});
