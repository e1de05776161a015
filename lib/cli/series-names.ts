import { knownSeries } from '../queries/known-series.ts';
import { PROCESS_METRICS } from './process-metrics.ts';

/** The names that a shell completes, without a configuration: somebody waits with a finger on the key. */
export const seriesNames = (): readonly string[] => [...knownSeries(PROCESS_METRICS).keys()];
