import { COUNTERS } from '../catalogue/sources/counter.ts';
import { OWN_COLLECTOR } from '../config/own-sweeps.ts';
import { eventClasses } from './event-classes.ts';
import { needsOf, runsBy } from './needs.ts';
import { DEFAULT_PRESETS, pushedRows } from './pushed-rows.ts';
import { COLLECTORS } from './registry.ts';

const withMetricsOf = (preset: 'vmware_exporter' | 'otel'): readonly string[] =>
  COLLECTORS.filter((one) => pushedRows([one], { ...DEFAULT_PRESETS, preset: [preset] }).length > 0).map(
    ({ name }) => name,
  );

/** What the check of a configuration has to know of the collectors. */
export const KNOWN_COLLECTORS = {
  names: [...COLLECTORS.map(({ name }) => name), OWN_COLLECTOR],
  overVcenter: [
    ...COLLECTORS.filter((one) => runsBy([one], 'read') || runsBy([one], 'sweep')).map(({ name }) => name),
    OWN_COLLECTOR,
  ],
  byPreset: {
    vmware_exporter: [...withMetricsOf('vmware_exporter'), OWN_COLLECTOR],
    otel: [...withMetricsOf('otel'), OWN_COLLECTOR],
  },
  eventClasses,
  realtime: [
    ...COLLECTORS.filter((one) => needsOf([one]).some(({ reader }) => reader === COUNTERS)).map(
      ({ name }) => name,
    ),
    OWN_COLLECTOR,
  ],
  overSsh: COLLECTORS.filter((one) => runsBy([one], 'ask')).map(({ name }) => name),
};
