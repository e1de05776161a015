import { ownCollector } from '../collectors/own/compile-own.ts';
import type { OwnMetricConfig } from '../config/own-metrics.ts';
import { type KnownSeries, knownSeries, type Selection } from '../queries/known-series.ts';
import { loadConfig } from './load-config.ts';
import { PROCESS_METRICS } from './process-metrics.ts';

/**
 * The series of vsweep by name: those that a configuration emits, others with what it lacks for them; without a
 * configuration those of all collectors under the names of `presets`. Throws ConfigError for a configuration with faults.
 */
export async function seriesKnownTo(
  file: string | undefined,
  presets: Selection['presets'],
): Promise<ReadonlyMap<string, KnownSeries>> {
  if (file === undefined) return knownSeries(PROCESS_METRICS, presets === undefined ? {} : { presets });
  const { metrics, sweeps } = (await loadConfig(file, process.env)).config;
  const known = knownSeries(PROCESS_METRICS, {
    presets: metrics,
    legacyNames: metrics.legacyNames,
    collectors: sweeps.flatMap(({ collectors }) => collectors),
    own: sweeps.flatMap(({ own }) => ownCollector(own)?.rows ?? []),
  });
  return new Map(Array.from(known, ([name, one]) => [name, withStates(one, metrics.own[name])]));
}

/** The words that the label `state` of an own metric can have. */
const withStates = (series: KnownSeries, own: OwnMetricConfig | undefined): KnownSeries =>
  own?.states === undefined ? series : { ...series, closed: { ...series.closed, state: own.states } };
