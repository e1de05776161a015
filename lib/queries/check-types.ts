import type { SyntaxNode } from '@lezer/common';
import { hasVariable, isAnyAggregation } from './variables.ts';

/** What a part of a query is; undefined where a variable stands for it. */
type QueryType = 'vector' | 'range' | 'scalar' | 'text' | undefined;

/** A part of a query below another, and its text. */
interface Reading {
  readonly childrenOf: (node: SyntaxNode) => SyntaxNode[];
  readonly textOf: (node: SyntaxNode) => string;
  readonly faults: string[];
}

/** Functions of a range vector, beside all that end in `_over_time` (Prometheus' docs, "Query functions"). */
const OF_RANGES: ReadonlySet<string> = new Set([
  'changes',
  'delta',
  'deriv',
  'double_exponential_smoothing',
  'idelta',
  'increase',
  'irate',
  'predict_linear',
  'rate',
  'resets',
]);
const SCALARS: ReadonlySet<string> = new Set(['pi', 'scalar', 'time']);
const COMPARING: ReadonlySet<string> = new Set(['==', '!=', '>', '<', '>=', '<=']);
const OF_SETS: ReadonlySet<string> = new Set(['and', 'or', 'unless']);
const CLAUSES: ReadonlySet<string> = new Set(['BoolModifier', 'MatchingModifierClause', 'FillModifier']);

/**
 * Why Prometheus refuses a query that its grammar allows: a range where one sample is wanted, or the other way round, and
 * numbers that are compared without `bool` (Prometheus' parser, `checkAST`). The grammar has no types.
 */
export function typeFaultsOf(query: SyntaxNode, reading: Omit<Reading, 'faults'>): string[] {
  const faults: string[] = [];
  typeOf(query, { ...reading, faults });
  return faults;
}

function typeOf(node: SyntaxNode, reading: Reading): QueryType {
  const below = reading.childrenOf(node);
  const [first] = below;
  switch (node.name) {
    case 'VectorSelector':
      return first?.name === 'Identifier' && hasVariable(reading.textOf(first)) ? undefined : 'vector';
    case 'MatrixSelector':
    case 'SubqueryExpr':
      if (first !== undefined) typeOf(first, reading);
      return 'range';
    case 'NumberDurationLiteral':
      return 'scalar';
    case 'StringLiteral':
      return 'text';
    case 'FunctionCall':
    case 'AggregateExpr':
      return typeOfCall(node, reading);
    case 'BinaryExpr':
      return typeOfBinary(node, reading);
    case 'UnaryExpr':
      return operand(below.at(-1) ?? node, reading);
    default:
      // Brackets, an offset, a time: what they are of is their first child.
      return first === undefined ? undefined : typeOf(first, reading);
  }
}

function typeOfCall(node: SyntaxNode, reading: Reading): QueryType {
  const [called = node, ...rest] = reading.childrenOf(node);
  const name = reading.textOf(called);
  const args = rest
    .filter((one) => one.name === 'FunctionCallBody')
    .flatMap(reading.childrenOf)
    .map((one) => typeOf(one, reading));
  // A variable may name any function.
  if (isAnyAggregation(name)) return undefined;
  const wantsRange = node.name === 'FunctionCall' && (OF_RANGES.has(name) || name.endsWith('_over_time'));
  const at = name === 'quantile_over_time' ? 1 : 0;
  for (const [index, type] of args.entries()) {
    const isWanted = wantsRange && index === at;
    if (type === undefined || (type === 'range') === isWanted) continue;
    reading.faults.push(
      isWanted ? `${name} needs a range, such as x[5m]` : `${name} takes no range, such as x[5m]`,
    );
  }
  return SCALARS.has(name) ? 'scalar' : 'vector';
}

function typeOfBinary(node: SyntaxNode, reading: Reading): QueryType {
  const below = reading.childrenOf(node);
  const sides = [operand(below[0] ?? node, reading), operand(below.at(-1) ?? node, reading)];
  const written = below.slice(1).find(({ name }) => !CLAUSES.has(name));
  const operator = written === undefined ? '' : reading.textOf(written).toLowerCase();
  const areScalars = sides.every((one) => one === 'scalar');
  if (areScalars && COMPARING.has(operator) && !below.some(({ name }) => name === 'BoolModifier'))
    reading.faults.push(`two numbers are compared by ${operator} bool only`);
  if (OF_SETS.has(operator) && sides.includes('scalar'))
    reading.faults.push(`${operator} takes no number; vector() makes a series of one`);
  if (areScalars) return 'scalar';
  return sides.includes('vector') ? 'vector' : undefined;
}

/** A side of an operator, which is one sample of each series, or a number. */
function operand(node: SyntaxNode, reading: Reading): QueryType {
  const type = typeOf(node, reading);
  if (type === 'range' || type === 'text')
    reading.faults.push(`an operator takes no ${type === 'range' ? 'range, such as x[5m]' : 'text'}`);
  return type;
}
