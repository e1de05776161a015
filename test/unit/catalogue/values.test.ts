import { describe, expect, it } from 'vitest';
import { countedRow } from '../../../lib/catalogue/counted.ts';
import { labelled, whole } from '../../../lib/catalogue/otel/points.ts';
import { certificateEnd } from '../../../lib/catalogue/sources/certificate-end.ts';
import { COLLECTORS } from '../../../lib/collectors/registry.ts';
import { DEMO_CERTIFICATES } from '../../../lib/demo/vcenter/demo-certificates.ts';
import type { PropertyValue } from '../../../lib/vsphere/property/retrieved-object.ts';

const ROWS = COLLECTORS.flatMap(({ rows }) => rows);

/** What the row of that name makes of a value of its reader: series as labels and value, then warnings. */
function made(name: string, reading: unknown) {
  const row = ROWS.find((one) => one.name === name);
  if (row === undefined) throw new RangeError(`no row ${name}`);
  const { points, warnings } = row.source.evaluate(reading);
  return [...points.map(({ labels, value }) => [...labels, value]), ...warnings];
}

const ofProperties = (name: string, properties: Readonly<Record<string, PropertyValue>>) =>
  made(name, {
    moref: { type: 'HostSystem', value: 'host-1' },
    properties: new Map(Object.entries(properties)),
    missing: new Map(),
  });

it('readers are called by these names, which stand in what workers are asked', () => {
  expect([...new Set(ROWS.map(({ source }) => source.reader.name))].toSorted()).toMatchInlineSnapshot(`
    [
      "aggregate",
      "appliance",
      "calls",
      "counters",
      "custom-attributes",
      "events",
      "historical-counters",
      "probe",
      "properties",
      "tags",
      "vcenter",
      "vsan",
    ]
  `);
});

describe('the clock', () => {
  const offset = (value: PropertyValue | undefined, roundTripMs: number) =>
    made('vmware_host_time_offset_seconds', {
      answers: new Map([['QueryDateTime', { value, at: 1_000, roundTripMs }]]),
      problems: [],
    });

  it('of a host is compared while the answer took 2 s at most, and where there is a time', () => {
    expect(offset('1970-01-01T00:00:03.5Z', 2_000)).toEqual([[2.5]]);
    expect(offset('1970-01-01T00:00:03.5Z', 2_001)).toEqual([
      'QueryDateTime was answered too late to compare clocks',
    ]);
    for (const value of [undefined, 'soon'])
      expect(offset(value, 0)).toEqual(['QueryDateTime was answered with no time']);
  });

  it('of an appliance has a mode, or a warning with those that there are', () => {
    const mode = (timeSync: string) =>
      made('vmware_vcenter_time_sync_mode', { answers: { timeSync }, denied: {}, failed: {} });
    expect(mode('HOST')).toEqual([
      ['NTP', 0],
      ['HOST', 1],
      ['DISABLED', 0],
    ]);
    expect(mode('SUN')).toEqual(['1 states of the appliance are none of NTP, HOST, DISABLED']);
  });
});

it('the last run of a scheduled task failed where its state is error, and nowhere else', () => {
  const scheduledTasks = ['error', 'success', 'running'].map((state) => ({ name: state, state }));
  expect(
    made('vmware_scheduled_task_failed', { answers: { scheduledTasks }, denied: {}, failed: {} }),
  ).toEqual([
    ['error', 1],
    ['success', 0],
    ['running', 0],
  ]);
});

describe('the names of alarms', () => {
  /** As many alarms as lengths, each with a reference of that length. */
  const names = (...lengths: readonly number[]) =>
    ofProperties('vmware_host_red_alarms', {
      triggeredAlarmState: lengths.map((length, index) => ({
        entity: { type: 'HostSystem', value: 'host-1' },
        alarm: { type: 'Alarm', value: String.fromCodePoint(97 + index).repeat(length) },
        overallStatus: 'red',
      })),
    });
  const a = (length: number) => 'a'.repeat(length);

  it('are one label of 4,096 characters at most, of whole references; the value counts all', () => {
    expect(names(4_000, 95)).toEqual([[`${a(4_000)},${'b'.repeat(95)}`, 2]]);
    expect(names(4_000, 96)).toEqual([[a(4_000), 2]]);
    expect(names(4_096, 1)).toEqual([[a(4_096), 2]]);
    expect(names(4_097)).toEqual([['', 1]]);
  });
});

it('what is not known of a network adapter is an empty label', () => {
  const pnic: PropertyValue = [
    { device: 'vmnic0', driver: 'ixgben', driverVersion: '1.2', firmwareVersion: '3.4' },
    { device: 'vmnic1' },
  ];
  expect(
    ofProperties('vmware_host_nic_info', {
      'runtime.connectionState': 'connected',
      'config.network.pnic': pnic,
    }),
  ).toEqual([
    ['vmnic0', 'ixgben', '1.2', '3.4', 1],
    ['vmnic1', '', '', '', 1],
  ]);
});

it('bytes of a certificate are signed or not: -128 to 255', () => {
  const pem = [...Buffer.from(DEMO_CERTIFICATES.valid)];
  const isRead = (byte: number) => certificateEnd.toPoints([...pem, byte]) !== undefined;
  expect([-129, -128, 255, 256].map(isRead)).toEqual([false, true, true, false]);
});

it('points of OpenTelemetry are behind further labels, and of the item as a whole under an empty one', () => {
  const points = [{ labels: ['a'], value: 1 }];
  expect(whole(points)).toEqual([{ labels: [''], value: 1 }]);
  expect(labelled(points, 'x', 'y')).toEqual([{ labels: ['x', 'y', 'a'], value: 1 }]);
});

it('a counter is queried by others where its row says so', () => {
  const row = countedRow('vm');
  expect(row(['cpu.ready.summation', 'Time', 'ms in 20 s', 'queried'])).toHaveProperty('isQueried', true);
  expect(row(['cpu.ready.summation', 'Time', 'ms in 20 s'])).not.toHaveProperty('isQueried');
});
