import type { MetricRow } from '../../catalogue/row.ts';
import { joined, type List } from '../../metrics/list.ts';
import type { MetricSamples, SourcedSample } from '../../metrics/sourced-samples.ts';
import type { Naming } from './naming.ts';

/** What one batch gave, by rows. */
export interface BatchSamples {
  /** The items that it was asked for. */
  readonly asked: readonly string[];
  readonly lists: readonly {
    readonly row: MetricRow;
    readonly samples: List<SourcedSample>;
    /** No two are of one item and have the same labels of the row. */
    readonly areDistinct: boolean;
    readonly isTimed: boolean;
  }[];
}

/**
 * The samples of all batches by metric. They are distinct where those of each batch are, no item is in two batches, and no
 * two items are named alike. A label that refers to another item may get the name of a second one, so such rows are left to
 * the search for equal series.
 */
export function joinDistinct(
  batches: readonly BatchSamples[],
  naming: Naming,
): [metric: string, samples: MetricSamples][] {
  const byMetric = Map.groupBy(
    batches.flatMap(({ asked, lists }) => lists.map((one) => ({ ...one, asked }))),
    ({ row }) => row.name,
  );
  const areApart = rememberApart();
  return Array.from(byMetric, ([metric, ofMetric]) => {
    const samples = joined(ofMetric.map((one) => one.samples));
    const isSure =
      areApart(ofMetric.map(({ asked }) => asked)) &&
      ofMetric.every(
        ({ row, areDistinct }) => areDistinct && row.references === undefined && naming(row).areItemsApart(),
      );
    const isTimed = ofMetric.some((one) => one.isTimed);
    return [metric, isSure ? asDistinct(samples, isTimed) : samples];
  });
}

const asDistinct = (samples: List<SourcedSample>, isTimed: boolean): MetricSamples => ({
  length: samples.length,
  at: (index) => samples.at(index),
  [Symbol.iterator]: () => samples[Symbol.iterator](),
  areDistinct: true,
  ...(isTimed ? { isTimed } : {}),
});

/** Whether no item is there twice in some batches; remembers the last ones, because most metrics are of the same. */
function rememberApart(): (batches: readonly (readonly string[])[]) => boolean {
  let last: { readonly batches: readonly (readonly string[])[]; readonly areApart: boolean } | undefined;
  return (batches) => {
    const known = last?.batches;
    const isSame = known?.length === batches.length && batches.every((one, index) => one === known[index]);
    if (last === undefined || !isSame) {
      const items = batches.flat();
      last = { batches, areApart: new Set(items).size === items.length };
    }
    return last.areApart;
  };
}
