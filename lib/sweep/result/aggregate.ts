import type { NamedItem } from '../../catalogue/presets.ts';
import type { MetricRow, Point } from '../../catalogue/row.ts';
import type { Member } from '../../catalogue/sources/aggregate.ts';
import { checkPoint } from '../../collectors/check-point.ts';
import { hasUnknownPlace, keyInside, keyOfContainer } from '../../inventory/contains.ts';
import type { KindName } from '../../inventory/kind.ts';
import type { SourcedSample } from '../../metrics/sourced-samples.ts';
import { messageOf } from '../../platform/errors.ts';
import type { Outcome } from '../outcome.ts';
import type { NamedItems } from './named-items.ts';
import { createNaming, type Naming } from './naming.ts';

/** What batches found of the items that rows are aggregated over. */
export interface ReadMembers {
  /** Of an item by a row, without the labels that name it. */
  pointsOf(row: MetricRow, moref: string): readonly Point[];
  /** On the path vcenter; undefined for one that no batch came back with. */
  outcomeOf(kind: KindName, moref: string): Outcome | undefined;
  /** Whether it came without its name: it is there, and the account may not see all of it. */
  isNameless?(kind: KindName, moref: string): boolean;
}

export interface Aggregated {
  readonly samples: readonly SourcedSample[];
  readonly warnings: readonly { readonly text: string; readonly count: number }[];
  /** The names of rows that threw. */
  readonly failed: ReadonlySet<string>;
  /** The points themselves, by kind, reference and name of the row: what further rows are made from. */
  readonly found: ReadonlyMap<KindName, ReadonlyMap<string, ReadonlyMap<string, readonly Point[]>>>;
}

/**
 * Evaluates rows over the members of each object, in the order of the lists, whichever batches those were in. An object
 * that vCenter did not deliver is no member; one without its name is, as far as something was found of it. One of a batch
 * that was lost leaves the row out for what it is in, and so does one of which nothing was found although `over` has points
 * of each. Pure.
 */
export function aggregateRows(
  rows: readonly MetricRow[],
  {
    named,
    read,
    naming = createNaming(named),
  }: { readonly named: NamedItems; readonly read: ReadMembers; readonly naming?: Naming },
): Aggregated {
  const samples: SourcedSample[] = [];
  const kept = new Map<KindName, Map<string, Map<string, readonly Point[]>>>();
  const warnings = new Map<string, number>();
  const failed = new Set<string>();
  const warn = (text: string) => warnings.set(text, (warnings.get(text) ?? 0) + 1);
  for (const row of rows) {
    const { over } = row.source;
    const listed = over && named.all(over.kind);
    if (over === undefined || listed === undefined) continue;
    const members = [...listed];
    const { ofPoint } = naming(row);
    const isNameless = (moref: string) => read.isNameless?.(over.kind, moref) === true;
    /** One that could be in any of the objects, and of which nothing is known that counts. */
    const isStray = ([moref, item]: (typeof members)[number]) =>
      row.source.overIsTotal === true &&
      keyInside(row.kind, item) === undefined &&
      hasUnknownPlace(over.kind, item) &&
      read.outcomeOf(over.kind, moref)?.kind === 'ok' &&
      read.pointsOf(over, moref).length === 0;
    const hasStrays = members.some(isStray);
    const inside = Map.groupBy(members, ([, item]) => keyInside(row.kind, item));
    for (const [moref, item] of named.all(row.kind) ?? []) {
      const own = inside.get(keyOfContainer(row.kind, item)) ?? [];
      const isLost = ([member]: (typeof own)[number]) => {
        const outcome = read.outcomeOf(over.kind, member);
        const isEmpty = () => read.pointsOf(over, member).length === 0;
        if (isNameless(member)) return isEmpty();
        return isUnread(outcome) || (outcome?.kind === 'ok' && row.source.overIsTotal === true && isEmpty());
      };
      if (hasStrays || own.some(isLost)) {
        warn(
          `${row.name}: left out for objects (${row.kind}) of which not all objects (${over.kind}) were read`,
        );
        continue;
      }
      const there = own.filter(
        ([member]) => isNameless(member) || read.outcomeOf(over.kind, member)?.kind === 'ok',
      );
      try {
        const found = row.source.evaluate(there.map(toMember(over, read)));
        for (const point of found.points) checkPoint(row, point);
        keep(kept, row, moref, found.points);
        for (const { labels, value } of found.points) {
          const sample = ofPoint(moref, labels, value);
          if (sample !== undefined) samples.push(sample);
        }
        for (const text of found.warnings) warn(`${row.name}: ${text}`);
      } catch (error) {
        failed.add(row.name);
        warn(`${row.name}: failed; its samples are left out: ${messageOf(error)}`);
      }
    }
  }
  return {
    samples,
    failed,
    found: kept,
    warnings: Array.from(warnings, ([text, count]) => ({ text, count })),
  };
}

function keep(
  kept: Map<KindName, Map<string, Map<string, readonly Point[]>>>,
  { kind, name }: MetricRow,
  moref: string,
  points: readonly Point[],
): void {
  const ofKind = kept.get(kind) ?? new Map<string, Map<string, readonly Point[]>>();
  kept.set(kind, ofKind.set(moref, (ofKind.get(moref) ?? new Map()).set(name, points)));
}

const toMember =
  (over: MetricRow, read: ReadMembers) =>
  ([moref, item]: readonly [string, NamedItem]): Member => ({ ...item, points: read.pointsOf(over, moref) });

/** `unreadable`: it is gone since the list was made, or the account may not see it. */
const isUnread = (outcome: Outcome | undefined): boolean =>
  outcome === undefined || (outcome.kind === 'failed' && outcome.reason !== 'unreadable');
