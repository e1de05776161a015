import { describe, expect, it } from 'vitest';
import type { MetricRow } from '../../../../lib/catalogue/row.ts';
import { adviseOwn, seriesPerObject } from '../../../../lib/collectors/own/advise-own.ts';
import { ownCollector } from '../../../../lib/collectors/own/compile-own.ts';
import type { OwnMetricConfig } from '../../../../lib/config/own-metrics.ts';
import { configWith } from './own-configs.ts';

/** What is said of a metric, and of what its row is. */
function advised(name: string, written: string) {
  const [sweep] = configWith(`own: { ${name}: ${written} }`).sweeps;
  const [row] = ownCollector(sweep?.own)?.rows ?? [];
  const metric = sweep?.own?.metrics[name];
  if (row === undefined || metric === undefined) throw new RangeError('no row');
  const own = { name, metric, preset: 'vmware_exporter' } as const;
  const { help, unit, since } = row;
  return { advice: adviseOwn(own, row), row: [help, unit, since], series: seriesPerObject(own) };
}

const ENABLED = 'runtime.inMaintenanceMode';
const DEVICE = 'config.hardware.device';
const large = (path: string) =>
  `${path} is large; write every: 15m or longer where there are thousands of objects`;
const ending = (suffix: string, unit: string) =>
  `the name ends in ${suffix}, and the value is in ${unit}; add scale, or choose another name`;
const changing = (label: string, path: string) =>
  `the label ${label} changes with ${path}, and each change is a new series`;
const AT_20S = 'at 20s it is there at any statistics level';
const at5m = (level: string) => `its values of 5m need statistics level ${level}`;
const undocumented = (type: string, group: string, groups: string) =>
  `vSphere documents counters of ${groups} for a ${type}, and none of ${group}: probably there is no sample; to see it, run: vsweep metrics try own_a`;
const OF_HOSTS =
  'cpu, datastore, disk, gpu, hbr, managementAgent, mem, net, pmem, power, rescpu, storageAdapter, storagePath, sys, vflashModule, vsanDomObj, clusterServices';

describe('the advice on an own metric that is right', () => {
  it.each<[string, string, readonly string[]]>([
    ['own_a', `{ property: HostSystem ${ENABLED} }`, []],
    ['own_a', '{ property: VirtualMachine config.hardware.numCPU }', []],
    ['own_a', '{ property: VirtualMachine config.migrateEncryption, test: { equals: required } }', []],
    [
      'own_a',
      '{ property: ClusterComputeResource summary.drsScore }',
      [
        'since vSphere 7.0.0.0; of an older one there is no sample',
        'summary is read whole, because only a subtype has drsScore',
      ],
    ],
    [
      'own_a',
      '{ property: VirtualMachine config.sevEnabled }',
      ['since vSphere 7.0.1.0; of an older one there is no sample'],
    ],
    ['own_a', '{ property: HostSystem config.option }', [large('config.option')]],
    ['own_a', `{ property: VirtualMachine ${DEVICE} }`, [large(DEVICE)]],
    [
      'own_a',
      '{ each: HostSystem runtime.healthSystemRuntime.systemHealthInfo.numericSensorInfo, value: currentReading }',
      [large('runtime.healthSystemRuntime.systemHealthInfo.numericSensorInfo')],
    ],
    [
      'own_a_bytes',
      `{ each: VirtualMachine ${DEVICE}, value: capacityInKB }`,
      [ending('_bytes', 'KB, MB or Mbit'), large(DEVICE)],
    ],
    ['own_a_bytes', `{ each: VirtualMachine ${DEVICE}, value: capacityInKB, scale: 1024 }`, [large(DEVICE)]],
    [
      'own_a_bytes',
      '{ property: VirtualMachine config.hardware.memoryMB }',
      [ending('_bytes', 'KB, MB or Mbit')],
    ],
    ['own_a_bytes', '{ property: VirtualMachine config.hardware.memoryMB, test: { above: 1 } }', []],
    [
      'own_a_bytes',
      '{ property: VirtualMachine config.hardware.memoryMB, divide: config.hardware.numCPU }',
      [],
    ],
    [
      'own_a_seconds',
      '{ counter: VirtualMachine cpu.ready.summation }',
      [`unit millisecond, summed over 20s; ${AT_20S}`, ending('_seconds', 'milliseconds or microseconds')],
    ],
    [
      'own_a',
      '{ counter: VirtualMachine cpu.ready.summation, interval: 5m }',
      [`unit millisecond, summed over 5m; ${at5m('1 in vCenter, the default')}`],
    ],
    [
      'own_a_percent',
      '{ counter: HostSystem cpu.usage.average }',
      [`unit percent × 100; ${AT_20S}`, ending('_percent', 'percent × 100')],
    ],
    [
      'own_a_ratio',
      '{ counter: HostSystem cpu.usage.average }',
      [`unit percent × 100; ${AT_20S}`, ending('_ratio', 'percent × 100')],
    ],
    [
      'own_a_ratio',
      '{ counter: HostSystem cpu.usage.average, scale: 1/10000 }',
      [`unit percent × 100; ${AT_20S}`],
    ],
    [
      'own_a',
      '{ counter: HostSystem cpu.usage.average, interval: 5m, instances: { label: cpu } }',
      [`unit percent × 100; ${at5m('3 in vCenter')}`],
    ],
    [
      'own_a',
      '{ counter: HostSystem a.newer.percent.average }',
      [
        'a.newer.percent.average is not in the table of counters; vcenters without it have no sample',
        undocumented('HostSystem', 'a', OF_HOSTS),
      ],
    ],
    [
      'own_a',
      '{ counter: Datastore datastore.numberReadAveraged.average }',
      [`unit number; ${at5m('1 in vCenter, the default')}`],
    ],
    [
      'own_a',
      '{ counter: Datastore cpu.ready.summation }',
      [
        `unit millisecond, summed over 5m; ${at5m('1 in vCenter, the default')}`,
        undocumented('Datastore', 'cpu', 'datastore, disk'),
      ],
    ],
    [
      'own_a',
      `{ property: HostSystem ${ENABLED}, labels: { boot: runtime.bootTime, name: name } }`,
      [changing('boot', 'runtime.bootTime')],
    ],
    [
      'own_a',
      `{ property: VirtualMachine runtime.consolidationNeeded, labels: { ip: guest.ipAddress, up: summary.quickStats.uptimeSeconds } }`,
      [changing('ip', 'guest.ipAddress')],
    ],
  ])('is given of %s %s: %j', (name, metric, advice) => {
    expect(advised(name, metric).advice).toEqual(advice);
  });
});

