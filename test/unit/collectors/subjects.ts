import type { NamedItem } from '../../../lib/catalogue/presets.ts';
import type { MetricRow } from '../../../lib/catalogue/row.ts';
import { APPLIANCE, type ApplianceReading } from '../../../lib/catalogue/sources/appliance.ts';
import { CALLS, type CallReading } from '../../../lib/catalogue/sources/call.ts';
import {
  COUNTERS,
  type CounterReading,
  HISTORICAL_COUNTERS,
} from '../../../lib/catalogue/sources/counter.ts';
import { CUSTOM_ATTRIBUTES, type CustomAttribute } from '../../../lib/catalogue/sources/custom-attributes.ts';
import { EVENTS, type EventReading } from '../../../lib/catalogue/sources/events.ts';
import { PROBE } from '../../../lib/catalogue/sources/probe.ts';
import { PROPERTIES } from '../../../lib/catalogue/sources/property.ts';
import { type AttachedTag, TAGS } from '../../../lib/catalogue/sources/tags.ts';
import { VCENTER, type VcenterReading } from '../../../lib/catalogue/sources/vcenter.ts';
import { VSAN, type VsanReading } from '../../../lib/catalogue/sources/vsan.ts';
import { collector } from '../../../lib/collectors/collector.ts';
import { createCollectorRun, type RowPoints } from '../../../lib/collectors/run-collectors.ts';
import type { ServiceReading } from '../../../lib/esxi/service-reading.ts';
import type { KindName } from '../../../lib/inventory/kind.ts';
import type { Sample } from '../../../lib/metrics/family.ts';
import { systemClock } from '../../../lib/platform/clock.ts';
import { createNaming } from '../../../lib/sweep/result/naming.ts';
import type { PropertyValue, RetrievedObject } from '../../../lib/vsphere/property/retrieved-object.ts';

/** An object and what the readers of its batches found: no readings where it was not asked by ssh, or did not answer. */
export interface HostSubject {
  /** A host by default. */
  readonly kind?: KindName;
  readonly item: NamedItem;
  readonly object?: RetrievedObject;
  /** By the name of the probe. */
  readonly readings?: Readonly<Record<string, unknown>>;
  readonly counters?: CounterReading;
  readonly tags?: readonly AttachedTag[];
  readonly customAttributes?: readonly CustomAttribute[];
  readonly historical?: CounterReading;
  readonly calls?: CallReading;
  readonly vcenter?: VcenterReading;
  readonly appliance?: ApplianceReading;
  readonly events?: EventReading;
  readonly vsan?: VsanReading;
}

export const itemOf = (name: string): NamedItem => ({
  target: 'vc-a-0.cc.qa-de-1.example.org',
  site: 'qa-de-1a',
  name,
  facts: {},
});

/** The points that rows make of an object, as a worker would evaluate them. */
export function evaluate(
  rows: readonly MetricRow[],
  {
    kind = 'host',
    object,
    readings,
    counters,
    historical,
    calls,
    tags,
    customAttributes,
    vcenter,
    appliance,
    events,
    vsan,
  }: HostSubject,
): { found: RowPoints[]; warnings: string[] } {
  const ofKind = rows.filter((row) => row.kind === kind);
  const run = createCollectorRun([collector('x', ofKind)], systemClock);
  const found = [
    ...(object === undefined ? [] : run.offer(PROPERTIES, object)),
    ...(counters === undefined ? [] : run.offer(COUNTERS, counters)),
    ...(tags === undefined ? [] : run.offer(TAGS, tags)),
    ...(customAttributes === undefined ? [] : run.offer(CUSTOM_ATTRIBUTES, customAttributes)),
    ...(vcenter === undefined ? [] : run.offer(VCENTER, vcenter)),
    ...(appliance === undefined ? [] : run.offer(APPLIANCE, appliance)),
    ...(events === undefined ? [] : run.offer(EVENTS, events)),
    ...(vsan === undefined ? [] : run.offer(VSAN, vsan)),
    ...(calls === undefined ? [] : run.offer(CALLS, calls)),
    ...(historical === undefined ? [] : run.offer(HISTORICAL_COUNTERS, historical)),
    ...(readings === undefined ? [] : run.offer(PROBE, new Map(Object.entries(readings)))),
  ];
  const [result] = run.results();
  const lacks = (result?.lacks ?? []).map(([privilege]) => `lacks ${privilege}`);
  return { found, warnings: [...lacks, ...(result?.warnings ?? []).map(({ text }) => text)] };
}

/** The same with the labels of the rows' presets. */
export function collect(
  rows: readonly MetricRow[],
  subject: HostSubject,
  references: ReadonlyMap<string, NamedItem> = new Map(),
): { samples: Sample[]; warnings: string[] } {
  const { found, warnings } = evaluate(rows, subject);
  return { samples: found.flatMap((one) => toSamples(one, subject.item, references)), warnings };
}

function toSamples(
  { row, points }: RowPoints,
  item: NamedItem,
  references: ReadonlyMap<string, NamedItem>,
): Sample[] {
  const named = {
    find: () => item,
    all: () => undefined,
    refersTo: (_: unknown, value: string) => references.get(value),
  };
  const { ofPoint } = createNaming(named)(row);
  return points.flatMap(({ labels, value }) => ofPoint('', labels, value)?.sample ?? []);
}

export function retrieved(
  properties: Record<string, PropertyValue>,
  missing: Record<string, string> = {},
): RetrievedObject {
  return {
    moref: { type: 'HostSystem', value: 'host-9' },
    properties: new Map(Object.entries(properties)),
    missing: new Map(Object.entries(missing)),
  };
}

export const withStatus = (name: string, overallStatus: PropertyValue): HostSubject => ({
  item: itemOf(name),
  object: retrieved({ overallStatus }),
});

/** `others`: what other probes found. */
export const withServices = (
  name: string,
  services: Readonly<Record<string, ServiceReading['state']>>,
  others: Readonly<Record<string, unknown>> = {},
): HostSubject => ({
  item: itemOf(name),
  readings: {
    services: Object.entries(services).map(([service, state]) => ({ service, state })),
    ...others,
  },
});
