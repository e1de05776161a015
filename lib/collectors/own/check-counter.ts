import { nearestName } from '../../platform/nearest-name.ts';
import { knownCounters } from '../../vsphere/performance/known-counters.ts';
import { checkOwnType } from './check-type.ts';
import { intervalOf } from './compile-counter.ts';
import { kindOfType, type NamedOwn, type OwnFault, splitOwn } from './own-kind.ts';
import { labelsOfKind, whyNoLabel } from './reserved-names.ts';

/** The faults of a metric of a performance counter. */
export function checkCounter(own: NamedOwn): readonly OwnFault[] {
  const { metric, preset } = own;
  const wrong = checkOwnType(own, { at: 'counter', written: metric.counter });
  if (wrong !== undefined) return wrong;
  const { type, what } = splitOwn(metric.counter);
  const kind = kindOfType(type);
  const nameFault = whyNoCounter(what);
  const label = metric.instances?.label;
  const taken = (kind && labelsOfKind(kind, preset)) ?? [];
  const labelFault = label === undefined ? undefined : whyNoLabel(label, { taken });
  const { matches, equals } = metric.test ?? {};
  return [
    ...(nameFault === undefined ? [] : [{ at: 'counter', message: nameFault }]),
    ...(intervalOf(kind, metric) === '20s' && kind !== 'host' && kind !== 'vm'
      ? [
          {
            at: 'interval',
            message: `vCenter has values of 20 s of hosts and virtual machines only; write 5m, or leave it out`,
          },
        ]
      : []),
    ...(labelFault === undefined ? [] : [{ at: 'instances.label', message: labelFault }]),
    ...(matches !== undefined || typeof equals === 'string'
      ? [
          {
            at: 'test',
            message: 'the value of a counter is a number; test it with above, below or equals: <number>',
          },
        ]
      : []),
  ];
}

const FULL_NAME = /^[A-Za-z]\w*(?:\.\w+){3,6}$/;

/** A name with its unit is taken as it is: what is newer than the table can be written so. */
function whyNoCounter(name: string): string | undefined {
  const known = knownCounters();
  if (known.has(name)) return undefined;
  if (FULL_NAME.test(name)) return undefined;
  const nearest = nearestName(name, known.keys());
  const hint = nearest === undefined ? '.' : `; did you mean ${nearest}?`;
  return `there is no counter ${name}${hint} A newer one is written with its unit, as cpu.ready.millisecond.summation`;
}
