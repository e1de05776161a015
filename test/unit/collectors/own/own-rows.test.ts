import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MetricRow } from '../../../../lib/catalogue/row.ts';
import { ownCollector } from '../../../../lib/collectors/own/compile-own.ts';
import { cutLabel } from '../../../../lib/collectors/own/own-value.ts';
import { compileGlob } from '../../../../lib/platform/glob.ts';
import { compilePattern, PatternError } from '../../../../lib/platform/re2.ts';
import type { PropertyValue } from '../../../../lib/vsphere/property/retrieved-object.ts';
import { configWith } from './own-configs.ts';

function rowOf(metric: string): MetricRow {
  const [sweep] = configWith(`own: { vmware_own: ${metric} }`).sweeps;
  const [row] = ownCollector(sweep?.own)?.rows ?? [];
  if (row === undefined) throw new Error('no row');
  return row;
}

/** What a row makes of an object with these properties. */
function pointsOf(
  metric: string,
  properties: Record<string, PropertyValue>,
  missing: Record<string, string> = {},
) {
  const { points, warnings } = rowOf(metric).source.evaluate({
    moref: { type: 'HostSystem', value: 'host-1' },
    properties: new Map(Object.entries(properties)),
    missing: new Map(Object.entries(missing)),
  });
  return [...points.map(({ labels, value }) => [...labels, value]), ...warnings];
}

const PNIC = 'config.network.pnic';
const EACH = `{ each: HostSystem ${PNIC}, value: linkSpeed.speedMb, labels: { nic: device } }`;
const nic = (device: string, speedMb?: number): PropertyValue => ({
  device,
  ...(speedMb === undefined ? {} : { linkSpeed: { speedMb, duplex: true } }),
});

