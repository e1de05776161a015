import { checkDefinition, checkLabelCount } from '../../metrics/check-sample.ts';
import type { Family, MetricDefinition } from '../../metrics/family.ts';
import { createLabelMemos } from '../../metrics/label-memos.ts';
import { createMessageBytes, type MessageBytes, putBytes } from '../http/message-bytes.ts';
import { encodeLabel } from './write-request.ts';

export interface AddedLabels {
  /** Those of the group: a label that a family has itself gets that value, as at a Pushgateway. */
  readonly group: Readonly<Record<string, string>>;
  /** Those of the configuration: for families that have no such label. */
  readonly external: Readonly<Record<string, string>>;
}

/** A label of every series of a family: with one value for all of them, or with that at an index of theirs. */
export interface Place {
  readonly name: string;
  readonly from: string | number;
}

export interface LabelWriter {
  /** The labels of a series, encoded, one behind the other in the order of their names; valid until the next call. */
  encode(labels: readonly string[]): readonly MessageBytes[];
  /** A series as PromQL writes one. */
  print(labels: readonly string[]): string;
}

/**
 * Writers for the families of one delivery. All labels of an object but the name of the metric are encoded once, because its
 * metrics have one array of them. Else what is the same for all series of a family is encoded once, and what is the same as in
 * the series before once for these. A label with an empty value is left out, which means the same
 * (https://prometheus.io/docs/specs/prw/remote_write_spec/#labels). Throw MetricsError for what is no name.
 */
export function createLabelWriters(added: AddedLabels): (family: Family) => LabelWriter {
  const memoOf = createLabelMemos<MessageBytes>();
  return (family) => {
    const { definition } = family;
    checkDefinition(definition);
    const places = placesOf(definition, added);
    const { encode, print } = writerOf(definition, places);
    // Names of labels that begin with a capital stand before that of the metric.
    const memo = places[0]?.name === NAME ? memoOf(family) : undefined;
    if (memo === undefined) return { encode, print };
    const name = createMessageBytes(64);
    encodeLabel(name, NAME, definition.name);
    return {
      print,
      encode(labels) {
        const known = memo.get(labels);
        if (known !== undefined) return [name, known];
        const [, ...rest] = encode(labels);
        const made = joined(rest);
        memo.set(labels, made);
        return [name, made];
      },
    };
  };
}

function joined(parts: readonly MessageBytes[]): MessageBytes {
  const whole = createMessageBytes(parts.reduce((sum, { length }) => sum + length, 0));
  for (const part of parts) putBytes(whole, part);
  return whole;
}

function writerOf(definition: MetricDefinition, places: readonly Place[]): LabelWriter {
  const valueAt = ({ from }: Place, labels: readonly string[]) =>
    typeof from === 'string' ? from : (labels[from] as string);
  const encoded = places.map(() => createMessageBytes(64));
  const last: (string | undefined)[] = places.map(() => undefined);
  return {
    encode(labels) {
      checkLabelCount(definition, { labels });
      for (let index = 0; index < places.length; index += 1) {
        const place = places[index] as Place;
        const value = valueAt(place, labels);
        if (value === last[index]) continue;
        last[index] = value;
        const into = encoded[index] as MessageBytes;
        if (value === '') into.length = 0;
        else encodeLabel(into, place.name, value);
      }
      return encoded;
    },
    print(labels) {
      const printed = places
        .filter((place) => place.name !== NAME && valueAt(place, labels) !== '')
        .map((place) => `${place.name}=${JSON.stringify(valueAt(place, labels))}`);
      return `${definition.name}{${printed.join(',')}}`;
    },
  };
}

const NAME = '__name__';

/** The labels of the series of a family, in the order of their names. */
export function placesOf(
  { name, labels }: Pick<MetricDefinition, 'name' | 'labels'>,
  { group, external }: AddedLabels,
): Place[] {
  const own = labels.map((label, index): [string, string | number] => [label, index]);
  // What comes later takes the place of what came before.
  const places = new Map<string, string | number>([
    ...Object.entries(external),
    ...own,
    ...Object.entries(group),
    [NAME, name],
  ]);
  return [...places]
    .map(([label, from]) => ({ name: label, from }))
    .sort((left, right) => (left.name < right.name ? -1 : 1));
}
