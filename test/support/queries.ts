import { readFileSync } from 'node:fs';
import type { ParsedSeries } from './exposition.ts';

/** One vector of a query: the series of a metric whose labels are as the matchers say. */
export interface Selector {
  readonly metric: string;
  readonly matchers: readonly Matcher[];
}
interface Matcher {
  readonly label: string;
  readonly operator: string;
  readonly value: string;
}

/** A query of a dashboard or an alert, as far as names and labels go. */
export interface Query {
  readonly text: string;
  /** What stands between its `or`s: each on its own may have no series. */
  readonly alternatives: readonly (readonly Selector[])[];
  /** The labels that it groups by, joins, asks the values of, or prints in its legend. */
  readonly labels: readonly string[];
}

/** Of the scrape or the group at the Pushgateway. */
const OF_PROMETHEUS = new Set(['job', 'instance']);

/** The queries of a fixture: one a line, its legend behind a tab. */
export const queriesOf = (fixture: string): Query[] =>
  readFileSync(new URL(`../fixtures/queries/${fixture}.txt`, import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map(toQuery);

function toQuery(line: string): Query {
  const [text = '', legend = ''] = line.split('\t');
  const lists = text.matchAll(/\b(?:by|without) ?\(([^)]*)\)/g);
  const labels = [
    ...Array.from(lists, ([, list = '']) => list.split(',')).flat(),
    ...Array.from(text.matchAll(/label_values\([^{,]+(?:\{[^}]*\})?, ?(\w+)\)/g), ([, label = '']) => label),
    // Behind what is joined: the new label and the separator, then the labels that it is made of.
    ...Array.from(text.matchAll(/, ?"\w+", ?"\/", ?((?:"\w+",? ?)+)\)/g), ([, joined = '']) =>
      Array.from(joined.matchAll(/\w+/g), ([label]) => label),
    ).flat(),
    ...Array.from(legend.matchAll(/\{\{ ?(\w+) ?\}\}/g), ([, label = '']) => label),
  ].map((label) => label.trim());
  const made = new Set(Array.from(text.matchAll(/, ?"(\w+)", ?"(?:\/|\$1)"/g), ([, label]) => label));
  return {
    text,
    alternatives: alternativesOf(text)
      .map(selectorsIn)
      .filter((selectors) => selectors.length > 0),
    labels: [...new Set(labels)].filter((label) => !made.has(label) && !OF_PROMETHEUS.has(label)),
  };
}

/** What stands between the outermost `or`s, inside of the brackets around all of them. */
function alternativesOf(text: string): string[] {
  const parts: string[] = [];
  let [depth, from] = [0, 0];
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '(') depth += 1;
    if (text[at] === ')') depth -= 1;
    if (depth === 0 && /^ or /i.test(text.slice(at, at + 4))) {
      parts.push(text.slice(from, at));
      from = at + 4;
    }
  }
  parts.push(text.slice(from));
  if (parts.length > 1) return parts;
  const [, inner] = /^\s*\w*\s*\((.*)\)\s*$/s.exec(text) ?? [];
  return inner === undefined || !isBalanced(inner) ? parts : alternativesOf(inner);
}

function isBalanced(text: string): boolean {
  let depth = 0;
  for (const character of text) {
    if (character === '(') depth += 1;
    if (character === ')') depth -= 1;
    if (depth < 0) return false;
  }
  return depth === 0;
}

/** Labels of OpenTelemetry begin as its metrics do, which always have matchers in their queries. */
const SELECTOR = /\b(?:((?:vmware|vcenter)_\w+)\{([^}]*)\}|(vmware_\w+))/g;

const selectorsIn = (text: string): Selector[] =>
  Array.from(text.matchAll(SELECTOR), ([, selected, matchers = '', bare]) => ({
    metric: selected ?? bare ?? '',
    matchers: Array.from(
      matchers.matchAll(/(\w+) ?(=~|!~|!=|=) ?"([^"]*)"/g),
      ([, label = '', operator = '', value = '']) => ({ label, operator, value }),
    ).filter(({ label }) => !OF_PROMETHEUS.has(label)),
  }));

/** The series that a selector finds; a variable of a dashboard may be anything. */
export const seriesOf = ({ metric, matchers }: Selector, series: readonly ParsedSeries[]): ParsedSeries[] =>
  series.filter(
    ({ name, labels }) =>
      name === metric && matchers.every((matcher) => isMatch(matcher, labels[matcher.label] ?? '')),
  );

function isMatch({ operator, value }: Matcher, label: string): boolean {
  if (value.includes('$')) return true;
  if (operator === '=' || operator === '!=') return (operator === '=') === (label === value);
  return (operator === '=~') === new RegExp(`^(?:${value})$`).test(label);
}
