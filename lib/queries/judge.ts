import { judgeCall, quantileOf } from './judge-call.ts';
import { judgeSelector } from './judge-selector.ts';
import {
  type Judgement,
  type Notes,
  printList,
  printValues,
  type Result,
  UNKNOWN,
  type World,
} from './judgement.ts';
import { parsePromql, type Query } from './promql.ts';
import {
  ANY,
  AT_LEAST_ONE,
  between,
  COMPARISONS,
  type Comparison,
  combine,
  isNone,
  keep,
  NONE,
  oneOf,
  summed,
  union,
  type ValueRange,
} from './value-range.ts';
import { hasVariable, isAnyAggregation, replaceVariables } from './variables.ts';

/** Why an expression is there. */
interface Use {
  /** It fires whenever it has a sample. */
  readonly isAlert?: boolean;
  /** The label whose values are listed. */
  readonly label?: string;
}

/** Judges one expression, whose text may have variables of Grafana. */
export function judge(text: string, world: World, { isAlert = false, label }: Use = {}): Judgement {
  const parsed = parsePromql(replaceVariables(text));
  if ('problem' in parsed) {
    const remedy = hasVariable(replaceVariables(text)) ? '; it may depend on the value of a variable' : '';
    return { series: [], findings: [{ kind: 'unreadable', message: parsed.problem + remedy }] };
  }
  const notes: Notes = { world, series: [], findings: [] };
  const result = walk(parsed.query, notes);
  const source = result.sources.find(({ values }) => (values.list?.length ?? 0) > 1);
  if (isAlert && !result.isDecided && source !== undefined && !isNone(result.values)) {
    notes.findings.push({
      kind: 'always-fires',
      message: `fires at every value, because nothing is compared: ${source.name} is ${printValues(source.values)}`,
    });
  }
  const isUnknown = label !== undefined && !label.includes('$') && result.labels?.has(label) === false;
  if (isUnknown) {
    const message = `lists the values of ${label}, which is no label there; labels: ${printList(result.labels ?? [])}`;
    notes.findings.push({ kind: 'no-such-label', message });
  }
  return {
    series: distinct(notes.series, ({ name }) => name),
    findings: distinct(notes.findings, ({ message }) => message),
  };
}

const distinct = <One>(list: readonly One[], keyOf: (one: One) => string): One[] => [
  ...new Map(list.map((one) => [keyOf(one), one])).values(),
];

/** Every part of an expression, from the inside out. The depth of an expression is bounded by its parser. */
function walk(query: Query, notes: Notes): Result {
  switch (query.kind) {
    case 'selector':
      return judgeSelector(query, notes);
    case 'number':
      return {
        ...UNKNOWN,
        values: oneOf([query.value]),
        labels: new Set(),
        isScalar: true,
        isDecided: false,
      };
    case 'text':
      return UNKNOWN;
    case 'call':
      return judgeCall(
        query,
        query.args.map((one) => walk(one, notes)),
      );
    case 'aggregate':
      return judgeAggregate(query, notes);
    case 'binary':
      return judgeBinary(query, notes);
  }
}

type Aggregate = Extract<Query, { kind: 'aggregate' }>;

/** Aggregations whose value is one of those of their samples. */
const CHOOSING: ReadonlySet<string> = new Set(['min', 'max', 'topk', 'bottomk', 'limitk', 'limit_ratio']);

/** Those that choose among the samples of each group, and leave their labels alone. */
const KEEPING: ReadonlySet<string> = new Set(['topk', 'bottomk', 'limitk', 'limit_ratio']);

function judgeAggregate({ name: written, grouping, args }: Aggregate, notes: Notes): Result {
  const name = written.toLowerCase();
  const results = args.map((one) => walk(one, notes));
  const inner = results.at(-1) ?? UNKNOWN;
  const labels = groupedLabels(inner, grouping, notes);
  if (isAnyAggregation(written)) return UNKNOWN;
  return {
    ...inner,
    isScalar: false,
    values: name === 'quantile' ? quantileOf(results[0], inner.values) : aggregated(name, inner.values),
    labels: KEEPING.has(name) ? inner.labels : name === 'count_values' ? withText(labels, args[0]) : labels,
  };
}

/** `count_values` writes the value into a label, which its first argument names. */
const withText = (labels: Result['labels'], name: Query | undefined): Result['labels'] =>
  name?.kind === 'text' && !hasVariable(name.value) ? labels?.union(new Set([name.value])) : undefined;

