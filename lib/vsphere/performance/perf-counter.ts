import type { RetrievalSession } from '../property/retrieval.ts';
import { retrieveProperty } from '../property/retrieve-property.ts';
import type { PropertyValue } from '../property/retrieved-object.ts';
import { fieldOf, integerOf, listOf, textOf } from '../property/value-fields.ts';
import { requireManager } from '../service-content.ts';

/** PerfCounterInfo in the vSphere API. */
export interface PerfCounter {
  /** Differs from one vCenter to the next for the same counter, and may change with an upgrade. */
  readonly key: number;
  readonly group: ElementDescription;
  readonly name: ElementDescription;
  readonly unit: ElementDescription;
  readonly rollupType: string;
  readonly statsType: string;
  readonly level: number | undefined;
  readonly perDeviceLevel: number | undefined;
}

export interface ElementDescription {
  readonly key: string;
  readonly label: string;
  readonly summary: string;
}

/** The counters of one vCenter or ESXi. Good for the session in which they were read. */
export interface PerfCounters {
  readonly all: readonly PerfCounter[];
  byKey(key: number): PerfCounter | undefined;
  /** By `group.name.unit.rollup` or by `group.name.rollup`. */
  byName(name: string): PerfCounter | undefined;
}

/** One call with an answer of some 0.4 MB: read them once a session. */
export async function readPerfCounters(
  session: RetrievalSession,
  { signal }: { signal: AbortSignal },
): Promise<PerfCounters> {
  const manager = requireManager(session.content, 'perfManager');
  return toPerfCounters(await retrieveProperty(session, manager, 'perfCounter', { signal }));
}

/** `group.name.unit.rollup`, as vPoller writes it: `net.usage.kiloBytesPerSecond.average`. */
export function fullNameOf({ group, name, unit, rollupType }: PerfCounter): string {
  return `${group.key}.${name.key}.${unit.key}.${rollupType}`;
}

/** `group.name.rollup`, as vmware_exporter, telegraf and govmomi write it: `net.usage.average`. */
export function shortNameOf({ group, name, rollupType }: PerfCounter): string {
  return `${group.key}.${name.key}.${rollupType}`;
}

/**
 * The names are looked up and never taken apart: a counter's own name may hold dots (`disk.throughput.usage.average`).
 * Where two counters share a short name, the later one has it, as in vmware_exporter.
 */
export function toPerfCounters(perfCounter: PropertyValue | undefined): PerfCounters {
  const all = listOf(perfCounter).flatMap((value) => toPerfCounter(value) ?? []);
  const byKey = new Map(all.map((counter) => [counter.key, counter]));
  const byShortName = new Map(all.map((counter) => [shortNameOf(counter), counter]));
  const byFullName = new Map(all.map((counter) => [fullNameOf(counter), counter]));
  return {
    all,
    byKey: (key) => byKey.get(key),
    byName: (name) => byFullName.get(name) ?? byShortName.get(name),
  };
}

/** Undefined for what has no key, group, name, unit or rollup: nobody could ask for it. */
function toPerfCounter(value: PropertyValue): PerfCounter | undefined {
  const key = integerOf(fieldOf(value, 'key'));
  const group = toDescription(fieldOf(value, 'groupInfo'));
  const name = toDescription(fieldOf(value, 'nameInfo'));
  const unit = toDescription(fieldOf(value, 'unitInfo'));
  const rollupType = textOf(fieldOf(value, 'rollupType'));
  if (key === undefined || !group || !name || !unit || rollupType === undefined) return undefined;
  return {
    key,
    group,
    name,
    unit,
    rollupType,
    statsType: textOf(fieldOf(value, 'statsType')) ?? '',
    level: integerOf(fieldOf(value, 'level')),
    perDeviceLevel: integerOf(fieldOf(value, 'perDeviceLevel')),
  };
}

function toDescription(value: PropertyValue | undefined): ElementDescription | undefined {
  const key = textOf(fieldOf(value, 'key'));
  if (key === undefined) return undefined;
  const word = (field: string) => textOf(fieldOf(value, field)) ?? '';
  return { key, label: word('label'), summary: word('summary') };
}
