import type { Clock } from '../../platform/clock.ts';
import type { MoRef } from '../../vsphere/property/retrieved-object.ts';
import { reference, textElement } from '../../vsphere/soap/soap-request.ts';
import type { XmlElement } from '../../vsphere/soap/unit-builder.ts';
import type { ManagedObject } from './managed-object.ts';
import {
  DEMO_COUNTERS,
  type DemoCounter,
  HISTORICAL_SECONDS,
  REALTIME_SECONDS,
} from './performance-counters.ts';
import { childOf, childrenOf, numberOf, textOf, toReference } from './request-fields.ts';
import { DemoFault } from './soap-answer.ts';

/** How the statistics of the simulated vCenter differ from complete ones. */
export interface DemoStatistics {
  /** `config.vpxd.stats.maxQueryMetrics`, a text as in vCenter. Default 256; `absent` and `unreadable` are enforced as that. */
  readonly maxQueryMetrics?: string;
  /** What the setting counts one metric of a cluster as, because its roll-up asks hosts and VMs. Default 1. */
  readonly clusterWeight?: number;
  /** XML elements of a request. Default 500,000, as in vCenter. */
  readonly maxElements?: number;
  /** Morefs of entities that an answer leaves out. */
  readonly unanswered?: readonly string[];
  /** Morefs of entities for whose sake a call is answered with the fault HostNotConnected. */
  readonly refused?: readonly string[];
  /** Morefs of entities whose series have a value too many, which is empty. */
  readonly spoilt?: readonly string[];
  /** Morefs of entities without a value: -1 everywhere. */
  readonly withoutValues?: readonly string[];
  /** The fault for an entity that is gone. Default ManagedObjectNotFound. */
  readonly vanishedFault?: 'ManagedObjectNotFound' | 'InvalidArgument';
}

export interface StatisticsContext {
  readonly inventory: ReadonlyMap<string, ManagedObject>;
  readonly statistics: DemoStatistics;
  readonly clock: Clock;
}

const HAVE_REALTIME: ReadonlySet<string> = new Set(['HostSystem', 'VirtualMachine', 'ResourcePool']);
const UNLIMITED = '-1';
/** What vSphere keeps: an hour of 20 s each, and a day of 5 minutes each. */
const SAMPLES_OF_AN_HOUR = 180;
const SAMPLES_OF_A_DAY = 288;

export function queryPerfProviderSummary(request: XmlElement, context: StatisticsContext): string {
  const entity = requireEntity(request, context);
  const realtime = HAVE_REALTIME.has(entity.type);
  return (
    `<returnval>${reference('entity', entity)}${textElement('currentSupported', String(realtime))}` +
    `<summarySupported>true</summarySupported>${textElement('refreshRate', realtime ? '20' : '-1')}</returnval>`
  );
}

export function queryAvailablePerfMetric(request: XmlElement, context: StatisticsContext): string {
  const entity = requireEntity(request, context);
  const interval = numberOf(request, 'intervalId');
  if (interval === REALTIME_SECONDS && !HAVE_REALTIME.has(entity.type)) return '';
  return DEMO_COUNTERS.filter(({ of }) => of.includes(entity.type))
    .flatMap((counter) =>
      ['', ...(counter.instances[entity.type] ?? [])].map((instance) =>
        metricId('returnval', counter, instance),
      ),
    )
    .join('');
}

/** QueryPerf in its CSV form, the only one that vsweep asks for. */
export function queryPerf(request: XmlElement, context: StatisticsContext): string {
  const { statistics } = context;
  if (countElements(request) > (statistics.maxElements ?? 500_000)) {
    throw new DemoFault('InvalidRequest', 'XML document element count exceeds configured maximum');
  }
  const specs = childrenOf(request, 'querySpec').map((spec) => ({
    spec,
    entity: requireEntity(spec, context),
    interval: numberOf(spec, 'intervalId') ?? REALTIME_SECONDS,
  }));
  for (const { entity, interval } of specs) checkInterval(entity, interval);
  checkLimit(specs, statistics);
  if (specs.some(({ entity }) => statistics.refused?.includes(entity.value)))
    throw new DemoFault('HostNotConnected', 'Unable to communicate with the remote host');
  return specs.map((one) => answerSpec(one, context)).join('');
}

interface Spec {
  readonly spec: XmlElement;
  readonly entity: ManagedObject;
  readonly interval: number;
}

