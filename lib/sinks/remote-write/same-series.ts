import { type AddedLabels, placesOf } from './label-writer.ts';

/** Of a metric: how the labels of a series have to stand under the names `other` to be the same series at the destination. */
export type ToOtherNames = (labels: readonly string[]) => readonly string[] | undefined;

/**
 * What a destination takes for one series may have other label names here from one run to the next, in another order, or with
 * values that are empty or that the configuration adds. Answers undefined where no labels under the other names are it.
 */
export function toOtherNames(
  names: readonly string[],
  other: readonly string[],
  added: AddedLabels,
): ToOtherNames {
  const written = createWritten(names, added);
  const writtenOfOther = createWritten(other, added);
  return (labels) => {
    const pairs = written(labels);
    const values = new Map(pairs);
    const row = other.map((name) => values.get(name) ?? '');
    return JSON.stringify(pairs) === JSON.stringify(writtenOfOther(row)) ? row : undefined;
  };
}

/** Names and values as a request has them. */
function createWritten(names: readonly string[], added: AddedLabels) {
  const places = placesOf({ name: '', labels: names }, added);
  return (labels: readonly string[]): (readonly [name: string, value: string])[] =>
    places
      .map(({ name, from }) => [name, typeof from === 'string' ? from : (labels[from] ?? '')] as const)
      .filter(([, value]) => value !== '');
}

/** Labels with those of the group in place of their own; undefined for a family that has none of them. */
export function toGroupLabels(
  names: readonly string[],
  { group }: Pick<AddedLabels, 'group'>,
): ((labels: readonly string[]) => readonly string[]) | undefined {
  const values = names.map((name) => group[name]);
  if (values.every((value) => value === undefined)) return undefined;
  return (labels) => labels.map((label, index) => values[index] ?? label);
}
