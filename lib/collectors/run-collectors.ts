import { checkSample } from '../metrics/check-sample.ts';
import { MetricsError } from '../metrics/errors.ts';
import type { Sample } from '../metrics/family.ts';
import type { Clock } from '../platform/clock.ts';
import { messageOf } from '../platform/errors.ts';
import type { Collector, HostLabels, HostSubject } from './collector.ts';
import { createWarningCounts, type WarningCount } from './warning-counts.ts';

/** How one collector did over all hosts of the run; there is one of these also when it was never called. */
export interface CollectorResult {
  readonly collector: string;
  /** 0 when it threw on any host. */
  readonly success: 0 | 1;
  /** The time inside `collect`, added up over the hosts. */
  readonly durationMs: number;
  readonly warnings: readonly WarningCount[];
}

/** The parts of a host that are read apart from each other and come at their own time. */
export type HostParts = Omit<HostSubject, 'labels'>;

/** One host in a run. */
export interface HostCollection {
  /**
   * Adds parts that were read and calls, with all parts so far, each collector that now has everything it needs:
   * each once a host, however often parts come. Returns the samples of the collectors it called.
   */
  offer(parts: HostParts): Sample[];
}

export interface CollectorRun {
  /** Begins with one host. A host that is never offered a part has no samples and harms no collector's success. */
  host(labels: HostLabels): HostCollection;
  /** In the order of the collectors. */
  results(): CollectorResult[];
}

/**
 * Runs collectors over hosts while their parts come in: the properties need not wait for ssh. What a collector
 * throws is caught here and nowhere else; it costs the samples of that collector for that host.
 */
export function createCollectorRun(collectors: readonly Collector[], clock: Clock): CollectorRun {
  const tallies = collectors.map((collector) => createTally(collector, clock));
  return {
    host: (labels) => createHostCollection(tallies, labels),
    results: () => tallies.map((tally) => tally.result()),
  };
}

function createHostCollection(tallies: readonly Tally[], labels: HostLabels): HostCollection {
  let subject: HostSubject = { labels };
  let waiting = tallies;
  return {
    offer(parts) {
      subject = { ...subject, ...parts };
      const ready = waiting.filter(({ collector }) => hasNeeds(collector, subject));
      waiting = waiting.filter((tally) => !ready.includes(tally));
      return ready.flatMap((tally) => tally.collect(subject));
    },
  };
}

function hasNeeds({ needs }: Collector, subject: HostSubject): boolean {
  if (needs.properties.length > 0 && subject.object === undefined) return false;
  return needs.probes.every((probe) => subject[probe] !== undefined);
}

interface Tally {
  readonly collector: Collector;
  collect(subject: HostSubject): readonly Sample[];
  result(): CollectorResult;
}

function createTally(collector: Collector, clock: Clock): Tally {
  const definitions = new Map(collector.metrics.map((definition) => [definition.name, definition]));
  const warnings = createWarningCounts();
  let success: 0 | 1 = 1;
  let durationMs = 0;

  function collectChecked(subject: HostSubject): readonly Sample[] {
    const collected = collector.collect(subject);
    for (const sample of collected.samples) {
      const definition = definitions.get(sample.metric);
      if (definition === undefined) {
        throw new MetricsError('unknown-metric', {
          metric: sample.metric,
          message: `the collector ${collector.name} does not declare it`,
        });
      }
      checkSample(definition, sample);
    }
    for (const warning of collected.warnings) warnings.add(warning);
    return collected.samples;
  }

  return {
    collector,
    collect(subject) {
      const startedAt = clock.monotonic();
      try {
        return collectChecked(subject);
      } catch (error) {
        success = 0;
        warnings.add(`failed, its samples are withheld: ${messageOf(error)}`);
        return [];
      } finally {
        durationMs += clock.monotonic() - startedAt;
      }
    },
    result: () => ({ collector: collector.name, success, durationMs, warnings: warnings.list() }),
  };
}
