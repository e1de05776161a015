import { describe, expect, it } from 'vitest';
import { HOST_TIME } from '../../../lib/catalogue/host-time.ts';
import { CALLS, type CallReading } from '../../../lib/catalogue/sources/call.ts';
import { createCollectorRun } from '../../../lib/collectors/run-collectors.ts';
import { createDemoFleet } from '../../../lib/demo/fleet.ts';
import type { DemoVcenterHost } from '../../../lib/demo/vcenter/demo-vcenter.ts';
import { listInventory } from '../../../lib/inventory/list-inventory.ts';
import { systemClock } from '../../../lib/platform/clock.ts';
import { untilAborted } from '../../../lib/platform/until-aborted.ts';
import { calls } from '../../../lib/readers/calls.ts';
import type { ReaderSession, ReadItem } from '../../../lib/readers/reader.ts';
import { VsphereFaultError } from '../../../lib/vsphere/errors.ts';
import { createKeptCounters } from '../../../lib/vsphere/performance/kept-counters.ts';
import { retrieveObjects } from '../../../lib/vsphere/property/retrieval.ts';
import type { PropertyValue } from '../../../lib/vsphere/property/retrieved-object.ts';
import type { Transport } from '../../../lib/vsphere/soap/transport.ts';
import { createManualClock, type ManualClock } from '../../support/manual-clock.ts';
import { demoHost, demoHosts, loginTo, startTarget, testSignal } from '../vsphere/demo-target.ts';

const signal = testSignal();

/** Asks all hosts for their time, as a batch would; `around` stands between it and vCenter. */
async function readFrom(
  hosts: readonly DemoVcenterHost[],
  around: (
    answer: () => ReturnType<Transport>,
    at: { clock: ManualClock; signal: AbortSignal },
  ) => ReturnType<Transport> = (answer) => answer(),
) {
  const clock = createManualClock();
  await using vcenter = await startTarget({ hosts, clock: { ...clock, sleep: () => new Promise(() => {}) } });
  await using session = await loginTo(vcenter);
  const transport: Transport = (call, options) =>
    call.operation === 'QueryDateTime'
      ? around(() => session.transport(call, options), { clock, signal: options.signal })
      : session.transport(call, options);
  const connection = { content: session.content, tidyUp: session.tidyUp, transport };
  const ofBatch: ReaderSession = {
    connection,
    retrieve: (query, options) => retrieveObjects(connection, query, options),
    counters: (options) => createKeptCounters(clock).of('vc', connection, options),
  };
  const items: ReadItem[] = [];
  const query = {
    type: 'HostSystem',
    morefs: hosts.map(({ moref }) => moref),
    paths: calls.pathsOf?.(['QueryDateTime']) ?? [],
  };
  for await (const { moref, properties } of ofBatch.retrieve(query, { signal }))
    items.push({ type: moref.type, moref: moref.value, properties });
  const run = createCollectorRun([{ name: 'x', rows: HOST_TIME, metrics: [] }], clock);
  const offsets: [string, number | undefined][] = [];
  for await (const [moref, reading] of calls.read(['QueryDateTime'], items, {
    session: ofBatch,
    clock,
    signal,
  })) {
    const found = run.offer(CALLS, reading satisfies CallReading);
    offsets.push([moref, found[0]?.points[0]?.value]);
  }
  return { offsets, warnings: run.results()[0]?.warnings, asked: vcenter.stats.calls['QueryDateTime'] ?? 0 };
}

