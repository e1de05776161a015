import { strict as assert } from 'node:assert';
import { getHeapStatistics } from 'node:v8';
import { distinctFamilies } from '../../lib/metrics/distinct-families.ts';
import { encodeExposition } from '../../lib/metrics/encode-exposition.ts';
import { decodeBatchResult, encodeBatchResult } from '../../lib/sweep/batch.ts';
import { mergeBatches } from '../../lib/sweep/result/merge.ts';
import { nameItems } from '../../lib/sweep/result/named-items.ts';
import { collectorOf, machineResult, machines, rowsOf } from '../made-machines.ts';
import { measure } from '../measured.ts';

/**
 * 4,000 virtual machines of 63 numbers, 252,000 series, as the sweep has them from four workers: decoded, merged,
 * de-duplicated, sorted into families and encoded, no piece of the text kept, as in a sink. Run under a limit of the heap,
 * which it stays below or dies.
 */
const PER_SLICE = 1_000;
const SLICES = 4;
const rows = rowsOf(63);
const all = machines(PER_SLICE * SLICES);
const slices = Array.from({ length: SLICES }, (_, index) =>
  all.slice(index * PER_SLICE, (index + 1) * PER_SLICE),
);
const answers = slices.map((items, batch) =>
  encodeBatchResult(machineResult(batch, items, rows), { does: 'read' }),
);

let bytes = 0;
const measured = await measure(async () => {
  const collectors = [collectorOf(rows)];
  const { samples } = mergeBatches(
    {
      asked: [],
      read: slices.map((items, index) => ({
        kind: 'vm',
        morefs: items.map(({ moref }) => moref),
        result: { status: 'fulfilled', value: decodeBatchResult(answers[index] as Uint8Array) },
      })),
    },
    {
      collectors,
      overSsh: false,
      unread: 'not-needed',
      named: nameItems(
        { name: 'vc-bench.example.org', site: 'qa-de-1a' },
        { hosts: [], listed: [], others: new Map([['vm', { items: all, unreadable: [] }]]) },
      ),
    },
  );
  assert.equal(samples.length, all.length * rows.length);
  const { metrics } = collectors[0] as (typeof collectors)[number];
  for (const chunk of encodeExposition(distinctFamilies(metrics, samples).families)) bytes += chunk.length;
});
assert.ok(bytes > 30_000_000);
console.log(JSON.stringify({ ...measured, heapMb: getHeapStatistics().heap_size_limit / 1_048_576 }));
