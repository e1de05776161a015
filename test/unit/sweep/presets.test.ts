import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OTEL } from '../../../lib/catalogue/otel/otel.ts';
import type { MetricRow, Point } from '../../../lib/catalogue/row.ts';
import { view } from '../../../lib/catalogue/sources/view.ts';
import { KNOWN_COLLECTORS } from '../../../lib/collectors/known-collectors.ts';
import { type Presets, pushedRows } from '../../../lib/collectors/pushed-rows.ts';
import { COLLECTORS } from '../../../lib/collectors/registry.ts';
import { checkConfig } from '../../../lib/config/check-config.ts';
import type { Item, KindListing, KindName } from '../../../lib/inventory/kind.ts';
import { startTimeline } from '../../../lib/platform/timeline.ts';
import { decodeBatchRequest, encodeBatchRequest, encodeBatchResult } from '../../../lib/sweep/batch.ts';
import { createColumns } from '../../../lib/sweep/columns.ts';
import type { FinishedRead } from '../../../lib/sweep/dispatch/read-items.ts';
import { ok } from '../../../lib/sweep/outcome.ts';
import { targetSettings } from '../../../lib/sweep/plan/target-settings.ts';
import { mergeBatches } from '../../../lib/sweep/result/merge.ts';
import { nameItems } from '../../../lib/sweep/result/named-items.ts';
import { evaluateViews } from '../../../lib/sweep/result/views.ts';
import { readBatch } from '../../../lib/sweep/worker/read-batch.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { NO_CONNECTION } from '../../support/no-connection.ts';
import { batchResult, T0 } from './builders.ts';

const BOTH: Presets = { preset: ['vmware_exporter', 'otel'], otelNames: 'mixin' };
const VMWARE: Presets = { ...BOTH, preset: ['vmware_exporter'] };
const OF_OTEL: Presets = { ...BOTH, preset: ['otel'] };

const KINDS = ['vm', 'datastore', 'cluster'] as const;
const collectors = COLLECTORS.filter(({ name }) =>
  ['vms', 'vm-performance', 'vm-nics', 'vm-disks', 'datastores', 'clusters'].includes(name),
);
const ITEMS = 6;
const itemsOf = (kind: KindName): Item[] =>
  Array.from({ length: ITEMS }, (_, number) => ({
    moref: `${kind}-${number}`,
    name: `${kind}${number}`,
    facts: { cluster: `cluster${number % 3}`, datacenter: 'dc', instanceUuid: `uuid-${number}` },
  }));
const others = new Map<KindName, KindListing>(
  KINDS.map((kind) => [kind, { items: itemsOf(kind), unreadable: [] }]),
);
const named = nameItems({ name: 'vc', site: 's' }, { hosts: [], listed: [], others });

/** The rows that batches evaluate, those under aggregates included. */
const READ = collectors.flatMap(({ rows }) => rows.map((row) => row.source.over ?? row));
const words: Readonly<Record<string, readonly string[]>> = {
  power_state: ['poweredOn', 'poweredOff', 'suspended'],
  template: ['true', 'false'],
};
const pointOf = (row: MetricRow): fc.Arbitrary<Point> =>
  fc.record({
    labels: fc.tuple(...row.labels.map((label) => fc.constantFrom(...(words[label] ?? ['a', 'b', 'c'])))),
    // A template is one or is none.
    value: row.unit === 'boolean' ? fc.constantFrom(0, 1) : fc.integer({ min: 0, max: 1_000 }),
  });
/** What was read of each item by each row: at most two points, in any number of batches. */
const reading = fc.tuple(
  fc.tuple(
    ...READ.map((row) =>
      fc.array(fc.array(pointOf(row), { maxLength: row.labels.length === 0 ? 1 : 2 }), {
        minLength: ITEMS,
        maxLength: ITEMS,
      }),
    ),
  ),
  fc.integer({ min: 1, max: 4 }),
);

function batchesOf(points: readonly (readonly (readonly Point[])[])[], slices: number): FinishedRead[] {
  return KINDS.flatMap((kind) =>
    Array.from({ length: slices }, (_, slice): FinishedRead => {
      const numbers = itemsOf(kind).flatMap((_item, number) => (number % slices === slice ? [number] : []));
      const columns = createColumns();
      for (const [index, row] of READ.entries())
        if (row.kind === kind)
          for (const [place, number] of numbers.entries())
            columns.add(place, row, points[index]?.[number] ?? []);
      const morefs = numbers.map((number) => `${kind}-${number}`);
      const value = batchResult({
        outcomes: morefs.map((moref) => [moref, ok]),
        families: columns.takeFamilies(),
      });
      return { kind, morefs, result: { status: 'fulfilled', value } };
    }),
  );
}

const samplesBy = (read: readonly FinishedRead[], presets: Presets): string[] =>
  Array.from(
    mergeBatches({ asked: [], read }, { collectors, presets, overSsh: false, unread: 'not-needed', named })
      .samples,
    ({ moref, sample }) => JSON.stringify([moref, sample]),
  ).toSorted();