describe('the reader of calls', () => {
  it('has the time of each host that is connected, less that of this process', async () => {
    const { offsets, warnings, asked } = await readFrom([
      demoHost(1, { clockOffsetMs: 90_500 }),
      demoHost(2, { clockOffsetMs: -1_000 }),
      demoHost(3, { connectionState: 'disconnected' }),
      demoHost(4),
    ]);
    expect(offsets).toEqual([
      ['host-1', 90.5],
      ['host-2', -1],
      ['host-4', 0],
    ]);
    expect([warnings, asked]).toEqual([[], 3]);
  });

  it('takes off half of the time that the answer took', async () => {
    const { offsets } = await readFrom(
      [demoHost(1, { clockOffsetMs: 60_000 })],
      async (answer, { clock }) => {
        clock.advance(500);
        const reply = await answer();
        clock.advance(500);
        return reply;
      },
    );
    expect(offsets).toEqual([['host-1', 60]]);
  });

  it('says nothing of a clock when the answer took more than 2 s, as of a process that was stalled', async () => {
    const { offsets, warnings } = await readFrom(demoHosts(1), async (answer, { clock }) => {
      const reply = await answer();
      clock.advance(2_001);
      return reply;
    });
    expect(offsets).toEqual([['host-1', undefined]]);
    expect(warnings).toEqual([{ text: 'QueryDateTime was answered too late to compare clocks', count: 1 }]);
  });

  it('counts the hosts that refuse, and has the others', async () => {
    let count = 0;
    const { offsets, warnings } = await readFrom(demoHosts(3), (answer) => {
      count += 1;
      if (count === 3) return answer();
      return Promise.reject(
        new VsphereFaultError('vc01', { fault: 'HostNotConnected', text: `host ${count}` }),
      );
    });
    expect(offsets.map(([, value]) => value)).toEqual([undefined, undefined, 0]);
    expect(warnings).toEqual([{ text: 'QueryDateTime was refused: HostNotConnected', count: 2 }]);
  });

  it('asks eight hosts at a time for five seconds each, and those whose turn does not come in 20 s not at all', async () => {
    let [open, most, asked] = [0, 0, 0];
    const { offsets, warnings } = await readFrom(demoHosts(48), async (_answer, at) => {
      [open, asked] = [open + 1, asked + 1];
      most = Math.max(most, open);
      try {
        // Hosts that never answer: when all eight wait, their time passes.
        if (open === 8) at.clock.advance(5_001);
        return await untilAborted(new Promise<never>(() => {}), at.signal);
      } finally {
        open -= 1;
      }
    });
    expect(offsets).toHaveLength(48);
    expect([most, asked]).toEqual([8, 32]);
    expect(warnings).toEqual([
      { text: 'QueryDateTime was not answered within 5 s', count: 32 },
      { text: 'QueryDateTime was not called: the others took more than 20 s', count: 16 },
    ]);
  });

  it('ends with the session', async () => {
    const ended = () =>
      Promise.reject(new VsphereFaultError('vc01', { fault: 'NotAuthenticated', text: 'over' }));
    await expect(readFrom(demoHosts(2), ended)).rejects.toThrow('NotAuthenticated');
  });
});

describe('the reader of calls, of clusters', () => {
  it('calls those with vSphere HA themselves, and no other', async () => {
    await using vcenter = await startTarget({ hosts: createDemoFleet().map((host) => host.vcenter) });
    await using session = await loginTo(vcenter);
    const { others } = await listInventory(
      session,
      { managementAddress: false, kinds: ['cluster'] },
      { signal },
    );
    const morefs = others.get('cluster')?.items.map(({ moref }) => moref) ?? [];
    const query = {
      type: 'ClusterComputeResource',
      morefs,
      paths: calls.pathsOf?.(['RetrieveDasAdvancedRuntimeInfo']) ?? [],
    };
    expect(query.paths).toEqual(['configuration.dasConfig.enabled']);
    const items: ReadItem[] = [];
    for await (const { moref, properties } of retrieveObjects(session, query, { signal }))
      items.push({ type: moref.type, moref: moref.value, properties });
    const ofBatch: ReaderSession = {
      connection: session,
      retrieve: (asked, options) => retrieveObjects(session, asked, options),
      counters: (options) => createKeptCounters(systemClock).of('vc', session, options),
    };
    const found: PropertyValue[] = [];
    const needs = ['RetrieveDasAdvancedRuntimeInfo'] as const;
    for await (const [, { answers }] of calls.read(needs, items, {
      session: ofBatch,
      clock: systemClock,
      signal,
    }))
      found.push(answers.get('RetrieveDasAdvancedRuntimeInfo')?.value ?? 'none');
    expect(items).toHaveLength(3);
    expect(found).toHaveLength(2);
    expect(vcenter.stats.calls['RetrieveDasAdvancedRuntimeInfo']).toBe(2);
    // Its fields have the types of the subtype that the answer names.
    expect(found[0]).toMatchObject({ totalSlots: 800, slotInfo: { memoryMB: 128 }, unreservedSlots: 10 });
  });
});