describe('a row of an own metric', () => {
  it.each<[string, PropertyValue, unknown[]]>([
    ['runtime.inMaintenanceMode', true, [[1]]],
    ['runtime.inMaintenanceMode', false, [[0]]],
    ['summary.quickStats.uptime', -1, [[-1]]],
    // A long that a JavaScript number cannot hold.
    ['hardware.memorySize', '9223372036854775807', [[2 ** 63]]],
    ['runtime.bootTime', '2026-01-02T03:04:05.5Z', [[1_767_323_045.5]]],
    ['configIssue', [{ key: 1 }, { key: 2 }], [[2]]],
    ['config.option["a"].value', 7, [[7]]],
    ['config.option["a"].value', true, [[1]]],
    // Its digits are a text all the same.
    ['config.option["a"].value', '7', ['vmware_own: config.option["a"].value has a value that is no number']],
    ['runtime.bootTime', 'yesterday', ['vmware_own: runtime.bootTime has a value that is no number']],
  ])('makes of %s = %j %j', (path, value, expected) => {
    expect(pointsOf(`{ property: 'HostSystem ${path}' }`, { [path]: value })).toEqual(expected);
  });

  it('makes no sample of an unset property, and the configured value where there is one', () => {
    expect(pointsOf('{ property: HostSystem runtime.bootTime }', {})).toEqual([]);
    expect(pointsOf('{ property: HostSystem runtime.bootTime, unset: 0 }', {})).toEqual([[0]]);
  });

  it('says of a property that could not be read why, and makes no sample, whatever `unset` says', () => {
    const denied = { 'runtime.bootTime': 'NoPermission' };
    expect(pointsOf('{ property: HostSystem runtime.bootTime, unset: 0 }', {}, denied)).toEqual([
      'runtime.bootTime could not be read: NoPermission',
    ]);
  });

  it('has a state set of the words, and a warning for another one', () => {
    const metric = '{ property: HostSystem config.lockdownMode, states: [lockdownDisabled, lockdownNormal] }';
    expect(pointsOf(metric, { 'config.lockdownMode': 'lockdownNormal' })).toEqual([
      ['lockdownDisabled', 0],
      ['lockdownNormal', 1],
    ]);
    expect(pointsOf(metric, { 'config.lockdownMode': 'lockdownStrict' })).toEqual([
      'vmware_own: config.lockdownMode has a value that is none of lockdownDisabled, lockdownNormal',
    ]);
  });

  it.each<[string, PropertyValue, 0 | 1]>([
    ['{ equals: green }', 'green', 1],
    ['{ equals: green }', 'Green', 0],
    ['{ matches: "^gr" }', 'green', 1],
    ['{ matches: "^gr", equals: green }', 'grey', 0],
  ])('tests a text: %s of %s is %d, and the text goes nowhere', (test, value, expected) => {
    const metric = `{ property: HostSystem summary.overallStatus, test: ${test} }`;
    expect(pointsOf(metric, { 'summary.overallStatus': value })).toEqual([[expected]]);
  });

  it.each<[string, number, 0 | 1]>([
    ['{ above: 10 }', 11, 1],
    ['{ above: 10 }', 10, 0],
    ['{ above: 10, below: 20 }', 20, 0],
    ['{ equals: 11 }', 11, 1],
  ])('tests a number: %s of %d is %d', (test, value, expected) => {
    expect(
      pointsOf(`{ property: HostSystem summary.quickStats.uptime, test: ${test} }`, {
        'summary.quickStats.uptime': value,
      }),
    ).toEqual([[expected]]);
  });

  it('scales, and divides by another property; by none or by 0 there is no sample', () => {
    const metric = '{ property: Datastore summary.freeSpace, divide: summary.capacity, scale: 100 }';
    const free = (capacity: number) => ({ 'summary.freeSpace': 30, 'summary.capacity': capacity });
    expect(pointsOf(metric, free(60))).toEqual([[50]]);
    expect(pointsOf(metric, free(0))).toEqual([]);
    expect(pointsOf(metric, free(5e-324))).toEqual([
      'vmware_own: summary.freeSpace has a value that is no number',
    ]);
    expect(pointsOf(metric, { 'summary.freeSpace': 30 })).toEqual([]);
    expect(pointsOf('{ property: Datastore summary.freeSpace, scale: 1/20000 }', free(1))).toEqual([
      [30 / 20_000],
    ]);
  });

  it('has labels of the same object, empty where they are unset', () => {
    const metric =
      '{ property: HostSystem runtime.inMaintenanceMode, labels: { b: summary.hardware.model, a: name } }';
    expect(rowOf(metric).labels).toEqual(['b', 'a']);
    expect(pointsOf(metric, { 'runtime.inMaintenanceMode': true, name: 'esx' })).toEqual([['', 'esx', 1]]);
  });

  it('reads the whole parent of what only a subtype has', () => {
    const metric = '{ property: ClusterComputeResource summary.drsScore }';
    expect(rowOf(metric).source.needs).toEqual(['summary']);
    expect(pointsOf(metric, { summary: { drsScore: 80 } })).toEqual([[80]]);
    expect(pointsOf(metric, { summary: {} })).toEqual([]);
  });

  it('has a series an element, and none of an element in which the value is unset', () => {
    expect(pointsOf(EACH, { [PNIC]: [nic('vmnic0', 25_000), nic('vmnic1')] })).toEqual([['vmnic0', 25_000]]);
    const info = `{ each: HostSystem ${PNIC}, value: 1, labels: { nic: device } }`;
    expect(pointsOf(info, { [PNIC]: [nic('vmnic0'), nic('vmnic1')] })).toEqual([
      ['vmnic0', 1],
      ['vmnic1', 1],
    ]);
    expect(pointsOf(EACH, {})).toEqual([]);
  });

  it('takes the fields of a subtype from an element', () => {
    const metric =
      '{ each: VirtualMachine config.hardware.device, value: capacityInKB, labels: { key: key } }';
    const device = [
      { key: 4_000, macAddress: 'aa' },
      { key: 2_000, capacityInKB: 16 },
    ];
    expect(pointsOf(metric, { 'config.hardware.device': device })).toEqual([['2000', 16]]);
  });

  it('cuts elements beyond `max`, and says so', () => {
    const nics = Array.from({ length: 5 }, (_, index) => nic(`vmnic${index}`, 1));
    expect(
      pointsOf(
        EACH.replace(' }', ', max: 2 }').replace('{ nic: device, max: 2 }', '{ nic: device }, max: 2'),
        { [PNIC]: nics },
      ),
    ).toEqual([
      ['vmnic0', 1],
      ['vmnic1', 1],
      'vmware_own: config.network.pnic has more than 2 elements; the rest is left out',
    ]);
  });

  it('cuts a label of 65 kB, without half of a character and without control characters', () => {
    const [point] = pointsOf(EACH, { [PNIC]: [nic(`a\n\u0000${'😀'.repeat(20_000)}`, 1)] });
    expect(point?.[0]).toHaveLength(256);
    expect(point?.[0]).toMatch(/^a {2}😀/);
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 600 }), (text) => {
        const cut = cutLabel(text);
        return cut.length <= 256 && cut.isWellFormed() && !/\p{Cc}/u.test(cut);
      }),
    );
  });

  it('is the same each time it is asked for, because rows are compared by identity', () => {
    const [sweep] = configWith(`own: { vmware_own: ${EACH} }`).sweeps;
    expect(ownCollector(sweep?.own)).toBeDefined();
    expect(ownCollector(sweep?.own)).toBe(ownCollector(sweep?.own));
    expect(ownCollector(undefined)).toBeUndefined();
  });

  it('says in its help what it is made from, unless the configuration does', () => {
    expect(rowOf(EACH).help).toBe('linkSpeed.speedMb of each of HostSystem config.network.pnic');
    expect(rowOf('{ property: HostSystem runtime.bootTime, help: Boot time }').help).toBe('Boot time');
    expect(rowOf('{ counter: VirtualMachine cpu.ready.summation, scale: 1/20000 }').help).toBe(
      'VirtualMachine cpu.ready.summation, the newest value of 20s, times 1/20000',
    );
  });
});

