import type { KnownSeries } from './known-series.ts';
import { ANY, type ValueRange } from './value-range.ts';

/** What is wrong with an expression; docs/coverage.md explains each. */
export type FindingKind =
  | 'unreadable'
  | 'never-emitted'
  | 'other-name'
  | 'not-configured'
  | 'selects-nothing'
  | 'never-true'
  | 'always-fires'
  | 'no-such-label';

export interface Finding {
  readonly kind: FindingKind;
  readonly message: string;
}

/** A series that an expression asks for, and whose it is. */
export interface AskedSeries {
  readonly name: string;
  readonly from: 'vsweep' | 'recording rule' | 'other exporter' | 'variable' | 'nobody';
}

export interface Judgement {
  readonly series: readonly AskedSeries[];
  readonly findings: readonly Finding[];
}

/** What is known to whoever judges. */
export interface World {
  readonly known: ReadonlyMap<string, KnownSeries>;
  /** Names of recording rules. */
  readonly recorded: ReadonlySet<string>;
  /** Labels that Prometheus adds to every series. */
  readonly added: ReadonlySet<string>;
}

/** What an expression can give: which values, and which labels; undefined where nothing is known of them. */
export interface Result {
  readonly values: ValueRange;
  readonly labels: ReadonlySet<string> | undefined;
  /** A number without labels. */
  readonly isScalar: boolean;
  /** Series with closed sets of values that it is made from, for messages. */
  readonly sources: readonly KnownSeries[];
  /** Whether something chose among its samples: a comparison, a set operator, a function that decides. */
  readonly isDecided: boolean;
}

/** Collects while an expression is walked. */
export interface Notes {
  readonly world: World;
  readonly series: AskedSeries[];
  readonly findings: Finding[];
}

export const UNKNOWN: Result = {
  values: ANY,
  labels: undefined,
  isScalar: false,
  sources: [],
  isDecided: true,
};

export function printValues({ list, min, max }: ValueRange): string {
  if (list !== undefined) return list.length === 1 ? `always ${list[0]}` : `one of ${list.join(', ')}`;
  if (Number.isFinite(max)) return Number.isFinite(min) ? `between ${min} and ${max}` : `never above ${max}`;
  return Number.isFinite(min) ? `never below ${min}` : 'any number';
}

export const printList = (words: Iterable<string>): string => [...words].join(', ') || 'none';
