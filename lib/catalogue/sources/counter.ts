import type { TextMatcher } from '../../platform/glob.ts';
import { NOTHING, type Point, type ReaderFacts, type Source } from '../row.ts';

/** Performance counters of the item itself. */
export const COUNTERS: ReaderFacts = { name: 'counters', runs: 'read' };

/** Those in vCenter's database, which come late. */
export const HISTORICAL_COUNTERS: ReaderFacts = { name: 'historical-counters', runs: 'read' };

/** How old a value of them may be, by vCenter's clock. */
export const MAX_AGE_SECONDS = 3_600;

/**
 * The newest value of one instance of a counter, or one of several with their times; the instance is empty for the item as a
 * whole.
 */
export interface InstanceValue {
  readonly instance: string;
  readonly value: number;
  /** Its end, by the clock of vSphere; milliseconds since the epoch. Only where the sweep wants all samples. */
  readonly timeMs?: number;
}

/** What was read of one item. */
export interface CounterReading {
  /** By the name of the counter; one without a value for the item is absent. */
  readonly values: ReadonlyMap<string, readonly InstanceValue[]>;
  /** Counters that the target does not have at all. */
  readonly unknown: ReadonlySet<string>;
  /** Why values of the item are not there, for the operator; absent where there is nothing to say. */
  readonly problems?: readonly string[];
}
type CounterSource = Source<string, CounterReading>;

/**
 * How a need says that it wants the instances of a counter besides: `net.usage.average/*`. Of one need of all instances
 * vCenter answers the whole item too.
 */
const ALL_INSTANCES = '/*';

/** Its name, and whether its instances are wanted. */
export const readNeed = (need: string): { readonly counter: string; readonly ofInstances: boolean } =>
  need.endsWith(ALL_INSTANCES)
    ? { counter: need.slice(0, -ALL_INSTANCES.length), ofInstances: true }
    : { counter: need, ofInstances: false };

const REALTIME = {
  reader: COUNTERS,
  when: 'runtime.powerState is poweredOn and runtime.connectionState is connected',
} as const;
const HISTORICAL = { reader: HISTORICAL_COUNTERS } as const;
type Which = Pick<CounterSource, 'reader' | 'when'>;

/** The item as a whole, as vSphere counts. The name is `group.name.rollup`. */
export const counter = (name: string): CounterSource => ofWhole(REALTIME, name);
/** The same from vCenter's database. */
export const historical = (name: string): CounterSource => ofWhole(HISTORICAL, name);

/** A point an instance that the pattern takes, with the instance as its label. */
export const instancesOf = (name: string, pattern: TextMatcher): CounterSource =>
  ofInstances(REALTIME, name, pattern);
/** The same from vCenter's database. */
export const historicalInstancesOf = (name: string, pattern: TextMatcher): CounterSource =>
  ofInstances(HISTORICAL, name, pattern);

const ofWhole = (which: Which, name: string): CounterSource =>
  counted(which, [name, name], (one) => (one.instance === '' ? toPoint(one, []) : undefined));

const ofInstances = (which: Which, name: string, pattern: TextMatcher): CounterSource =>
  counted(which, [name, name + ALL_INSTANCES], (one) =>
    pattern.test(one.instance) ? toPoint(one, [one.instance]) : undefined,
  );

const toPoint = ({ value, timeMs }: InstanceValue, labels: readonly string[]): Point =>
  timeMs === undefined ? { labels, value } : { labels, value, timeMs };

const counted = (
  which: Which,
  [name, need]: readonly [name: string, need: string],
  pointOf: (value: InstanceValue) => Point | undefined,
): CounterSource => ({
  ...which,
  needs: [need],
  evaluate({ values, unknown, problems = NOTHING.warnings }) {
    if (unknown.has(name)) return { points: [], warnings: [`the target has no counter ${name}`] };
    const points: Point[] = [];
    for (const one of values.get(name) ?? NONE) {
      const point = pointOf(one);
      if (point !== undefined) points.push(point);
    }
    return { points, warnings: problems };
  },
});

const NONE: readonly InstanceValue[] = [];
