import { describe, expect, it } from 'vitest';
import type { MetricRow } from '../../../lib/catalogue/row.ts';
import { property } from '../../../lib/catalogue/sources/property.ts';
import { collector } from '../../../lib/collectors/collector.ts';
import type { SweepConfig, TargetConfig } from '../../../lib/config/schema.ts';
import type { Item, KindListing, KindName } from '../../../lib/inventory/kind.ts';
import { printExposition } from '../../../lib/metrics/encode-exposition.ts';
import { startTimeline } from '../../../lib/platform/timeline.ts';
import {
  decodeBatchRequest,
  decodeBatchResult,
  encodeBatchRequest,
  encodeBatchResult,
} from '../../../lib/sweep/batch.ts';
import { itemsToRead } from '../../../lib/sweep/plan/items-to-read.ts';
import { mergeBatches } from '../../../lib/sweep/result/merge.ts';
import { nameItems } from '../../../lib/sweep/result/named-items.ts';
import { exitCodeOf } from '../../../lib/sweep/result/summary.ts';
import { toTargetResult } from '../../../lib/sweep/result/target-result.ts';
import { readBatch } from '../../../lib/sweep/worker/read-batch.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { NO_CONNECTION } from '../../support/no-connection.ts';
import { batchHost, batchResult, listedHost, readRequest, T0 } from './builders.ts';

const NUM_CPU: MetricRow = {
  name: 'vmware_vm_num_cpu',
  help: 'Number of virtual CPUs',
  unit: 'number',
  kind: 'vm',
  source: property('summary.config.numCpu', {
    as: 'number',
    toPoints: (value) => (typeof value === 'number' ? [{ labels: [], value }] : undefined),
    expected: 'a number',
  }),
  labels: [],
  preset: 'vmware_exporter',
  privilege: 'System.Read',
  since: '2.0',
};
const COLLECTORS = [collector('vms', [NUM_CPU])];
const facts = { host: 'esx1', cluster: 'c1', datacenter: 'dc', datastore: 'fast01' };
const VMS: KindListing = {
  items: [1, 2, 3].map((number): Item => ({ moref: `vm-${number}`, name: `web0${number}`, facts })),
  unreadable: ['vm-9'],
};
const OTHERS = new Map<KindName, KindListing>([['vm', VMS]]);
const LIST = { listedAt: T0, hosts: [listedHost(1)], unreadable: [], sites: {} };

/** One row of virtual machines through the whole of a run but its network: what is read, merged, counted and pushed. */
async function sweepMachines() {
  const [wanted] = itemsToRead(COLLECTORS, { list: LIST, others: OTHERS });
  if (wanted === undefined) throw new TypeError('nothing is to be read');
  const { kind, items } = wanted;
  const bytes = encodeBatchRequest(readRequest({ kind, items }));
  const request = decodeBatchRequest(bytes);
  if (request.does !== 'read') throw new TypeError('it does not read');
  const clock = createManualClock(T0);
  const asked: unknown[] = [];
  const settings = {
    collectors: COLLECTORS,
    sweep: {} as SweepConfig,
    target: { name: 'vc01' } as TargetConfig,
    timeline: startTimeline(clock),
  };
  const cloneSession = async () => ({
    async *retrieve(query: { type: string; morefs: readonly string[]; paths: readonly string[] }) {
      asked.push(query);
      for (const value of query.morefs.slice(0, 2))
        yield {
          moref: { type: 'VirtualMachine', value },
          properties: new Map<string, string | number>([
            ['name', value],
            ['summary.config.numCpu', 4],
          ]),
          missing: new Map<string, string>(),
        };
    },
    close: async () => undefined,
    ...NO_CONNECTION,
    measurements: () => ({ calls: 1, bytes: 1, failedLogouts: 0 }),
  });
  const { signal } = new AbortController();
  const result = await readBatch(request, settings, { clock, cloneSession }, { signal });
  const value = decodeBatchResult(encodeBatchResult(result, { does: 'read' }));
  const hosts = [batchHost(1, { ssh: { skip: 'no-credential' } })];
  const merged = mergeBatches(
    {
      asked: [{ hosts, result: { status: 'fulfilled', value: batchResult() } }],
      read: [
        {
          kind: 'vm',
          morefs: request.items.map(([, moref]) => moref),
          result: { status: 'fulfilled', value },
        },
      ],
    },
    {
      collectors: COLLECTORS,
      overSsh: false,
      unread: 'not-needed',
      named: nameItems({ name: 'vc01', site: 'qa' }, { hosts, listed: LIST.hosts, others: OTHERS }),
    },
  );
  const { summary, families } = toTargetResult(
    {
      sweep: 'machines',
      target: { name: 'vc01' },
      everyMs: 60_000,
      startedAt: T0,
      lastSuccessAt: undefined,
      legacyNames: false,
      stateUp: true,
    },
    {
      listed: { source: 'fresh', list: LIST, others: OTHERS },
      merged,
      collectors: COLLECTORS,
      overSsh: false,
      problems: [],
    },
    T0,
  );
  return { asked, summary, text: printExposition(families) };
}

describe('a row of virtual machines', () => {
  it('is read, named by its preset, and every machine is counted once', async () => {
    const { asked, summary, text } = await sweepMachines();
    expect(asked).toEqual([
      {
        type: 'VirtualMachine',
        morefs: ['vm-1', 'vm-2', 'vm-3'],
        paths: ['name', 'summary.config.numCpu'],
      },
    ]);
    const machine = 'ds_name="fast01",host_name="esx1",dc_name="dc",cluster_name="c1"';
    expect(text).toContain(`vmware_vm_num_cpu{vm_name="web01",${machine}} 4\n`);
    expect(text).toContain(`vmware_vm_num_cpu{vm_name="web02",${machine}} 4\n`);
    expect(text.match(/^vmware_vm_num_cpu\{/gm)).toHaveLength(2);
    const of = 'vsweep_objects{sweep="machines",vcenter="vc01",kind="vm",path="vcenter"';
    expect(text).toContain(`${of},outcome="ok",reason=""} 2\n`);
    // One that was not delivered, and one whose name nobody knows.
    expect(text).toContain(`${of},outcome="failed",reason="unreadable"} 2\n`);
    expect(summary.kinds).toEqual({
      vm: { hosts: 4, ok: 2, failed: 2, skipped: 0, reasons: { ok: 2, 'failed(unreadable)': 2 } },
    });
    expect(exitCodeOf([summary])).toBe(3);
    expect(summary.paths).toEqual({
      vcenter: { hosts: 1, ok: 1, failed: 0, skipped: 0, reasons: { ok: 1 } },
    });
  });
});
