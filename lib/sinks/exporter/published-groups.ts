import { encodeExposition } from '../../metrics/encode-exposition.ts';
import type { Family, MetricDefinition } from '../../metrics/family.ts';
import { checkSameDefinition, mergeFamilies } from '../../metrics/merge-families.ts';
import { type Deflated, deflate } from './deflated.ts';

/** What one run of a sweep on a target found, until it is too old to be told. */
export interface Publication {
  readonly families: readonly Family[];
  /** Milliseconds since the epoch; from then on the publication is left out. */
  readonly validUntil: number;
}

/** The latest publication of each group, as one exposition. */
export interface PublishedGroups {
  /** Takes the place of the group's earlier publication. Throws MetricsError when a metric changed its meaning. */
  publish(groupKey: string, publication: Publication): void;
  /** Answers whether there was such a group. */
  withdraw(groupKey: string): boolean;
  /** The exposition of what is valid at `now`: one compressed buffer for all who ask between two changes, however long they hold it. */
  deflated(now: number): Promise<Deflated>;
}

export function createPublishedGroups(): PublishedGroups {
  const groups = new Map<string, Publication>();
  const definitions = new Map<string, MetricDefinition>();
  let encoded: { deflated: Promise<Deflated>; validUntil: number } | undefined;

  function encodeValid(now: number): { deflated: Promise<Deflated>; validUntil: number } {
    for (const [key, { validUntil }] of groups) if (validUntil <= now) groups.delete(key);
    const keys = Array.from(groups.keys()).sort();
    const valid = keys.flatMap((key) => groups.get(key) ?? []);
    const chunks = encodeExposition(mergeFamilies(valid.map(({ families }) => families)));
    return {
      deflated: deflate(chunks),
      validUntil: Math.min(...valid.map(({ validUntil }) => validUntil)),
    };
  }

  return {
    publish(groupKey, publication) {
      for (const { definition } of publication.families) {
        checkSameDefinition(definitions.get(definition.name) ?? definition, definition);
      }
      for (const { definition } of publication.families) definitions.set(definition.name, definition);
      groups.set(groupKey, publication);
      encoded = undefined;
    },
    withdraw(groupKey) {
      encoded = undefined;
      return groups.delete(groupKey);
    },
    deflated(now) {
      if (encoded === undefined || encoded.validUntil <= now) encoded = encodeValid(now);
      return encoded.deflated;
    },
  };
}
