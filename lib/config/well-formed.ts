import { parseDurationMs } from './duration.ts';

/**
 * What of a configuration can be held against the rest of it, field by field: a fault in one field of an entry hides
 * no fault of another. Entries and list items that cannot be used keep their place.
 */
export interface WellFormed {
  /** Undefined when there is no such list. */
  readonly targets: readonly WellFormedTarget[] | undefined;
  readonly sweeps: readonly WellFormedSweep[];
  readonly hasEsxi: boolean;
  /** Undefined for the default. */
  readonly presets: readonly string[] | undefined;
  readonly eventTypes: readonly (string | undefined)[];
  /** Whether a sink is configured that keeps samples by their times. */
  readonly takesTimes: boolean;
}

/** The sections of sinks that keep samples by their times. */
export const TIMED_SINKS = ['otlp', 'remoteWrite', 'victoriaMetrics'] as const;

interface WellFormedTarget {
  readonly name: string | undefined;
  readonly aliases: readonly (string | undefined)[];
  readonly hasCredentials: boolean;
  readonly hasHosts: boolean;
}

export interface WellFormedSweep {
  readonly name: string | undefined;
  readonly collectors: readonly (string | undefined)[];
  /** Undefined for all targets. */
  readonly targets: readonly (string | undefined)[] | undefined;
  /** With the default; undefined when it cannot be known. */
  readonly job: string | undefined;
  readonly wantsAllSamples: boolean;
  readonly everyMs: number | undefined;
}

export function wellFormedParts(raw: Readonly<Record<string, unknown>>): WellFormed {
  const { targets, sweeps } = raw;
  return {
    targets: Array.isArray(targets)
      ? targets.map(toFields).map(({ name, aliases, credentials, hosts }) => ({
          name: toText(name),
          aliases: toTexts(aliases),
          hasCredentials: credentials !== undefined,
          hasHosts: hosts !== undefined,
        }))
      : undefined,
    sweeps: Array.isArray(sweeps) ? sweeps.map(toSweep) : [],
    hasEsxi: 'esxi' in raw,
    presets: presetsOf(toFields(raw['metrics'])['preset']),
    eventTypes: toTexts(toFields(raw['events'])['types']),
    takesTimes: TIMED_SINKS.some((section) => section in raw),
  };
}

const presetsOf = (written: unknown): readonly string[] | undefined =>
  written === undefined ? undefined : toTexts([written].flat()).filter((one) => one !== undefined);

function toSweep(entry: unknown): WellFormedSweep {
  const { name, collectors, targets, job, samples, every } = toFields(entry);
  const defaultJob = toText(name) === undefined ? undefined : `vsweep_${name}`;
  return {
    name: toText(name),
    collectors: toTexts(collectors),
    targets: targets === undefined ? undefined : toTexts(targets),
    job: job === undefined ? defaultJob : toText(job),
    wantsAllSamples: samples === 'all',
    everyMs: parseDurationMs(toText(every) ?? ''),
  };
}

/** The fields of what may be a map. */
export function toFields(entry: unknown): Readonly<Record<string, unknown>> {
  return typeof entry === 'object' && entry !== null ? (entry as Record<string, unknown>) : {};
}

const toText = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);
const toTexts = (value: unknown) => (Array.isArray(value) ? value.map(toText) : []);
