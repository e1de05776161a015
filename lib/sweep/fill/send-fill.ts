import { isRefusal } from '../../sinks/http/errors.ts';
import type { DeliverOptions, RunSeries, TimedSink } from '../../sinks/sink.ts';
import type { FillOf, FillPlan, FillStep, FillStore, StoredFill } from '../../state/stores/fills.ts';
import type { TimedSamples } from './timed-samples.ts';

/** Refused requests with new samples of one run and sink; behind them lies more than a few objects at fault. */
const MAX_REFUSALS = 500;

export interface FillOrder {
  readonly of: FillOf;
  readonly runId: string;
  readonly over: StoredFill | undefined;
  readonly plan: FillPlan;
  readonly samples: Pick<TimedSamples, 'items' | 'of'>;
  readonly series: Pick<RunSeries, 'group' | 'validUntil'>;
  /** Counts along, so that it is right whenever the run ends. */
  readonly tally: FillTally;
}

export interface FillTally {
  /** Whether the plan stands in the state: no later run counts what it leaves out. */
  isPlanned: boolean;
  /** Samples that the sink took. */
  sent: number;
  /** Samples that it will never take. */
  refused: number;
}

/**
 * Sends the batches of a plan to a sink, each after the record of the one before. So a run that ends anywhere leaves at most
 * one batch of which nobody knows whether it was taken. Rejects when the sink did not take a batch, or the state did not keep
 * how far it came: the next run goes on there. Samples that the sink refuses for good are found by halving, and left out,
 * unless it takes nothing at all. What may be there already is halved, too; after as many refusals the rest of it is taken to
 * be there, so that it never keeps a run from what is new.
 */
export async function sendFill(
  { of, runId, over, plan, samples, series, tally }: FillOrder,
  { fills, sink }: { readonly fills: FillStore; readonly sink: TimedSink },
  options: DeliverOptions,
): Promise<'delivered' | 'lease-lost'> {
  const refusals = { again: 0, fresh: 0 };
  let done = 0;
  let refusal: unknown;
  let refused = 0;
  if (plan.batches.length > 0) {
    if (!(await options.holdsLease())) return 'lease-lost';
    if (!(await fills.plan(of, { plan, over, runId }, options))) return 'lease-lost';
  }
  tally.isPlanned = true;
  // A destination that has taken nothing yet may refuse everything, and not only what it has.
  const believe = () => {
    if (tally.sent > 0) tally.refused = refused;
  };
  const advance = async (to: number): Promise<boolean> => {
    done = to;
    return await fills.advance(of, { done, runId }, options);
  };
  /** Whether the run still holds its lease. */
  const append = async (steps: readonly FillStep[], index: number, mayBeThere = false): Promise<boolean> => {
    let isAgain = mayBeThere || index < plan.again;
    options.signal.throwIfAborted();
    const families = samples.of(steps);
    const length = families.reduce((sum, one) => sum + one.samples.length, 0);
    try {
      const answer = await sink.append({ ...series, families }, options);
      if (answer === 'lease-lost') return false;
      const left = answer === 'delivered' ? 0 : Math.min(answer.refused, length);
      if (answer !== 'delivered') refusal = answer.why;
      tally.sent += length - left;
      if (!isAgain) refused += left;
      believe();
      if (tally.sent === 0) return true;
    } catch (error) {
      if (!isRefusal(error)) throw error;
      isAgain ||= error.mayBeThere;
      refusal = error;
      refusals[isAgain ? 'again' : 'fresh'] += 1;
      if (refusals.fresh > MAX_REFUSALS) throw error;
      if (refusals.again > MAX_REFUSALS) return true;
      const halves = halve(steps, samples, isAgain);
      if (halves === undefined && !isAgain) refused += length;
      believe();
      for (const half of halves ?? []) if (!(await append(half, index, isAgain))) return false;
      return true;
    }
    // The refusals of those before are believed now; of this one nobody knows, whenever the run ends.
    return done >= index || (await advance(index));
  };
  for (const [index, batch] of plan.batches.entries()) {
    const isAgain = index < plan.again;
    if (!(await append(batch, index))) return 'lease-lost';
    const takesNothing = tally.sent === 0 && refusal !== undefined;
    if (takesNothing && !isAgain) throw refusal;
    if (!takesNothing && !(await advance(index + 1))) return 'lease-lost';
  }
  return 'delivered';
}

/**
 * Two halves by objects, or of one object by times, the older one first; undefined for what cannot be halved. Of what may be
 * there already an object that is refused is taken to be there.
 */
function halve(
  steps: readonly FillStep[],
  { items }: Pick<TimedSamples, 'items'>,
  isAgain: boolean,
): readonly (readonly FillStep[])[] | undefined {
  const [step] = steps;
  if (step === undefined) return undefined;
  if (steps.length > 1) {
    const middle = Math.ceil(steps.length / 2);
    return [steps.slice(0, middle), steps.slice(middle)];
  }
  if (isAgain) return undefined;
  const times = [...(items.get(step.moref)?.keys() ?? [])]
    .filter((time) => time > step.from && time <= step.to)
    .sort((one, other) => one - other);
  const middle = times[Math.ceil(times.length / 2) - 1];
  if (times.length < 2 || middle === undefined) return undefined;
  return [[{ ...step, to: middle }], [{ ...step, from: middle }]];
}
