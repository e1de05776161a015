import type { SyntaxNode } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';
import { typeFaultsOf } from './check-types.ts';
import { unquote } from './unquote.ts';

export type MatchOperator = '=' | '!=' | '=~' | '!~';

export interface Matcher {
  readonly label: string;
  readonly operator: MatchOperator;
  readonly value: string;
}

/** A query as far as series, labels and values go: offsets, ranges and brackets are left out. */
export type Query =
  | { readonly kind: 'selector'; readonly name: string | undefined; readonly matchers: readonly Matcher[] }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Query[] }
  | {
      readonly kind: 'aggregate';
      readonly name: string;
      readonly grouping: { readonly by: boolean; readonly labels: readonly string[] } | undefined;
      readonly args: readonly Query[];
    }
  | {
      readonly kind: 'binary';
      readonly operator: string;
      readonly isBool: boolean;
      readonly matching: { readonly on: boolean; readonly labels: readonly string[] } | undefined;
      readonly left: Query;
      readonly right: Query;
      /** As it was written. */
      readonly text: string;
    };

/** Either the query, or why there is none. */
export type Parsed = { readonly query: Query } | { readonly problem: string };

/** Of one expression; those of dashboards have a few thousand. */
const MAX_CHARACTERS = 65_536;
const MAX_DEPTH = 200;

/** Reads PromQL by the grammar of Prometheus' own editor. Never throws: whatever it gets may be hostile. */
export function parsePromql(text: string): Parsed {
  if (text.length > MAX_CHARACTERS) return { problem: `longer than ${MAX_CHARACTERS} characters` };
  const tree = parser.parse(text);
  let fault: number | undefined;
  let depth = 0;
  let deepest = 0;
  tree.iterate({
    enter: ({ type, from }) => {
      depth += 1;
      deepest = Math.max(deepest, depth);
      if (type.isError) fault ??= from;
    },
    leave: () => {
      depth -= 1;
    },
  });
  if (fault !== undefined) return { problem: `not PromQL: unexpected text ${near(text, fault)}` };
  if (deepest > MAX_DEPTH) return { problem: `nested more than ${MAX_DEPTH} deep` };
  const top = childrenOf(tree.topNode).find(({ name }) => name !== 'LineComment');
  if (top === undefined) return { problem: 'not PromQL: the expression is empty' };
  const [typeFault] = typeFaultsOf(top, { childrenOf, textOf: ({ from, to }) => text.slice(from, to) });
  return typeFault === undefined
    ? { query: toQuery(top, text) }
    : { problem: `Prometheus refuses it: ${typeFault}` };
}

const near = (text: string, at: number): string =>
  at >= text.trimEnd().length ? 'at its end' : `at "${text.slice(at, at + 20)}"`;

function childrenOf(node: SyntaxNode): SyntaxNode[] {
  const children: SyntaxNode[] = [];
  for (let child = node.firstChild; child !== null; child = child.nextSibling)
    if (child.name !== 'LineComment') children.push(child);
  return children;
}

/** Those of a node by the name of their type. */
const named = (node: SyntaxNode, name: string): SyntaxNode[] =>
  childrenOf(node).filter((one) => one.name === name);

function toQuery(node: SyntaxNode, text: string): Query {
  const textOf = ({ from, to }: SyntaxNode) => text.slice(from, to);
  const below = childrenOf(node);
  const argumentsOf = (of: SyntaxNode) =>
    named(of, 'FunctionCallBody')
      .flatMap(childrenOf)
      .map((one) => toQuery(one, text));
  const [first = node] = below;
  switch (node.name) {
    case 'VectorSelector':
      return toSelector(node, textOf);
    case 'NumberDurationLiteral':
      return { kind: 'number', value: toNumber(textOf(node)) };
    case 'StringLiteral':
      return { kind: 'text', value: unquote(textOf(node)) };
    case 'FunctionCall':
      return { kind: 'call', name: textOf(first), args: argumentsOf(node) };
    case 'AggregateExpr':
      return {
        kind: 'aggregate',
        name: textOf(first),
        grouping: toGrouping(node, textOf),
        args: argumentsOf(node),
      };
    case 'UnaryExpr': {
      const operand = toQuery(below.at(-1) ?? node, text);
      if (textOf(first) !== '-') return operand;
      if (operand.kind === 'number') return { kind: 'number', value: -operand.value };
      const zero: Query = { kind: 'number', value: 0 };
      return { ...toBinary('-', zero, operand), text: textOf(node) };
    }
    case 'BinaryExpr': {
      const [, operator] = below;
      const last = below.at(-1) ?? node;
      const binary = toBinary(
        operator === undefined ? '' : textOf(operator),
        toQuery(first, text),
        toQuery(last, text),
      );
      return {
        ...binary,
        isBool: named(node, 'BoolModifier').length > 0,
        matching: toMatching(node, textOf),
        text: textOf(node),
      };
    }
    default:
      // A range, a subquery, an offset, a time, brackets: what they are of is their first child.
      return first === node ? { kind: 'call', name: node.name, args: [] } : toQuery(first, text);
  }
}

type Binary = Extract<Query, { kind: 'binary' }>;
const toBinary = (operator: string, left: Query, right: Query): Binary => ({
  kind: 'binary',
  operator: operator.toLowerCase(),
  isBool: false,
  matching: undefined,
  left,
  right,
  text: '',
});

type TextOf = (node: SyntaxNode) => string;

function toSelector(node: SyntaxNode, textOf: TextOf): Query {
  const [identifier] = named(node, 'Identifier');
  const inBraces = named(node, 'LabelMatchers').flatMap(childrenOf);
  const quotedName = inBraces.find(({ name }) => name === 'QuotedLabelName');
  const matchers = inBraces
    .filter(({ name }) => name.endsWith('LabelMatcher'))
    .map((one): Matcher => {
      const [label, operator, value] = childrenOf(one).map(textOf);
      return {
        label: unquote(label ?? ''),
        operator: (operator ?? '=') as MatchOperator,
        value: unquote(value ?? ''),
      };
    });
  const written = identifier ?? quotedName;
  const byMatcher = matchers.find(({ label, operator }) => label === '__name__' && operator === '=');
  return {
    kind: 'selector',
    name: written === undefined ? byMatcher?.value : unquote(textOf(written)),
    matchers: matchers.filter((one) => one !== byMatcher),
  };
}

const labelsIn = (grouping: SyntaxNode | undefined, textOf: TextOf): string[] =>
  grouping === undefined ? [] : childrenOf(grouping).map((one) => unquote(textOf(one)));

function toGrouping(node: SyntaxNode, textOf: TextOf) {
  const [modifier] = named(node, 'AggregateModifier');
  if (modifier === undefined) return undefined;
  const [grouping] = named(modifier, 'GroupingLabels');
  return { by: named(modifier, 'By').length > 0, labels: labelsIn(grouping, textOf) };
}

function toMatching(node: SyntaxNode, textOf: TextOf) {
  const [clause] = named(node, 'MatchingModifierClause');
  if (clause === undefined) return undefined;
  const [first] = childrenOf(clause);
  const [grouping] = named(clause, 'GroupingLabels');
  return { on: first?.name === 'On', labels: labelsIn(grouping, textOf) };
}

/** `3`, `-1e3`, `0x1F`, `Inf`; a duration such as `5m` is some number of seconds. */
function toNumber(text: string): number {
  const sign = text.startsWith('-') ? -1 : 1;
  const digits = text.replace(/^[+-]/, '').replaceAll('_', '');
  return digits.toLowerCase() === 'inf' ? sign * Number.POSITIVE_INFINITY : sign * Number(digits);
}
