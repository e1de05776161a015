import { describe, expect, it } from 'vitest';
import { queryHostVsanStatus, toHostVsanStatus } from '../../../lib/vsphere/vsan/host-vsan-status.ts';
import {
  isVsanEnabled,
  readVsanHealth,
  readVsanResync,
  readVsanSpace,
} from '../../../lib/vsphere/vsan/vsan-health.ts';
import { answeringSession, object, property } from './answering-session.ts';

const options = { signal: new AbortController().signal };
const CLUSTER = { type: 'ClusterComputeResource', value: 'domain-c1' };
const ask = (answer: string) => answeringSession(() => answer);
const body = (operation: string, self: string, more = '') =>
  `<${operation} xmlns="urn:vsan">${self}<cluster type="ClusterComputeResource">domain-c1</cluster>${more}</${operation}>`;

describe('the vSAN service', () => {
  it.each([
    ['<returnval><enabled>true</enabled></returnval>', true],
    ['<returnval><enabled>false</enabled></returnval>', false],
    ['<returnval/>', false],
    ['', false],
  ])('says whether vSAN is on: %s', async (answer, isOn) => {
    const { session, calls } = ask(answer);
    expect(await isVsanEnabled(session, CLUSTER, options)).toBe(isOn);
    expect(calls).toEqual([
      {
        operation: 'VsanClusterGetConfig',
        body: body(
          'VsanClusterGetConfig',
          '<_this type="VsanVcClusterConfigSystem">vsan-cluster-config-system</_this>',
        ),
        service: 'vsan',
      },
    ]);
  });

  const check = (id: string, health: string) => `<testId>${id}</testId><testHealth>${health}</testHealth>`;
  const group = (id: string, health: string, ...tests: string[]) =>
    `<groups><groupId>${id}</groupId><groupHealth>${health}</groupHealth>${tests.map((one) => `<groupTests>${one}</groupTests>`).join('')}</groups>`;

  it('has the health of groups and tests by the last word of their ids, from its cache', async () => {
    const network = 'com.vmware.vsan.health.test.network';
    const { session, calls } = ask(
      `<returnval><overallHealth>yellow</overallHealth>${group(network, 'red', check(`${network}.ping`, 'red'), check('plain', 'green'))}${group('', '')}</returnval>`,
    );
    expect(await readVsanHealth(session, CLUSTER, options)).toEqual({
      overall: 'yellow',
      groups: [
        {
          id: 'network',
          health: 'red',
          tests: [
            { id: 'ping', health: 'red' },
            { id: 'plain', health: 'green' },
          ],
        },
        { id: '', health: '', tests: [] },
      ],
    });
    expect(calls.map((call) => call.body)).toEqual([
      body(
        'VsanQueryVcClusterHealthSummary',
        '<_this type="VsanVcClusterHealthSystem">vsan-cluster-health-system</_this>',
        '<includeObjUuids>false</includeObjUuids><fields>overallHealth</fields><fields>groups</fields><fetchFromCache>true</fetchFromCache>',
      ),
    ]);
    expect(await readVsanHealth(ask('').session, CLUSTER, options)).toEqual({ overall: '', groups: [] });
  });

  it('has 200 groups with 200 tests and ids of 100 characters at most', async () => {
    const many = group('g', 'green', ...Array(201).fill(check('t', 'green')));
    const long = group('x'.repeat(101), 'green');
    const { session } = ask(`<returnval>${many}${long}${group('g', 'green').repeat(199)}</returnval>`);
    const { groups } = await readVsanHealth(session, CLUSTER, options);
    expect(groups).toHaveLength(200);
    expect(groups[0]?.tests).toHaveLength(200);
    expect(groups[1]?.id).toBe('x'.repeat(100));
  });

  it('has the space of the cluster', async () => {
    const { session, calls } = ask(
      '<returnval><totalCapacityB>1000</totalCapacityB><freeCapacityB>400</freeCapacityB></returnval>',
    );
    expect(await readVsanSpace(session, CLUSTER, options)).toEqual({ total: 1_000, free: 400 });
    expect(calls.map((call) => call.body)).toEqual([
      body(
        'VsanQuerySpaceUsage',
        '<_this type="VsanSpaceReportSystem">vsan-cluster-space-report-system</_this>',
      ),
    ]);
    const odd =
      '<returnval><totalCapacityB>-1</totalCapacityB><freeCapacityB>12345678901234567</freeCapacityB></returnval>';
    expect(await readVsanSpace(ask(odd).session, CLUSTER, options)).toEqual({
      total: undefined,
      free: undefined,
    });
    const large =
      '<returnval><totalCapacityB>1234567890123456</totalCapacityB><freeCapacityB>1x</freeCapacityB></returnval>';
    expect(await readVsanSpace(ask(large).session, CLUSTER, options)).toEqual({
      total: 1_234_567_890_123_456,
      free: undefined,
    });
  });

  it('has what is being copied', async () => {
    const { session, calls } = ask(
      '<returnval><totalBytesToSync>7</totalBytesToSync><totalObjectsToSync>2</totalObjectsToSync></returnval>',
    );
    expect(await readVsanResync(session, CLUSTER, options)).toEqual({ bytes: 7, objects: 2 });
    expect(calls.map((call) => call.body)).toEqual([
      body(
        'QuerySyncingVsanObjectsSummary',
        '<_this type="VsanObjectSystem">vsan-cluster-object-system</_this>',
      ),
    ]);
  });
});

