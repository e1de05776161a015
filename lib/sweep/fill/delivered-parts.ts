import { newestOfEach } from '../../metrics/newest-samples.ts';
import type { Clock } from '../../platform/clock.ts';
import type { DeliverOptions, RunSeries, Sink } from '../../sinks/sink.ts';
import type { FillStore } from '../../state/stores/fills.ts';
import type { TargetOrder } from '../dispatch/target-order.ts';
import type { ListedTarget } from '../listing/list-target.ts';
import type { Fill } from './fill.ts';
import { MAX_AHEAD_MS, type PlannedFill, planFill } from './plan-fill.ts';
import { type FillTally, sendFill } from './send-fill.ts';
import { indexTimes } from './timed-samples.ts';

/** What became of samples with times of their own. */
export interface FilledSamples {
  readonly sent: number;
  /** What the sink will never get: too old for it, ahead of the clock, or refused. */
  readonly dropped: { readonly old: number; readonly ahead: number; readonly refused: number };
}

/** What each sink gets of a run that has all samples of counters. */
export interface DeliveredParts {
  /** Of a sink that takes times those without, of another one the newest of each series. */
  seriesFor(sink: Sink): RunSeries;
  /** Samples with times, that the sink lacks; undefined for one that takes none, or of which nobody knows what it has. */
  append(sink: Sink, options: DeliverOptions): Promise<'delivered' | 'lease-lost'> | undefined;
  /** What became of them up to now, also where `append` has rejected or is under way. */
  filledOf(sink: Sink): FilledSamples | undefined;
}

/** Goes through the samples once, when the first sink asks. */
export function toParts(
  { runId, sweep, target }: Pick<TargetOrder, 'runId' | 'sweep' | 'target'>,
  run: {
    readonly series: RunSeries;
    readonly fill: Fill;
    readonly listed: Pick<ListedTarget, 'list' | 'others'>;
  },
  { fills, clock }: { readonly fills: FillStore; readonly clock: Pick<Clock, 'now'> },
): DeliveredParts {
  const { series, fill, listed } = run;
  const samples = kept(() => indexTimes(series.families));
  const newest = kept(() => newestOfEach(series.families));
  const morefs = kept(() => listedIn(listed));
  const now = clock.now();
  const tallies = new Map<Sink, { readonly tally: FillTally; readonly left: PlannedFill['left'] }>();
  return {
    seriesFor: ({ timed }) =>
      timed === undefined
        ? { ...series, families: newest() }
        : { ...series, families: samples().plain, appended: samples().metrics },
    append(sink, options) {
      const filled = fill.sinks.find((one) => one.sink === sink);
      return filled && append(filled, options);
    },
    filledOf(sink) {
      const { tally, left } = tallies.get(sink) ?? {};
      if (tally === undefined || left === undefined || !tally.isPlanned) return undefined;
      return { sent: tally.sent, dropped: { ...left, refused: tally.refused } };
    },
  };

  async function append(
    { sink, over, progress }: Fill['sinks'][number],
    options: DeliverOptions,
  ): Promise<'delivered' | 'lease-lost'> {
    const { maxAgeMs, maxSamples } = sink.timed;
    const isListed = (moref: string) => morefs().has(moref);
    const limits = { now, maxAgeMs, maxSamples, isListed };
    const { plan, left } = planFill(samples().items, progress, limits);
    const of = { sweep: sweep.name, target: target.name, sink: sink.name };
    const tally = { isPlanned: false, sent: 0, refused: 0 };
    tallies.set(sink, { tally, left });
    const order = { of, runId, over, plan, samples: samples(), series, tally };
    return await sendFill(order, { fills, sink: sink.timed }, options);
  }
}

function kept<T>(make: () => T): () => T {
  let value: { readonly made: T } | undefined;
  return () => {
    value ??= { made: make() };
    return value.made;
  };
}

const listedIn = ({ list, others }: Pick<ListedTarget, 'list' | 'others'>): ReadonlySet<string> =>
  new Set(
    [list?.hosts ?? [], ...Array.from(others?.values() ?? [], ({ items }) => items)].flatMap((items) =>
      items.map(({ moref }) => moref),
    ),
  );

/** For the operator. */
export function sayDropped({ old, ahead, refused }: FilledSamples['dropped']): readonly string[] {
  return [
    ...(ahead === 0
      ? []
      : [
          `${ahead} samples of counters were not sent, because their times are more than ${MAX_AHEAD_MS / 60_000} min ahead of this clock. Check the time of the hosts (vmware_host_time_offset_seconds), of vCenter and of this machine`,
        ]),
    ...(old === 0
      ? []
      : [`${old} samples of counters were not sent, because they are older than its maxBackfill`]),
    ...(refused === 0
      ? []
      : [
          `${refused} samples of counters were refused and left out: it has newer ones of these series, or other values at these times. Check that no other vsweep sends the same series`,
        ]),
  ];
}