describe('a row of a counter', () => {
  const reading = (values: Record<string, [string, number][]>) => ({
    values: new Map(
      Object.entries(values).map(([name, list]) => [
        name,
        list.map(([instance, value]) => ({ instance, value })),
      ]),
    ),
    unknown: new Set<string>(),
  });
  const evaluate = (metric: string, values: Record<string, [string, number][]>) =>
    rowOf(metric)
      .source.evaluate(reading(values))
      .points.map(({ labels, value }) => [...labels, value]);

  it('has the whole item, scaled', () => {
    const values: [string, number][] = [
      ['', 400],
      ['0', 200],
    ];
    const metric = '{ counter: VirtualMachine cpu.ready.summation, scale: 1/20000 }';
    expect(evaluate(metric, { 'cpu.ready.summation': values })).toEqual([[0.02]]);
  });

  it('has the instances that the pattern takes, and never the whole item among them', () => {
    const name = 'virtualDisk.totalReadLatency.average';
    const values: [string, number][] = [
      ['', 9],
      ['scsi0:0', 1],
      ['ide0:0', 2],
    ];
    const metric = (keep: string) =>
      `{ counter: VirtualMachine ${name}, instances: { label: disk${keep} }, test: { above: 1 } }`;
    expect(evaluate(metric(', keep: "scsi*"'), { [name]: values })).toEqual([['scsi0:0', 0]]);
    expect(evaluate(metric(''), { [name]: values })).toEqual([
      ['scsi0:0', 0],
      ['ide0:0', 1],
    ]);
  });

  it('is of 20 s for hosts and machines, and of vCenter’s database for all others', () => {
    const reader = (metric: string) => rowOf(metric).source.reader.name;
    expect(reader('{ counter: HostSystem cpu.usage.average }')).toBe('counters');
    expect(reader('{ counter: HostSystem cpu.usage.average, interval: 5m }')).toBe('historical-counters');
    expect(reader('{ counter: Datastore disk.used.latest }')).toBe('historical-counters');
  });
});

describe('a pattern of the configuration', () => {
  it('takes time that grows with the text: one that explodes elsewhere is done with 100,000 characters', () => {
    const text = `${'a'.repeat(100_000)}!`;
    expect(compilePattern('(a+)+$').test(text)).toBe(false);
    expect(compilePattern('^(?:a|aa)+$').test(text)).toBe(false);
    expect(compilePattern('(a+)+!$').test(text)).toBe(true);
  });

  it('is refused where it cannot be had in that time, or is none', () => {
    for (const pattern of ['(a)\\1', 'a(?=b)', '(', 'a{2000}'])
      expect(() => compilePattern(pattern), pattern).toThrow(PatternError);
  });

  it('as a glob takes what it says, and is slow for nothing', () => {
    expect(compileGlob('scsi*').test('scsi0:1')).toBe(true);
    expect(compileGlob('/dc1/vm/*').test('/dc1/vm/a/b')).toBe(false);
    expect(compileGlob('/dc1/vm/**').test('/dc1/vm/a/b')).toBe(true);
    expect(compileGlob('esx0?').test('esx01')).toBe(true);
    expect(compileGlob('esx0?').test('esx0')).toBe(false);
    expect(compileGlob('a.b').test('axb')).toBe(false);
    expect(compileGlob(`${'*a'.repeat(200)}b`).test('a'.repeat(2_000))).toBe(false);
  });

  it('as a glob of any text takes that text', () => {
    const plain = fc.string().map((text) => text.replaceAll(/[*?]/g, ''));
    fc.assert(fc.property(plain, (text) => compileGlob(text).test(text)));
    fc.assert(fc.property(plain, (text) => compileGlob('**').test(text)));
    fc.assert(fc.property(plain, plain, (one, other) => one === other || !compileGlob(one).test(other)));
  });
});
