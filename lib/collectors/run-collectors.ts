import type { MetricRow, Point, ReaderFacts } from '../catalogue/row.ts';
import type { Clock } from '../platform/clock.ts';
import { messageOf } from '../platform/errors.ts';
import { checkPoint } from './check-point.ts';
import type { Collector } from './collector.ts';
import { createWarningCounts, type WarningCount } from './warning-counts.ts';

/** How one collector did over all items of a batch; there is one of these also when none of its rows was evaluated. */
export interface CollectorResult {
  readonly collector: string;
  /** 0 when a row threw, or what it needs was missed, for any item. */
  readonly success: 0 | 1;
  /** The time inside its rows, added up over the items. */
  readonly durationMs: number;
  readonly warnings: readonly WarningCount[];
  /** Own metrics with the number of items of which something could not be read or made; absent without any. */
  readonly missed?: readonly (readonly [metric: string, items: number])[];
  /** Privileges that the account lacks, and of how many items. */
  readonly lacks: readonly (readonly [string, count: number])[];
}

/** The points of one row for one item. */
export interface RowPoints {
  readonly row: MetricRow;
  readonly points: readonly Point[];
}

export interface CollectorRun {
  /**
   * Evaluates all rows of a reader with what it yielded for one item. Readers come at their own time, and each once an
   * item: no row waits for another's reader. With `rows` only these, so that who has costly ones goes by parts.
   */
  offer(reader: ReaderFacts, value: unknown, rows?: readonly MetricRow[]): RowPoints[];
  /** A need of a reader that failed for one item, and why: it fails the collectors that have it. */
  miss(reader: ReaderFacts, need: unknown, why: string): void;
  /** What a reader goes by could not be read of one item for want of a privilege: it costs the rows of that reader. */
  lack(reader: ReaderFacts, privilege: string): void;
  /** In the order of the collectors. */
  results(): CollectorResult[];
}

/**
 * Runs rows over items while readings come in. What a row throws is caught here and nowhere else; it costs the points of
 * that row for that item.
 */
export function createCollectorRun(collectors: readonly Collector[], clock: Clock): CollectorRun {
  const tallies = collectors.map((collector) => createTally(collector, clock));
  return {
    offer: (reader, value, rows) => tallies.flatMap((tally) => tally.evaluate(reader, value, rows)),
    miss: (reader, need, why) => {
      for (const tally of tallies) tally.miss(reader, need, why);
    },
    lack: (reader, privilege) => {
      for (const tally of tallies) tally.lack(reader, privilege);
    },
    results: () => tallies.map((tally) => tally.result()),
  };
}

function createTally(collector: Collector, clock: Clock) {
  const counts = createWarningCounts();
  const missed = new Map<string, number>();
  const countMissed = ({ name, isOwn }: MetricRow) => {
    if (isOwn === true) missed.set(name, (missed.get(name) ?? 0) + 1);
  };
  const lacking = new Map<string, number>();
  const noteLack = (privilege: string) => lacking.set(privilege, (lacking.get(privilege) ?? 0) + 1);
  const byReader = Map.groupBy(collector.rows, ({ source }) => source.reader.name);
  let success: 0 | 1 = 1;
  let durationMs = 0;
  return {
    evaluate(reader: ReaderFacts, value: unknown, only?: readonly MetricRow[]): RowPoints[] {
      const all = byReader.get(reader.name) ?? [];
      const rows = only === undefined ? all : all.filter((row) => only.includes(row));
      if (rows.length === 0) return [];
      // Rows over one property say the same of it.
      const warnings = new Set<string>();
      const lacks = new Set<string>();
      const startedAt = clock.monotonic();
      const evaluated: RowPoints[] = [];
      for (const row of rows) {
        try {
          const { points, warnings: said, lacks: lackedHere = [] } = row.source.evaluate(value);
          for (const point of points) checkPoint(row, point);
          for (const warning of said) warnings.add(warning);
          for (const privilege of lackedHere) lacks.add(privilege);
          if (said.length + lackedHere.length > 0) countMissed(row);
          if (points.length > 0) evaluated.push({ row, points });
        } catch (error) {
          success = 0;
          countMissed(row);
          warnings.add(`failed; its samples are left out: ${messageOf(error)}`);
        }
      }
      durationMs += clock.monotonic() - startedAt;
      for (const warning of warnings) counts.add(warning);
      for (const privilege of lacks) noteLack(privilege);
      return evaluated;
    },
    miss(reader: ReaderFacts, need: unknown, why: string): void {
      const rows = (byReader.get(reader.name) ?? []).filter(({ source }) => source.needs.includes(need));
      if (rows.length === 0) return;
      for (const row of rows) countMissed(row);
      success = 0;
      counts.add(why);
    },
    lack(reader: ReaderFacts, privilege: string): void {
      if (byReader.has(reader.name)) noteLack(privilege);
    },
    result: (): CollectorResult => ({
      collector: collector.name,
      success,
      durationMs,
      warnings: counts.list(),
      ...(missed.size === 0 ? {} : { missed: [...missed] }),
      lacks: [...lacking],
    }),
  };
}
