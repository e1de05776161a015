import * as z from 'zod';
import { MAX_LABEL_CHARACTERS, type MetricRow, type Point } from '../catalogue/row.ts';
import { type NumberColumn, placesColumn, valuesColumn } from './number-column.ts';

/**
 * The points of a batch as columns: a family a metric, of which the n-th number of each column is of the n-th point. An
 * item is named by its place, and a label value stands once in a dictionary, so that 1,000 items with 80 numbers each
 * take 0.3 MB when they are compressed.
 */
export const MAX_POINTS = 1_000_000;
/** Of all labels of all points: a word stands once in a result and in each of its points. */
const MAX_CHARACTERS = 64_000_000;
const isPlace = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;
/** Each in one loop: a result has hundreds of thousands, and a schema for each of them takes ten times as long. */
const placesOfPoints = z.custom<number[]>((value) => isColumn(value, isPlace), 'no places of points');
const valuesOfPoints = z.custom<number[]>((value) => isColumn(value, Number.isFinite), 'no values of points');
/** 0: without a time of its own. */
const timesOfPoints = z.custom<number[]>((value) => isColumn(value, isPlace), 'no times of points');
const isColumn = (value: unknown, isOne: (value: unknown) => boolean): boolean =>
  Array.isArray(value) && value.length <= MAX_POINTS && value.every((one) => isOne(one));

const family = z
  .strictObject({
    metric: z.string().max(4_096),
    items: placesOfPoints,
    values: valuesOfPoints,
    /** In milliseconds since the epoch; absent where no point has one. */
    times: timesOfPoints.exactOptional(),
    labels: z
      .array(
        z.strictObject({
          words: z.array(z.string().max(MAX_LABEL_CHARACTERS)).max(MAX_POINTS),
          at: placesOfPoints,
        }),
      )
      .max(32),
  })
  .refine(
    ({ items, values, times, labels }) =>
      values.length === items.length &&
      (times === undefined || times.length === items.length) &&
      labels.every(({ words, at }) => at.length === items.length && at.every((one) => one < words.length)),
    'columns of different lengths, or a word that is not there',
  );

export const columns = z
  .array(family)
  .max(10_000)
  .refine((families) => charactersOf(families) <= MAX_CHARACTERS, 'labels of too many characters');
/** Of all labels of all points. */
export const charactersOf = (families: readonly z.output<typeof family>[]): number =>
  families.reduce(
    (sum, { labels }) =>
      sum +
      labels.reduce((all, { words, at }) => all + at.reduce((n, one) => n + (words[one]?.length ?? 0), 0), 0),
    0,
  );

/** Whether those who decode them would refuse them as too many. */
export const areTooMany = (families: readonly ColumnFamily[]): boolean =>
  families.some(({ items }) => items.length > MAX_POINTS) || charactersOf(families) > MAX_CHARACTERS;
export type Columns = z.output<typeof columns>;
export type ColumnFamily = Columns[number];

/** What `createColumns` fills of one family. */
interface FilledFamily {
  readonly items: NumberColumn;
  readonly values: NumberColumn;
  times: NumberColumn | undefined;
  readonly labels: readonly FilledLabel[];
}

interface FilledLabel {
  readonly words: string[];
  readonly at: NumberColumn;
  /** Where each word is. */
  readonly known: Map<string, number>;
}

const emptyFamily = (row: MetricRow): FilledFamily => ({
  items: placesColumn(),
  values: valuesColumn(),
  times: undefined,
  labels: row.labels.map(() => ({ words: [], at: placesColumn(), known: new Map() })),
});

/** Fills columns while points come in, in any order of the items. */
export function createColumns() {
  let mostPoints = 0;
  let characters = 0;
  const families = new Map<string, FilledFamily>();
  return {
    add(item: number, row: MetricRow, points: readonly Point[]) {
      const family = families.get(row.name) ?? emptyFamily(row);
      if (family.items.length === 0) families.set(row.name, family);
      for (const { labels, value, timeMs } of points) {
        if (timeMs !== undefined) family.times ??= noTimes(family.items.length);
        family.items.push(item);
        family.values.push(value);
        family.times?.push(timeMs ?? NO_TIME);
        for (let index = 0; index < family.labels.length; index += 1) {
          const label = family.labels[index] as FilledLabel;
          const word = cutWord(labels[index] ?? '');
          characters += word.length;
          label.at.push(placeOf(word, label));
        }
      }
      mostPoints = Math.max(mostPoints, family.items.length);
    },
    /** As `areTooMany` of the families so far, while more may come: what fills them stops there. */
    areTooMany: (): boolean => mostPoints > MAX_POINTS || characters > MAX_CHARACTERS,
    /** What was added so far; the columns are empty then. */
    takeFamilies(): Columns {
      const taken = Array.from(families, ([metric, { items, values, times, labels }]) => ({
        metric,
        items: items.take(),
        values: values.take(),
        ...(times === undefined ? {} : { times: times.take() }),
        labels: labels.map(({ words, at }) => ({ words, at: at.take() })),
      }));
      families.clear();
      return taken;
    },
  };
}

/** A copy: V8 keeps the whole text alive for a slice of it, here up to 16 MB for each label. */
const cutWord = (word: string): string =>
  word.length <= MAX_LABEL_CHARACTERS
    ? word
    : Buffer.from(word.slice(0, MAX_LABEL_CHARACTERS), 'utf16le').toString('utf16le');

function placeOf(word: string, { words, known }: FilledLabel): number {
  const there = known.get(word);
  if (there !== undefined) return there;
  known.set(word, words.length);
  return words.push(word) - 1;
}

const NO_TIME = 0;

/** Of points that came before the first one with a time. */
function noTimes(points: number): NumberColumn {
  const times = valuesColumn();
  for (let index = 0; index < points; index += 1) times.push(NO_TIME);
  return times;
}

/** The time of the n-th point of a family, if it has one. */
export const timeAt = ({ times }: ColumnFamily, index: number): number | undefined => {
  const time = times?.[index] ?? NO_TIME;
  return time === NO_TIME ? undefined : time;
};

const NO_LABELS: readonly string[] = [];

/** The label values of the n-th point of a family. */
export function labelsAt({ labels }: ColumnFamily, index: number): readonly string[] {
  if (labels.length === 0) return NO_LABELS;
  const values: string[] = [];
  for (const { words, at } of labels) values.push(words[at[index] ?? 0] ?? '');
  return values;
}
