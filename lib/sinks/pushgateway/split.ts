import type { Family, MetricDefinition, Sample } from '../../metrics/family.ts';
import { createLabelMemos, type LabelMemo } from '../../metrics/label-memos.ts';
import { picked } from '../../metrics/list.ts';

/**
 * Into how many groups the series of one target go: a power of two, so that with twice as many groups each series
 * stays or moves to one new group. It grows when a group would have more than `maxSeries`, and shrinks only when all
 * would have less than a quarter of that: a number of series that wavers moves nothing.
 */
export function splitFor(series: number, before: number, maxSeries: number): number {
  let split = before;
  while (series > split * maxSeries) split *= 2;
  while (split > 1 && series * 4 < split * maxSeries) split /= 2;
  return split;
}

/** The names of the groups of a split: '' for the one group that is not split. */
export const partsOf = (split: number): string[] =>
  split === 1 ? [''] : Array.from({ length: split }, (_, part) => String(part));

/**
 * The families of each part, in the order of `partsOf`. Where a sample goes depends on its labels alone: series with
 * equal labels stay together whatever their metric, so that `a / b` of PromQL finds both sides in one group, and
 * neither other series nor their order matters.
 */
export function splitFamilies(families: readonly Family[], split: number): Family[][] {
  if (split === 1) return [[...families]];
  const parts: Family[][] = Array.from({ length: split }, () => []);
  const memoOf = createLabelMemos<number>();
  for (const family of families) {
    const { definition, samples } = family;
    const partOf = partsBy(definition, split, memoOf(family));
    const partsOfSamples = new Uint32Array(samples.length);
    const sizes = new Uint32Array(split);
    let index = 0;
    for (const sample of samples) {
      const part = partOf(sample);
      partsOfSamples[index] = part;
      sizes[part] = (sizes[part] as number) + 1;
      index += 1;
    }
    for (const [part, indexes] of indexesOf(partsOfSamples, sizes).entries()) {
      if (indexes.length > 0) parts[part]?.push({ definition, samples: picked(samples, indexes) });
    }
  }
  return parts;
}

/** The samples of each part. Arrays of the size that they have: those of JavaScript are copied as they grow. */
function indexesOf(partsOfSamples: Uint32Array, sizes: Uint32Array): readonly Uint32Array[] {
  const indexes = Array.from(sizes, (size) => new Uint32Array(size));
  const filled = new Uint32Array(sizes.length);
  for (let index = 0; index < partsOfSamples.length; index += 1) {
    const part = partsOfSamples[index] as number;
    const at = filled[part] as number;
    (indexes[part] as Uint32Array)[at] = index;
    filled[part] = at + 1;
  }
  return indexes;
}

/** What is the same as in the sample before, as most labels of an object are, is hashed once for these. */
function partsBy(
  { labels }: MetricDefinition,
  split: number,
  memo: LabelMemo<number> | undefined,
): (sample: Sample) => number {
  const order = labels
    .map((label, index) => ({ label, index }))
    .sort((one, other) => (one.label < other.label ? -1 : 1));
  const last: string[] = [];
  /** Up to the end of each label. */
  const hashes: number[] = [];
  const hashOf = (labels: readonly string[]): number => {
    let at = 0;
    while (at < order.length && last[at] === (labels[order[at]?.index ?? 0] ?? '')) at += 1;
    let hash = at === 0 ? FNV_OFFSET : (hashes[at - 1] as number);
    for (; at < order.length; at += 1) {
      const { label, index } = order[at] as (typeof order)[number];
      const value = labels[index] ?? '';
      // An empty value is no label to Prometheus.
      if (value !== '') hash = hashText(value, hashText(label, hash));
      last[at] = value;
      hashes[at] = hash;
    }
    return hash;
  };
  return ({ labels }) => {
    const known = memo?.get(labels);
    const hash = known ?? hashOf(labels);
    if (known === undefined) memo?.set(labels, hash);
    return (hash ^ (hash >>> 16)) & (split - 1);
  };
}

/** FNV-1a (http://www.isthe.com/chongo/tech/comp/fnv/): it may never change, else every series moves once. */
const FNV_OFFSET = 0x811c_9dc5;
const FNV_PRIME = 0x0100_0193;

function hashText(text: string, seed: number): number {
  let hash = seed;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), FNV_PRIME);
  }
  // Ends the text, so that "a", "bc" is not "ab", "c".
  return Math.imul(hash ^ 0xff, FNV_PRIME);
}
