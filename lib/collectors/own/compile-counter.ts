import type { MetricRow, Source } from '../../catalogue/row.ts';
import {
  type CounterReading,
  counter,
  historical,
  historicalInstancesOf,
  instancesOf,
} from '../../catalogue/sources/counter.ts';
import type { KindName } from '../../inventory/kind.ts';
import { compileGlob } from '../../platform/glob.ts';
import { type CompileOwn, kindOfType, type NamedOwn, splitOwn } from './own-kind.ts';
import { cutLabel, describeTest, ownTest, ownUnit, scaling } from './own-value.ts';

/** What vCenter has real-time values of. */
const REALTIME_KINDS: readonly KindName[] = ['host', 'vm'];

/** Of hosts and machines the newest 20 s, of all others the newest 5 minutes of vCenter's database. */
export const intervalOf = (kind: KindName | undefined, { interval }: NamedOwn['metric']): '20s' | '5m' =>
  interval ?? (kind !== undefined && REALTIME_KINDS.includes(kind) ? '20s' : '5m');

/** `counter`: the item as a whole, or a series an instance. */
export const compileCounter: CompileOwn = ({ name, metric, preset }) => {
  const { type, what } = splitOwn(metric.counter);
  const kind = kindOfType(type);
  if (kind === undefined || what === '') return undefined;
  const interval = intervalOf(kind, metric);
  const { instances } = metric;
  const read = sourceOf(what, interval, instances);
  const scaled = scaling(metric);
  const passes = metric.test && ownTest(metric.test);
  const source: Source<string, CounterReading> = {
    ...read,
    evaluate(reading) {
      const { points, warnings } = read.evaluate(reading);
      return {
        warnings,
        points: points.map(({ labels, value, ...when }) => ({
          ...when,
          labels: labels.map(cutLabel),
          value: passes === undefined ? scaled(value) : passes(value, 'number') ? 1 : 0,
        })),
      };
    },
  };
  const row: MetricRow = {
    name,
    help: metric.help ?? describe(metric, `${type} ${what}, the newest value of ${interval}`),
    unit: ownUnit(metric),
    kind,
    source,
    labels: instances === undefined ? [] : [instances.label],
    preset,
    privilege: 'System.Read',
    since: '6.5',
    isOwn: true,
  };
  return row;
};

/** The whole item has the instance ''. */
function sourceOf(
  counterName: string,
  interval: '20s' | '5m',
  instances: NamedOwn['metric']['instances'],
): Source<string, CounterReading> {
  const isLive = interval === '20s';
  if (instances === undefined) return isLive ? counter(counterName) : historical(counterName);
  const glob = compileGlob(instances.keep);
  const pattern = { test: (instance: string) => instance !== '' && glob.test(instance) };
  return isLive ? instancesOf(counterName, pattern) : historicalInstancesOf(counterName, pattern);
}

const describe = ({ scale, test }: NamedOwn['metric'], from: string): string =>
  [
    from,
    ...(scale === undefined ? [] : [`times ${scale}`]),
    ...(test === undefined ? [] : [describeTest(test)]),
  ].join(', ');