function answerSpec({ spec, entity, interval }: Spec, { statistics, clock }: StatisticsContext): string {
  if (statistics.unanswered?.includes(entity.value)) return '';
  const times = timesOf(spec, { interval, now: clock.now() });
  const info = times.map((time) => `${interval},${isoOf(time)}`).join(',');
  const silent = statistics.withoutValues?.includes(entity.value) ?? false;
  const series = childrenOf(spec, 'metricId').flatMap((metric) => {
    const counter = DEMO_COUNTERS.find(({ key }) => key === numberOf(metric, 'counterId'));
    if (counter === undefined) throw invalidArgument('querySpec.metricId');
    if (!counter.of.includes(entity.type)) return [];
    const asked = textOf(metric, 'instance');
    const all = ['', ...(counter.instances[entity.type] ?? [])];
    const instances = asked === '*' ? all : all.filter((instance) => instance === asked);
    return instances.map((instance) => {
      const values = times.map((time) => (silent ? -1 : demoStatistic(entity, counter, time)));
      const sent = statistics.spoilt?.includes(entity.value) ? [...values, ''] : values;
      return `<value>${metricId('id', counter, instance)}${textElement('value', sent.join(','))}</value>`;
    });
  });
  return (
    `<returnval xsi:type="PerfEntityMetricCSV">${reference('entity', entity)}` +
    `${textElement('sampleInfoCSV', info)}${series.join('')}</returnval>`
  );
}

/**
 * Oldest first, as vCenter sends them: the newest `maxSample` of real-time ones; of others, for which it ignores that,
 * what it keeps of the asked-for span.
 */
function timesOf(spec: XmlElement, { interval, now }: { interval: number; now: number }): readonly number[] {
  const step = interval * 1_000;
  const start = textOf(spec, 'startTime');
  const end = textOf(spec, 'endTime');
  const last = Math.floor((end === '' ? now : Math.min(now, Date.parse(end))) / step) * step;
  const isRealtime = interval === REALTIME_SECONDS;
  const kept = isRealtime ? SAMPLES_OF_AN_HOUR : SAMPLES_OF_A_DAY;
  const inSpan = start === '' ? kept : Math.floor((last - Date.parse(start)) / step);
  const newest = isRealtime ? numberOf(spec, 'maxSample') : undefined;
  const count = Math.max(0, Math.min(inSpan, kept, newest ?? kept));
  return Array.from({ length: count }, (_, index) => last - (count - 1 - index) * step);
}

/** What the demo says: the same for the same entity, counter and time, and never below zero. */
export function demoStatistic({ value: id }: MoRef, { key }: { readonly key: number }, time: number): number {
  const seed = [...id].reduce((sum, character) => sum + character.charCodeAt(0), key);
  return (seed * 31 + (time / 20_000) * 7) % 10_000;
}

function checkInterval({ type }: MoRef, interval: number): void {
  const known =
    interval === REALTIME_SECONDS ? HAVE_REALTIME.has(type) : HISTORICAL_SECONDS.includes(interval);
  if (!known) throw invalidArgument('querySpec.interval');
}

function checkLimit(specs: readonly Spec[], statistics: DemoStatistics): void {
  const { maxQueryMetrics = '256', clusterWeight = 1 } = statistics;
  if (maxQueryMetrics === UNLIMITED) return;
  const limit = Number(maxQueryMetrics) || 256;
  const asked = specs
    .filter(({ interval }) => interval !== REALTIME_SECONDS)
    .map(({ spec, entity }) => {
      const weight = entity.type === 'ClusterComputeResource' ? clusterWeight : 1;
      return weight * childrenOf(spec, 'metricId').length;
    });
  if (asked.reduce((sum, one) => sum + one, 0) > limit) {
    throw new DemoFault(
      'RestrictedByAdministrator',
      "This operation is restricted by the administrator - 'vpxd.stats.maxQueryMetrics'. Contact your system administrator.",
      textElement('details', 'vpxd.stats.maxQueryMetrics'),
    );
  }
}

function requireEntity(from: XmlElement, { inventory, statistics }: StatisticsContext): ManagedObject {
  const asked = toReference(childOf(from, 'entity'));
  const found = inventory.get(asked.value);
  if (found !== undefined && found.type === asked.type) return found;
  if (statistics.vanishedFault === 'InvalidArgument') throw invalidArgument('querySpec.entity');
  throw new DemoFault(
    'ManagedObjectNotFound',
    `The object '${asked.type}:${asked.value}' has already been deleted or has not been completely created`,
    reference('obj', asked),
  );
}

function metricId(name: string, { key }: DemoCounter, instance: string): string {
  return `<${name}>${textElement('counterId', String(key))}${textElement('instance', instance)}</${name}>`;
}

function countElements(element: XmlElement): number {
  return element.children.reduce((sum, child) => sum + countElements(child), 1);
}

function invalidArgument(property: string): DemoFault {
  return new DemoFault(
    'InvalidArgument',
    `A specified parameter was not correct: ${property}`,
    textElement('invalidProperty', property),
  );
}

function isoOf(time: number): string {
  return new Date(time).toISOString().replace('.000Z', 'Z');
}
