import { type Result, UNKNOWN } from './judgement.ts';
import type { Query } from './promql.ts';
import {
  ANY,
  AT_LEAST_ONE,
  AT_LEAST_ZERO,
  between,
  isNone,
  oneOf,
  summed,
  type ValueRange,
} from './value-range.ts';

type Call = Extract<Query, { kind: 'call' }>;
type Range = (values: ValueRange) => ValueRange;

const same: Range = (values) => values;
const always =
  (range: ValueRange): Range =>
  () =>
    range;

/** What functions make of the values of their vector; those that are not here can give anything. */
const FUNCTIONS: Readonly<Record<string, Range>> = {
  max_over_time: same,
  min_over_time: same,
  last_over_time: same,
  first_over_time: same,
  avg_over_time: between,
  sum_over_time: summed,
  count_over_time: always(AT_LEAST_ONE),
  changes: always(AT_LEAST_ZERO),
  resets: always(AT_LEAST_ZERO),
  present_over_time: always(oneOf([1])),
  absent: always(oneOf([1])),
  absent_over_time: always(oneOf([1])),
  sort: same,
  sort_desc: same,
  sort_by_label: same,
  sort_by_label_desc: same,
  label_replace: same,
  label_join: same,
  vector: same,
};

/** A quantile lies between the values; one below 0 or above 1 is infinite (Prometheus' docs, "quantile"). */
export function quantileOf(quantile: Result | undefined, values: ValueRange): ValueRange {
  const { min, max } = quantile?.values ?? ANY;
  return isNone(values) || (min >= 0 && max <= 1) ? between(values) : ANY;
}

/** Functions whose first argument is not their vector. */
const LATER: Readonly<Record<string, number>> = { quantile_over_time: 1, histogram_quantile: 1 };

/** A function of PromQL, by what its arguments can give. */
export function judgeCall({ name, args }: Call, results: readonly Result[]): Result {
  const of = results[LATER[name] ?? 0];
  if (of === undefined) return { ...UNKNOWN, labels: new Set(), isScalar: SCALARS.has(name) };
  const isEmpty = isNone(of.values) && !name.startsWith('absent');
  const values = isEmpty
    ? of.values
    : name === 'quantile_over_time'
      ? quantileOf(results[0], of.values)
      : (FUNCTIONS[name] ?? always(ANY))(of.values);
  const written = args[1];
  const added = ADDING.has(name) && written?.kind === 'text' ? [written.value] : [];
  return {
    ...of,
    values,
    isScalar: name === 'scalar',
    labels: of.labels === undefined || UNKNOWN_LABELS.has(name) ? undefined : of.labels.union(new Set(added)),
    isDecided: of.isDecided || DECIDING.has(name),
  };
}

/** Of these the labels are those of the matchers, or, of `info`, also those of a series that is not named. */
const UNKNOWN_LABELS: ReadonlySet<string> = new Set(['absent', 'absent_over_time', 'info']);
const SCALARS: ReadonlySet<string> = new Set(['time', 'pi']);
const ADDING: ReadonlySet<string> = new Set(['label_replace', 'label_join']);
/** Those that have a sample for a reason, or that say another thing than the value. */
const DECIDING: ReadonlySet<string> = new Set(['absent', 'absent_over_time', 'changes', 'resets']);
