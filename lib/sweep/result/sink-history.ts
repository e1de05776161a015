import type { SinkRecord } from '../../state/stores/runs.ts';
import type { Delivery } from './summary.ts';

/**
 * What is kept of each sink for the series of the next run: a run cannot tell a sink how it will take its own series. Only of
 * sinks that the run had, so that one that is configured no more is not reported for ever. A delivery that another run took over
 * says nothing of the sink.
 */
export const nextSinks = (
  deliveries: readonly Delivery[],
  before: Readonly<Record<string, SinkRecord>> | undefined,
  deliveredAt: number,
): Readonly<Record<string, SinkRecord>> =>
  Object.fromEntries(
    deliveries.flatMap(({ sink, outcome, filled }): [string, SinkRecord][] => {
      const known = before !== undefined && Object.hasOwn(before, sink) ? before[sink] : undefined;
      if (outcome === 'lease-lost') return known === undefined ? [] : [[sink, known]];
      const { filled: _before, ...last } = known ?? {};
      const counted = filled === undefined ? {} : { filled };
      if (outcome !== 'delivered') return [[sink, { ...last, ok: false, ...counted }]];
      return [[sink, { ok: true, deliveredAt, ...counted }]];
    }),
  );
