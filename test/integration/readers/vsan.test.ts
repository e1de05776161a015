import { describe, expect, it } from 'vitest';
import { VSAN as READER } from '../../../lib/catalogue/sources/vsan.ts';
import { VSAN as ROWS } from '../../../lib/catalogue/vsan.ts';
import { createCollectorRun } from '../../../lib/collectors/run-collectors.ts';
import { NO_ESTATE } from '../../../lib/demo/vcenter/estate.ts';
import { systemClock } from '../../../lib/platform/clock.ts';
import type { ReaderSession } from '../../../lib/readers/reader.ts';
import { vsan as reader } from '../../../lib/readers/vsan.ts';
import { VsphereReplyError } from '../../../lib/vsphere/errors.ts';
import type { Transport } from '../../../lib/vsphere/soap/transport.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { loginTo, PROOF, startTarget, testSignal } from '../vsphere/demo-target.ts';

const CLUSTER = {
  cluster: 'domain-c1',
  overallHealth: 'yellow',
  groups: [
    { id: 'network', health: 'green', tests: { hostdisconnected: 'green', largeping: 'skipped' } },
    { id: 'data', health: 'yellow', tests: { objecthealth: 'yellow' } },
  ],
  totalBytes: 1_000_000_000_000,
  freeBytes: 400_000_000_000,
  resyncBytes: 7_000,
  resyncObjects: 2,
};

/** Reads a cluster with vSAN and one without; series by name and labels. */
async function read({
  privileges,
  around = (_, answer) => answer(),
}: {
  privileges?: readonly string[];
  around?: (operation: string, answer: () => ReturnType<Transport>) => ReturnType<Transport>;
} = {}) {
  await using vcenter = await startTarget({
    estate: { ...NO_ESTATE, vsan: [CLUSTER] },
    ...(privileges === undefined ? {} : { privileges: { [PROOF.username]: privileges } }),
  });
  await using session = await loginTo(vcenter);
  const transport: Transport = (call, options) =>
    around(call.operation, () => session.transport(call, options));
  const ofBatch = { connection: { ...session, transport } } as unknown as ReaderSession;
  const items = ['domain-c1', 'domain-c2'].map((moref) => ({
    type: 'ClusterComputeResource',
    moref,
    properties: new Map(),
  }));
  const run = createCollectorRun([{ name: 'vsan', rows: ROWS, metrics: [] }], systemClock);
  const series: Record<string, number> = {};
  const options = { session: ofBatch, clock: systemClock, signal: testSignal() };
  for await (const [moref, reading] of reader.read(['health', 'space', 'resync'], items, options))
    for (const { row, points } of run.offer(READER, reading))
      for (const { labels, value } of points) series[[moref, row.name, ...labels].join(' ')] = value;
  const [result] = run.results();
  return { series, result, calls: vcenter.stats.calls };
}

describe('the reader of vSAN', () => {
  it('has health, space and resynchronisation of a cluster with vSAN, and nothing of another', async () => {
    const { series, result, calls } = await read();
    expect(series).toEqual({
      'domain-c1 vmware_vsan_cluster_health green': 0,
      'domain-c1 vmware_vsan_cluster_health yellow': 1,
      'domain-c1 vmware_vsan_cluster_health red': 0,
      'domain-c1 vmware_vsan_cluster_health unknown': 0,
      'domain-c1 vmware_vsan_health_group network': 2,
      'domain-c1 vmware_vsan_health_group data': 1,
      'domain-c1 vmware_vsan_health_test network hostdisconnected': 2,
      'domain-c1 vmware_vsan_health_test data objecthealth': 1,
      'domain-c1 vmware_vsan_capacity_bytes total': 1_000_000_000_000,
      'domain-c1 vmware_vsan_capacity_bytes free': 400_000_000_000,
      'domain-c1 vmware_vsan_resync_bytes': 7_000,
      'domain-c1 vmware_vsan_resync_objects': 2,
    });
    expect(result).toMatchObject({ success: 1, warnings: [], lacks: [] });
    expect(calls).toMatchObject({ VsanClusterGetConfig: 2, VsanQueryVcClusterHealthSummary: 1 });
  });

  it('asks in the session that is there: no further login', async () => {
    expect((await read()).calls['Login']).toBe(1);
  });

  it('loses what one call fails at, and nothing else', async () => {
    const { series, result } = await read({
      async around(operation, answer) {
        if (operation === 'VsanQuerySpaceUsage') throw new Error('cut off');
        return await answer();
      },
    });
    expect(Object.keys(series).filter((name) => name.includes('capacity'))).toEqual([]);
    expect(series['domain-c1 vmware_vsan_resync_bytes']).toBe(7_000);
    expect(result).toMatchObject({
      success: 0,
      warnings: [{ text: expect.stringContaining('space of vSAN could not be read: cut off') }],
    });
  });

  it('names the privilege that the account lacks', async () => {
    const { series, result } = await read({ privileges: ['System.Anonymous', 'System.View'] });
    expect(series).toEqual({});
    expect(result).toMatchObject({ success: 1, warnings: [], lacks: [['System.Read', 2]] });
  });

  it('says of a vCenter without the service that there is none, and does not fail', async () => {
    const { series, result } = await read({
      around: () => Promise.reject(new VsphereReplyError('404', { code: 'status', status: 404 })),
    });
    expect(series).toEqual({});
    expect(result).toMatchObject({
      success: 1,
      warnings: [{ text: expect.stringContaining('no vSAN service') }],
    });
  });

  it('asks no further cluster once the others took more than 20 s, and says so of each', async () => {
    const clock = createManualClock();
    let calls = 0;
    const transport: Transport = async () => {
      calls += 1;
      clock.advance(6_000);
      throw new VsphereReplyError('cut off', { code: 'truncated' });
    };
    const session = { connection: { transport } } as unknown as ReaderSession;
    const items = Array.from({ length: 9 }, (_, index) => ({
      type: 'ClusterComputeResource',
      moref: `domain-c${index}`,
      properties: new Map(),
    }));
    const failed = [];
    for await (const [, reading] of reader.read(['health'], items, { session, clock, signal: testSignal() }))
      failed.push(reading.failed.health);
    expect(failed).toHaveLength(9);
    expect(calls).toBe(4);
    expect(failed.slice(4)).toEqual(
      Array(5).fill('vSAN was not asked: the other clusters took more than 20 s'),
    );
  });
});
