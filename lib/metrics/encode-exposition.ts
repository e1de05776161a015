import { checkDefinition, checkLabelCount } from './check-sample.ts';
import { MetricsError } from './errors.ts';
import type { Family, Sample } from './family.ts';
import { createLabelMemos, type LabelMemo } from './label-memos.ts';

/** What `encodeExposition` yields, for Content-Type. */
export const EXPOSITION_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** Characters a chunk has at least, but for the last one: small enough for one write, large enough to cost little. */
const CHUNK_LENGTH = 64 * 1024;

/**
 * Prints families in Prometheus' text format 0.0.4 as UTF-8, in chunks that end between two lines: families sorted by
 * name, with an empty line between them, and samples in their own order, a time after the value where a sample has
 * one. Byte for byte what prom-client 15 prints, but for NaN, which it spells "Nan". Equal series are printed as they
 * come: drop them before. Throws MetricsError for what the format cannot carry, maybe after the first chunks.
 *
 * https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
 */
export function* encodeExposition(families: readonly Family[]): Generator<Buffer, void, undefined> {
  let text = '';
  const memoOf = createLabelMemos<string>();
  for (const family of inOrder(families)) {
    text += `${family.isFirst ? '' : '\n'}${headOf(family)}`;
    const line = lineWriter(family, memoOf(family));
    for (const sample of family.samples) {
      text += line(sample);
      if (text.length < CHUNK_LENGTH) continue;
      yield Buffer.from(text);
      text = '';
    }
  }
  if (text !== '') yield Buffer.from(text);
}

/** The whole of `encodeExposition` as one text; for what is small, or is shown to a person. */
export const printExposition = (families: readonly Family[]): string =>
  Buffer.concat(Array.from(encodeExposition(families))).toString();

function inOrder(families: readonly Family[]): (Family & { isFirst: boolean })[] {
  const sorted = families.toSorted((left, right) => (left.definition.name < right.definition.name ? -1 : 1));
  return sorted.map((family, index) => {
    const { name } = family.definition;
    if (sorted[index - 1]?.definition.name !== name) return { ...family, isFirst: index === 0 };
    throw new MetricsError('duplicate-definition', {
      metric: name,
      message: 'two families have this name; merge them first',
    });
  });
}

function headOf({ definition }: Family): string {
  checkDefinition(definition);
  const { name, help, type = 'gauge' } = definition;
  return `# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${type}\n`;
}

/** The line of a sample; the text of its labels is looked for in the memo. */
function lineWriter({ definition }: Family, memo: LabelMemo<string> | undefined): (sample: Sample) => string {
  const { name, labels: names } = definition;
  const textOf = memo === undefined ? labelsWriter(names) : keptIn(memo, names);
  return (sample) => {
    checkLabelCount(definition, sample);
    const { labels, value, timeMs } = sample;
    const text = textOf(labels);
    const printed = Number.isFinite(value) ? value : printUnbounded(value);
    return timeMs === undefined ? `${name}${text} ${printed}\n` : `${name}${text} ${printed} ${timeMs}\n`;
  };
}

/** Joined: V8 keeps a sum of strings as a tree of its parts, which is several times as large. */
const keptIn =
  (memo: LabelMemo<string>, names: readonly string[]) =>
  (values: readonly string[]): string => {
    const known = memo.get(values);
    if (known !== undefined || names.length === 0) return known ?? '';
    const parts = names.flatMap((name, index) => [
      index === 0 ? '{' : '",',
      name,
      '="',
      escapeLabel(values[index] as string),
    ]);
    const text = [...parts, '"}'].join('');
    memo.set(values, text);
    return text;
  };

/**
 * The text of labels with its braces. What is the same in all samples is put together once, and what is the same as in the
 * sample before, as most labels of an object are, once for these.
 */
function labelsWriter(names: readonly string[]): (values: readonly string[]) => string {
  if (names.length === 0) return () => '';
  const before = names.map((name, index) => `${index === 0 ? '{' : '",'}${name}="`);
  let last: readonly string[] = [];
  /** Up to the end of each label. */
  const upTo = before.map(() => '');
  return (values) => {
    let index = 0;
    while (index < before.length && values[index] === last[index]) index += 1;
    for (; index < before.length; index += 1) {
      upTo[index] = (upTo[index - 1] ?? '') + before[index] + escapeLabel(values[index] as string);
    }
    last = values;
    return `${upTo.at(-1)}"}`;
  };
}

const printUnbounded = (value: number): string => {
  if (Number.isNaN(value)) return 'NaN';
  return value > 0 ? '+Inf' : '-Inf';
};

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '"': '\\"', '\n': '\\n' };
const escapeWith = (text: string, odd: RegExp): string =>
  text.replace(odd, (character) => ESCAPES[character] ?? character);
const ODD_IN_LABEL = /[\\"\n]/;
const escapeLabel = (text: string): string => (ODD_IN_LABEL.test(text) ? escapeWith(text, /[\\"\n]/g) : text);
const escapeHelp = (text: string): string => escapeWith(text, /[\\\n]/g);
