import { type Evaluated, NOTHING, type ReaderFacts, type Source } from '../row.ts';

/** Performance counters of the item itself. */
export const COUNTERS: ReaderFacts = { name: 'counters', runs: 'read' };

/** The newest value of one instance of a counter; the instance is empty for the item as a whole. */
export interface InstanceValue {
  readonly instance: string;
  readonly value: number;
}

/** What was read of one item. */
export interface CounterReading {
  /** By the name of the counter; one without a value for the item is absent. */
  readonly values: ReadonlyMap<string, readonly InstanceValue[]>;
  /** Counters that the target does not have at all. */
  readonly unknown: ReadonlySet<string>;
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

const POWERED_ON = 'runtime.powerState is poweredOn';

/** The item as a whole, as vSphere counts. The name is `group.name.rollup`. */
export const counter = (name: string): CounterSource =>
  counted(name, name, ({ instance, value }) => (instance === '' ? { labels: [], value } : undefined));

/** A point an instance that the pattern takes, with the instance as its label. */
export const instancesOf = (name: string, pattern: RegExp): CounterSource =>
  counted(name, name + ALL_INSTANCES, ({ instance, value }) =>
    pattern.test(instance) ? { labels: [instance], value } : undefined,
  );

const counted = (
  name: string,
  need: string,
  toPoint: (value: InstanceValue) => Evaluated['points'][number] | undefined,
): CounterSource => ({
  reader: COUNTERS,
  needs: [need],
  when: POWERED_ON,
  evaluate({ values, unknown }) {
    if (unknown.has(name)) return { points: [], warnings: [`the target has no counter ${name}`] };
    const points: Evaluated['points'][number][] = [];
    for (const one of values.get(name) ?? NONE) {
      const point = toPoint(one);
      if (point !== undefined) points.push(point);
    }
    return { points, warnings: NOTHING.warnings };
  },
});

const NONE: readonly InstanceValue[] = [];
