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
  /** That of the groups of one target, in the same way; undefined when there is none. */
  deflatedOf(target: string, now: number): Promise<Deflated> | undefined;
}

interface Encoded {
  readonly deflated: Promise<Deflated>;
  readonly validUntil: number;
}

const EVERYTHING = '';

export function createPublishedGroups(): PublishedGroups {
  const groups = new Map<string, Publication>();
  const definitions = new Map<string, MetricDefinition>();
  /** By the end of the keys of their groups: `/<target>`, or everything. Only of groups that are there, so it is bounded. */
  const encoded = new Map<string, Encoded>();

  function encodeValid(keys: readonly string[]): Encoded {
    const valid = keys.flatMap((key) => groups.get(key) ?? []);
    const chunks = encodeExposition(mergeFamilies(valid.map(({ families }) => families)));
    return {
      deflated: deflate(chunks),
      validUntil: Math.min(...valid.map(({ validUntil }) => validUntil)),
    };
  }

  function keysOf(ending: string, now: number): string[] {
    for (const [key, { validUntil }] of groups) if (validUntil <= now) groups.delete(key);
    return [...groups.keys()].filter((key) => key.endsWith(ending)).sort();
  }

  function find(ending: string, now: number): Encoded {
    const known = encoded.get(ending);
    if (known !== undefined && known.validUntil > now) return known;
    const made = encodeValid(keysOf(ending, now));
    encoded.set(ending, made);
    return made;
  }

  return {
    publish(groupKey, publication) {
      for (const { definition } of publication.families) {
        checkSameDefinition(definitions.get(definition.name) ?? definition, definition);
      }
      for (const { definition } of publication.families) definitions.set(definition.name, definition);
      groups.set(groupKey, publication);
      encoded.clear();
    },
    withdraw(groupKey) {
      encoded.clear();
      return groups.delete(groupKey);
    },
    deflated: (now) => find(EVERYTHING, now).deflated,
    deflatedOf: (target, now) =>
      keysOf(`/${target}`, now).length === 0 ? undefined : find(`/${target}`, now).deflated,
  };
}