describe('the advice on an own metric, by tables', () => {
  const NO_ROW = { kind: 'host', since: '6.5', source: { needs: [] } } as unknown as MetricRow;
  const of = (metric: OwnMetricConfig, row: object = {}, name = 'own_a') =>
    adviseOwn({ name, metric, preset: 'vmware_exporter' }, { ...NO_ROW, ...row });

  it.each([
    ['vm', 'cpu, datastore, disk, gpu, mem, net, pmem, power, rescpu, sys, virtualDisk'],
    ['datastore', 'datastore, disk'],
    ['datastore-cluster', 'datastore, disk'],
    ['cluster', 'clusterServices, cpu, disk, mem, net, power, vmop, vsanDomObj'],
    ['resource-pool', 'cpu, mem'],
    ['portgroup', 'net'],
    ['distributed-switch', 'net'],
    ['host', OF_HOSTS],
  ])(
    'names the groups of counters that vSphere documents of a %s, and is silent of each of them',
    (kind, groups) => {
      expect(of({ counter: 'T zzz.a.number.latest' }, { kind }).at(-1)).toBe(
        undocumented('T', 'zzz', groups),
      );
      for (const group of groups.split(', '))
        expect(of({ counter: `T ${group}.a.number.latest` }, { kind }).join(), group).not.toContain(
          'documents',
        );
    },
  );

  it('says nothing of groups of a kind of which vSphere documents none', () => {
    expect(of({ counter: 'T zzz.a.number.latest' }, { kind: 'vcenter' })).toHaveLength(1);
  });

  it.each([
    ['config', true],
    ['config.name', false],
    ['configIssue', false],
    ['layoutEx', true],
    ['layoutEx.file', true],
    ['layoutExtra', false],
    ['config.storageDevice', true],
    ['config.storageDevice.scsiLun', true],
    ['config.option', true],
    ['config.option["a"].value', false],
    ['config.hardware.device', true],
    ['config.hardware', false],
    ['runtime.healthSystemRuntime', true],
    ['runtime.healthSystemRuntime.x', true],
    ['runtime', false],
  ])('says whether %s is large: %s', (need, isLarge) => {
    expect(of({}, { source: { needs: [need] } })).toEqual(isLarge ? [large(need)] : []);
  });

  it.each(['guest.ipAddress', 'bootTime', 'x.uptime', 'time', 'overallCpuUsage', 'x.count'])(
    'says that %s changes as a label',
    (path) => {
      expect(of({ labels: { a: path, b: `${path}s`, c: 'name' } })).toEqual([changing('a', path)]);
    },
  );

  it.each([
    ['6.7.3', false],
    ['7', true],
    ['7.0.0.0', true],
    ['10.0', true],
  ])('says of what is there since %s that it is: %s', (since, isSaid) => {
    expect(of({}, { since })).toEqual(
      isSaid ? [`since vSphere ${since}; of an older one there is no sample`] : [],
    );
  });

  it.each([
    ['own_seconds', 'x.timeMs', 'milliseconds or microseconds'],
    ['own_seconds', 'x.Msg', undefined],
    ['own_bytes', 'x.sizeKB', 'KB, MB or Mbit'],
    ['own_bytes', 'x.sizeMB', 'KB, MB or Mbit'],
    ['own_bytes', 'x.speedMb', 'KB, MB or Mbit'],
    ['own_bytes', 'x.KBs', undefined],
    ['own_bytes_total', 'x.sizeKB', undefined],
    ['own_percent', 'percent', 'percent × 100'],
    ['own_percent', 'x.percent', undefined],
    ['own_percent', 'percents', undefined],
    ['own_ratio', 'percent', 'percent × 100'],
    ['own_ratio', 'percents', undefined],
    ['own_ratio', 'x.percent', undefined],
  ])('says of %s by %s which unit it has: %s', (name, value, unit) => {
    const [suffix = ''] = /_[a-z]+$/.exec(name) ?? [];
    expect(of({ value }, {}, name)).toEqual(unit === undefined ? [] : [ending(suffix, unit)]);
  });
});