describe('a reading under the names of two presets', () => {
  it('is that under each of them, whatever was read and however it was sliced', () => {
    let otel = 0;
    fc.assert(
      fc.property(reading, ([points, slices]) => {
        const read = batchesOf(points, slices);
        const [vmware, views] = [samplesBy(read, VMWARE), samplesBy(read, OF_OTEL)];
        otel += views.length;
        expect(samplesBy(read, BOTH)).toEqual([...vmware, ...views].toSorted());
        expect(samplesBy(batchesOf(points, 1), BOTH)).toEqual(samplesBy(read, BOTH));
      }),
      { numRuns: 60 },
    );
    expect(otel).toBeGreaterThan(1_000);
  });

  it('has the definitions of each of them', () => {
    const names = (presets: Presets) => pushedRows(collectors, presets).map(({ name }) => name);
    expect(names(BOTH)).toEqual([...names(VMWARE), ...names(OF_OTEL)]);
  });
});

describe('a view that throws', () => {
  it('costs its samples of that item, and says so', () => {
    const source = view([], ({ item }) => {
      if (item.name === 'vm1') throw new Error('broken');
      return [{ labels: [], value: item.name === 'vm2' ? Number.NaN : 1 }];
    });
    const [first] = OTEL;
    if (first === undefined) throw new TypeError('no rows');
    const of = READ.slice(0, 1);
    const row: MetricRow = { ...first, kind: 'vm', labels: [], source: { ...source, of } };
    const errors: string[] = [];
    const items = [0, 1, 2].map((number) => {
      const item = named.find('vm', `vm-${number}`);
      if (item === undefined) throw new TypeError('no item');
      return [number, item, new Map([[of[0]?.name ?? '', []]])] as const;
    });
    const families = evaluateViews([row], items, (_row, why) => errors.push(why));
    expect(families.map(({ items: places }) => places)).toEqual([[0]]);
    expect(errors).toEqual([
      `${row.name}: failed; its samples are left out: broken`,
      expect.stringContaining('NaN is no measurement'),
    ]);
  });
});

describe('a view of rows whose points have times', () => {
  it('is made for each time, of the points of then and of those without one', () => {
    const [used, size] = READ;
    const [first] = OTEL;
    const item = named.find('vm', 'vm-0');
    if (used === undefined || size === undefined || first === undefined || item === undefined)
      throw new TypeError('no rows');
    const source = view([used, size], ({ pointsOf }) => {
      const [whole] = pointsOf(size);
      return pointsOf(used).map(({ value }) => ({ labels: [], value: value / (whole?.value ?? 0) }));
    });
    const row: MetricRow = { ...first, kind: 'vm', labels: [], source };
    const points = new Map<string, Point[]>([
      [used.name, [40_000, 20_000, 60_000].map((timeMs) => ({ labels: [], value: timeMs / 1_000, timeMs }))],
      [size.name, [{ labels: [], value: 10 }]],
    ]);
    const never = () => {
      throw new Error('nothing is wrong');
    };
    const [family] = evaluateViews([row], [[0, item, points]], never);
    expect(family).toMatchObject({ values: [2, 4, 6], times: [20_000, 40_000, 60_000] });
  });
});

describe('the result of a worker', () => {
  const PROPERTIES = new Map<string, string | number | boolean>([
    ['name', 'web01'],
    ['runtime.connectionState', 'connected'],
    ['runtime.powerState', 'poweredOn'],
    ['summary.config.template', false],
    ['summary.config.memorySizeMB', 4_096],
    ['summary.quickStats.guestMemoryUsage', 1_024],
  ]);

  /** Of the same machines, by a configuration with these presets. */
  async function resultUnder(metrics: object): Promise<Uint8Array> {
    const config = checkConfig(
      {
        targets: [{ name: 'vc01', credentials: { env: 'VC' } }],
        sweeps: [{ name: 's', every: '1m', collectors: ['vms'] }],
        metrics,
      },
      { file: 'vsweep.yaml', collectors: KNOWN_COLLECTORS },
    );
    const clock = createManualClock(T0);
    const settings = {
      ...targetSettings(config, { sweep: 's', target: 'vc01' }),
      timeline: startTimeline(clock),
    };
    const request = decodeBatchRequest(
      encodeBatchRequest({
        ...{ version: 2, runId: 'run', sweep: 's', target: 'vc01', batch: 0, endsAt: T0 + 60_000 },
        ...{ does: 'read', ticket: 'ticket', kind: 'vm', items: [['VirtualMachine', 'vm-1']] },
      } as Parameters<typeof encodeBatchRequest>[0]),
    );
    if (request.does !== 'read') throw new TypeError('it does not read');
    const cloneSession = async () => ({
      async *retrieve() {
        yield {
          moref: { type: 'VirtualMachine', value: 'vm-1' },
          properties: PROPERTIES,
          missing: new Map<string, string>(),
        };
      },
      close: async () => undefined,
      ...NO_CONNECTION,
      measurements: () => ({ calls: 1, bytes: 1, failedLogouts: 0 }),
    });
    const { signal } = new AbortController();
    const result = await readBatch(request, settings, { clock, cloneSession }, { signal });
    expect(result.families.map(({ metric }) => metric)).toContain('vmware_vm_guest_memory_usage_bytes');
    return encodeBatchResult(result, { does: 'read' });
  }

  it('is the same bytes whatever the presets are', async () => {
    const alone = await resultUnder({});
    expect(await resultUnder({ preset: ['vmware_exporter', 'otel'] })).toEqual(alone);
    expect(await resultUnder({ preset: 'otel', otelNames: 'receiver' })).toEqual(alone);
  });
});
