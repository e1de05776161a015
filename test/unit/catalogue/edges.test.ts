import { describe, expect, it } from 'vitest';
import { OTEL } from '../../../lib/catalogue/otel/otel.ts';
import { type Evaluated, kindsOf, type MetricRow } from '../../../lib/catalogue/row.ts';
import type { Member } from '../../../lib/catalogue/sources/aggregate.ts';
import { COUNTERS, HISTORICAL_COUNTERS, readNeed } from '../../../lib/catalogue/sources/counter.ts';
import { COLLECTORS } from '../../../lib/collectors/registry.ts';
import { GOLDEN_OBJECTS } from '../collectors/golden-objects.ts';
import { evaluate, itemOf } from '../collectors/subjects.ts';

const ROWS = COLLECTORS.flatMap(({ rows }) => rows);

/** What a row makes of a value of its reader. */
const made = (row: MetricRow | undefined, value: unknown): Evaluated => {
  if (row === undefined) throw new Error('no such row');
  return row.source.evaluate(value);
};
const rowNamed = (name: string) => ROWS.find((row) => row.name === name);

it('every metric is of a version of vSphere', () => {
  for (const { name, since } of ROWS) expect(since, name).toMatch(/^\d+\.\d+(?:\.\d+)*$/);
});

it('a metric of OpenTelemetry is of the newest version of those that it is made from', () => {
  const newest = (versions: readonly string[]) =>
    versions.toSorted((one, other) => one.localeCompare(other, 'en', { numeric: true })).at(-1);
  for (const { name, since, source } of OTEL)
    expect(since, name).toBe(newest((source.of ?? []).map((row) => row.since)));
});

it('a label refers to items of one kind or of several', () => {
  expect(kindsOf({ kind: 'vm', by: 'moref' })).toEqual(['vm']);
  expect(kindsOf({ kind: ['vm', 'host'], by: 'moref' })).toEqual(['vm', 'host']);
});

it('the objects of the golden files cost no warning but those of what they lack', () => {
  const warnings = GOLDEN_OBJECTS.flatMap((subject) =>
    evaluate(ROWS, subject).warnings.map((text) => `${subject.item.name}: ${text}`),
  );
  expect(warnings.filter((text) => !text.includes('vCenter sent no value'))).toEqual([]);
});

describe('instances of a counter', () => {
  /** One as each kind of device has it, and with something before and behind it. */
  const INSTANCES = [
    '',
    'vmnic0',
    'vmnic12',
    'vmk0',
    'scsi0:1',
    'nvme10:0',
    'sata0:12',
    'ide1:0',
    'usb0:0',
    '4000',
    'DISKFILE',
    'DELTAFILE',
    'SWAPFILE',
    'OTHERFILE',
    'naa.6000',
    '5eed0001-aa',
  ].flatMap((one) => (one === '' ? [one] : [one, `x ${one}`, `${one} x`]));

  it.each([
    ['host-devices', 'device', INSTANCES.slice(1)],
    ['host-devices', 'nic', ['vmnic0', 'vmnic12']],
    ['host-datastores', 'datastore', INSTANCES.slice(1)],
    ['vm-disks', 'disk', ['scsi0:1', 'nvme10:0', 'sata0:12', 'ide1:0']],
    ['vm-nics', 'nic', ['4000']],
    ['datastore-performance', 'file_type', ['DISKFILE', 'DELTAFILE', 'SWAPFILE', 'OTHERFILE']],
  ])('are, of %s under the label %s, those of its devices alone', (name, label, expected) => {
    const rows = COLLECTORS.find((one) => one.name === name)?.rows.filter(
      ({ labels }) => labels[0] === label,
    );
    expect(rows?.length).toBeGreaterThan(0);
    for (const row of rows ?? []) {
      expect([COUNTERS, HISTORICAL_COUNTERS]).toContain(row.source.reader);
      const { counter } = readNeed(String(row.source.needs[0]));
      const values = new Map([[counter, INSTANCES.map((instance) => ({ instance, value: 1 }))]]);
      const { points, warnings } = made(row, { values, unknown: new Set() });
      expect(points.map(({ labels }) => labels)).toEqual(expected.map((one) => [one]));
      expect(warnings).toEqual([]);
      expect(made(row, { values, unknown: new Set([counter]) })).toEqual({
        points: [],
        warnings: [`the target has no counter ${counter}`],
      });
    }
  });
});

describe('the offset of the clock of a vCenter', () => {
  const offset = (roundTripMs: number, time = 3_400) =>
    made(rowNamed('vmware_vcenter_time_offset_seconds'), {
      answers: { clock: { time, at: 1_000, roundTripMs } },
      denied: {},
      failed: {},
    });

  it('is told while the answer took 2 s at most', () => {
    expect(offset(2_000)).toEqual({ points: [{ labels: [], value: 2.4 }], warnings: [] });
    expect(offset(2_001)).toMatchObject({ points: [], warnings: [expect.stringContaining('too late')] });
  });
});

describe('what vSphere HA answers', () => {
  it('is slots and datastores, or nothing, and no warning', () => {
    const value = {
      totalSlots: 10,
      usedSlots: 3,
      unreservedSlots: 5,
      slotInfo: { cpuMHz: 500, memoryMB: 2 },
      heartbeatDatastoreInfo: [{}, {}],
    };
    const rows = [
      'vmware_cluster_ha_slots',
      'vmware_cluster_ha_slot_cpu_mhz',
      'vmware_cluster_ha_slot_memory_bytes',
      'vmware_cluster_ha_heartbeat_datastores',
    ].map(rowNamed);
    const answered = (answer: unknown) =>
      rows.map((row) =>
        made(row, {
          answers: new Map([['RetrieveDasAdvancedRuntimeInfo', { value: answer, at: 0, roundTripMs: 0 }]]),
          problems: [],
        }),
      );
    const plain = (amount: number) => ({ points: [{ labels: [], value: amount }], warnings: [] });
    expect(answered(value)).toEqual([
      {
        points: [
          { labels: ['used'], value: 3 },
          { labels: ['unreserved'], value: 5 },
          { labels: ['failover'], value: 2 },
        ],
        warnings: [],
      },
      plain(500),
      plain(2 * 2 ** 20),
      plain(2),
    ]);
    const nothing = { points: [], warnings: [] };
    for (const odd of [undefined, 'x', []]) expect(answered(odd)).toEqual(rows.map(() => nothing));
    expect(answered({ totalSlots: 10 })).toEqual([nothing, nothing, nothing, plain(0)]);
  });
});

describe('the machines of a cluster', () => {
  const member = (power: string, template: string): Member => ({
    ...itemOf('vm'),
    points: [{ labels: [power, template], value: 1 }],
  });
  const members = [
    member('poweredOn', 'false'),
    member('poweredOn', 'false'),
    member('suspended', 'false'),
    member('poweredOff', 'true'),
    member('poweredOff', 'true'),
    member('suspended', 'true'),
    { ...itemOf('vm'), points: [] },
  ];

  it('are counted by their power state, and templates apart', () => {
    expect(made(rowNamed('vmware_cluster_vms'), members)).toEqual({
      points: [
        { labels: ['poweredOn'], value: 2 },
        { labels: ['poweredOff'], value: 0 },
        { labels: ['suspended'], value: 1 },
      ],
      warnings: [],
    });
    expect(made(rowNamed('vmware_cluster_vm_templates'), members)).toEqual({
      points: [{ labels: [], value: 3 }],
      warnings: [],
    });
  });
});
