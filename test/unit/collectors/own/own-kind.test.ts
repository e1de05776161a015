import { describe, expect, it } from 'vitest';
import { kindOfType, ownSourceOf, ownSourcesOf, splitOwn } from '../../../../lib/collectors/own/own-kind.ts';
import type { OwnMetricConfig } from '../../../../lib/config/own-metrics.ts';

describe('splitOwn', () => {
  it.each<[OwnMetricConfig['each'], string, string]>([
    ['HostSystem name', 'HostSystem', 'name'],
    ['\t HostSystem \n name\t', 'HostSystem', 'name'],
    ['HostSystem config.option["a  b"].value', 'HostSystem', 'config.option["a  b"].value'],
    ['A b', 'A', 'b'],
    ['HostSystem', '', ''],
    [' HostSystem ', '', ''],
    [' ', '', ''],
    ['', '', ''],
    [true, '', ''],
    [undefined, '', ''],
  ])('of %j has the type "%s", and reads "%s"', (written, type, what) => {
    expect(splitOwn(written)).toEqual({ type, what });
  });
});

describe('kindOfType', () => {
  it.each([
    ['HostSystem', 'host'],
    ['VirtualMachine', 'vm'],
    ['Datastore', 'datastore'],
    ['StoragePod', 'datastore-cluster'],
    ['ClusterComputeResource', 'cluster'],
    ['ResourcePool', 'resource-pool'],
    ['DistributedVirtualPortgroup', 'portgroup'],
    ['DistributedVirtualSwitch', 'distributed-switch'],
    // Known, but of no listing by type.
    ['Folder', undefined],
    ['VirtualApp', undefined],
    ['ServiceInstance', undefined],
    ['', undefined],
  ])('of %s is %s', (type, kind) => {
    expect(kindOfType(type)).toBe(kind);
  });
});

describe('the source of a metric', () => {
  it.each<[OwnMetricConfig, readonly string[], string | undefined]>([
    [{ property: 'HostSystem name' }, ['property'], 'property'],
    [{ each: 'HostSystem configIssue' }, ['each'], 'each'],
    [{ esxcli: 'system ntp get', each: true }, ['esxcli'], 'esxcli'],
    [{ ssh: ['uptime'] }, ['ssh'], 'ssh'],
    [{ each: true }, [], undefined],
    [{ help: 'x' }, [], undefined],
    [{ ssh: ['uptime'], counter: 'HostSystem a.b' }, ['counter', 'ssh'], undefined],
  ])('of %j: named are %j, it is %s', (metric, named, source) => {
    expect(ownSourcesOf(metric)).toEqual(named);
    expect(ownSourceOf(metric)).toBe(source);
  });
});