describe('the row of an own metric', () => {
  it.each<[string, readonly [help: string, unit: string, since: string]]>([
    [`{ property: HostSystem ${ENABLED} }`, [`HostSystem ${ENABLED}`, 'boolean', '2.0']],
    [`{ property: HostSystem ${ENABLED}, unset: 1 }`, [`HostSystem ${ENABLED}`, 'boolean', '2.0']],
    [`{ property: HostSystem ${ENABLED}, unset: 2 }`, [`HostSystem ${ENABLED}`, 'number', '2.0']],
    [`{ property: HostSystem ${ENABLED}, scale: 2 }`, [`HostSystem ${ENABLED}, times 2`, 'number', '2.0']],
    [
      '{ property: Datastore summary.freeSpace, divide: summary.capacity, scale: 100 }',
      ['Datastore summary.freeSpace, divided by summary.capacity, times 100', 'number', '2.0'],
    ],
    [
      '{ property: VirtualMachine config.hardware.memoryMB, test: { above: 1, below: 9 } }',
      ['VirtualMachine config.hardware.memoryMB, 1 if it is above 1 and below 9, else 0', 'boolean', '2.0'],
    ],
    [
      '{ property: VirtualMachine guest.toolsRunningStatus, states: [guestToolsRunning] }',
      ['VirtualMachine guest.toolsRunningStatus', 'state', '4.0'],
    ],
    [
      '{ property: VirtualMachine name, test: { matches: a }, labels: { sev: config.sevEnabled } }',
      ['VirtualMachine name, 1 if it matches a, else 0', 'boolean', '7.0.1.0'],
    ],
    [
      '{ each: HostSystem config.network.pnic, value: 1, labels: { nic: device } }',
      ['HostSystem config.network.pnic', 'info', '2.0'],
    ],
    [
      '{ each: HostSystem config.dateTimeInfo.ntpConfig.server, value: ., test: { matches: a } }',
      ['HostSystem config.dateTimeInfo.ntpConfig.server, 1 if it matches a, else 0', 'boolean', '2.5'],
    ],
    [
      '{ each: VirtualMachine config.hardware.device, value: capacityInKB }',
      ['capacityInKB of each of VirtualMachine config.hardware.device', 'number', '2.0'],
    ],
    [
      '{ counter: HostSystem cpu.usage.average, test: { above: 5 } }',
      ['HostSystem cpu.usage.average, the newest value of 20s, 1 if it is above 5, else 0', 'boolean', '6.5'],
    ],
    [
      '{ counter: Datastore disk.used.latest, scale: 2 }',
      ['Datastore disk.used.latest, the newest value of 5m, times 2', 'number', '6.5'],
    ],
  ])('of %s says %j', (metric, row) => {
    expect(advised('own_a', metric).row).toEqual(row);
  });

  it.each([
    [`{ property: HostSystem ${ENABLED} }`, 1],
    [
      '{ property: VirtualMachine guest.toolsRunningStatus, states: [guestToolsRunning, guestToolsNotRunning] }',
      2,
    ],
    ['{ each: HostSystem config.network.pnic, value: 1 }', 256],
    ['{ each: HostSystem config.network.pnic, value: 1, max: 16 }', 16],
    ['{ each: HostSystem config.network.pnic, value: device, states: [a, b, c], max: 4 }', 12],
    ['{ counter: HostSystem cpu.usage.average }', 1],
    ['{ counter: HostSystem cpu.usage.average, instances: { label: cpu } }', undefined],
  ])('of %s has %d series an object at most', (metric, series) => {
    expect(advised('own_a', metric).series).toBe(series);
  });
});