describe('how a host sees its vSAN cluster', () => {
  const STATUS = {
    uuid: 'u-1',
    nodeUuid: 'n-1',
    health: 'healthy',
    nodeState: { state: 'master' },
    memberUuid: ['n-1', 'n-2'],
  };

  it('names the cluster, the host itself and the members', () => {
    expect(toHostVsanStatus(STATUS)).toEqual({
      uuid: 'u-1',
      nodeUuid: 'n-1',
      health: 'healthy',
      nodeState: 'master',
      memberUuids: ['n-1', 'n-2'],
    });
    expect(toHostVsanStatus(undefined)).toEqual({
      uuid: undefined,
      nodeUuid: undefined,
      health: 'unknown',
      nodeState: undefined,
      memberUuids: [],
    });
  });

  it('is asked of the vSAN system of the host, if it has one', async () => {
    const host = { type: 'HostSystem', value: 'host-1' };
    const system = property('configManager.vsanSystem', 'vsanSystem-1', 'ManagedObjectReference').replace(
      '<val ',
      '<val type="HostVsanSystem" ',
    );
    const withSystem = answeringSession(({ operation }) =>
      operation === 'QueryHostStatus'
        ? '<returnval xsi:type="VsanHostClusterStatus"><uuid>u-1</uuid><health>unhealthy</health></returnval>'
        : object('HostSystem:host-1', system),
    );
    expect(await queryHostVsanStatus(withSystem.session, host, options)).toMatchObject({
      uuid: 'u-1',
      health: 'unhealthy',
    });
    expect(withSystem.calls.map(({ body: sent }) => sent).join()).toContain(
      '<QueryHostStatus xmlns="urn:vim25"><_this type="HostVsanSystem">vsanSystem-1</_this></QueryHostStatus>',
    );
    expect(withSystem.calls[0]?.body).toContain('<pathSet>configManager.vsanSystem</pathSet>');
    const silent = answeringSession(({ operation }) =>
      operation === 'QueryHostStatus' ? '' : object('HostSystem:host-1', system),
    );
    expect(await queryHostVsanStatus(silent.session, host, options)).toMatchObject({ health: 'unknown' });
    const without = answeringSession(() => object('HostSystem:host-1'));
    expect(await queryHostVsanStatus(without.session, host, options)).toBeUndefined();
    expect(without.calls).toHaveLength(1);
  });
});