function aggregated(name: string, values: ValueRange): ValueRange {
  if (isNone(values) || CHOOSING.has(name)) return values;
  if (name === 'sum') return summed(values);
  if (name === 'avg') return between(values);
  if (name === 'group') return oneOf([1]);
  return name === 'count' ? AT_LEAST_ONE : ANY;
}

function groupedLabels(
  { labels }: Result,
  grouping: Aggregate['grouping'],
  { findings, world }: Notes,
): Result['labels'] {
  if (grouping === undefined) return new Set();
  const written = grouping.labels.filter((one) => !hasVariable(one));
  if (labels === undefined) return grouping.by ? new Set(written) : undefined;
  if (!grouping.by) return labels.difference(new Set(written));
  const missing = written.filter((one) => !labels.has(one) && !world.added.has(one));
  for (const one of missing)
    findings.push({
      kind: 'no-such-label',
      message: `groups by ${one}, which is no label there; labels: ${printList(labels)}`,
    });
  return written.length < grouping.labels.length ? undefined : new Set(written);
}

type Binary = Extract<Query, { kind: 'binary' }>;

function judgeBinary(query: Binary, notes: Notes): Result {
  const { operator, matching } = query;
  const [left, right] = [walk(query.left, notes), walk(query.right, notes)];
  if (matching?.on) checkJoin(matching.labels, [left, right], notes);
  const labels = joined(left, right);
  const both = {
    labels,
    isScalar: left.isScalar && right.isScalar,
    sources: [...left.sources, ...right.sources],
  };
  if (operator === 'and')
    return { ...left, values: isNone(right.values) ? NONE : left.values, isDecided: true };
  if (operator === 'unless') return { ...left, isDecided: true };
  if (operator === 'or')
    return {
      ...both,
      values: union(left.values, right.values),
      isDecided: left.isDecided && right.isDecided,
    };
  if (!(operator in COMPARISONS)) {
    return {
      ...both,
      values: combine(left.values, operator, right.values),
      isDecided: left.isDecided || right.isDecided,
    };
  }
  if (query.isBool) return { ...both, values: oneOf([0, 1]), isDecided: false };
  const values = compared(query, [left, right]);
  const isFault = isNone(values) && !isNone(left.values) && !isNone(right.values);
  if (isFault) notes.findings.push({ kind: 'never-true', message: explainNever(query, [left, right]) });
  return { ...both, values, isDecided: true };
}

/** What stays of the vector; a number on the left is compared with the vector on the right. */
function compared({ operator }: Binary, [left, right]: readonly [Result, Result]): ValueRange {
  const comparison = operator as Comparison;
  return left.isScalar && !right.isScalar
    ? keep(right.values, MIRRORED[comparison], left.values)
    : keep(left.values, comparison, right.values);
}

const MIRRORED: Readonly<Record<Comparison, Comparison>> = {
  '==': '==',
  '!=': '!=',
  '>': '<',
  '<': '>',
  '>=': '<=',
  '<=': '>=',
};

function explainNever({ text }: Binary, sides: readonly Result[]): string {
  const { values, sources } = sides.find(({ isScalar }) => !isScalar) ?? UNKNOWN;
  const [source] = sources;
  // Of a sum or a count the series itself says nothing.
  if (source === undefined || source.values !== values)
    return `${text} is never true: what is compared is ${printValues(values)}`;
  const [label] = Object.keys(source.closed);
  const remedy =
    source.isInfo && label !== undefined
      ? `; select by its label instead: ${label}=${(source.closed[label] ?? []).join(' | ')}`
      : '';
  return `${text} is never true: ${source.name} is ${printValues(source.values)}${remedy}`;
}

function checkJoin(on: readonly string[], sides: readonly Result[], { findings, world }: Notes): void {
  for (const label of on.filter((one) => !hasVariable(one) && !world.added.has(one))) {
    const known = sides.flatMap(({ labels, isScalar }) => (isScalar || labels === undefined ? [] : [labels]));
    // A label that neither side has is empty on both, which is equal.
    if (new Set(known.map((labels) => labels.has(label))).size > 1)
      findings.push({
        kind: 'no-such-label',
        message: `joins on ${label}, which one side does not have as a label`,
      });
  }
}

/** Those of either side: which of them stay depends on how it is joined. */
function joined(left: Result, right: Result): Result['labels'] {
  if (left.isScalar) return right.labels;
  if (right.isScalar) return left.labels;
  return left.labels === undefined || right.labels === undefined
    ? undefined
    : left.labels.union(right.labels);
}
