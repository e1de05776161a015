import { runsBy } from './needs.ts';
import { DEFAULT_PRESETS, pushedRows } from './pushed-rows.ts';
import { COLLECTORS } from './registry.ts';

const withMetricsOf = (preset: 'vmware_exporter' | 'otel'): readonly string[] =>
  COLLECTORS.filter((one) => pushedRows([one], { ...DEFAULT_PRESETS, preset: [preset] }).length > 0).map(
    ({ name }) => name,
  );

/** What the check of a configuration has to know of the collectors. */
export const KNOWN_COLLECTORS = {
  names: COLLECTORS.map(({ name }) => name),
  overVcenter: COLLECTORS.filter((one) => runsBy([one], 'read') || runsBy([one], 'sweep')).map(
    ({ name }) => name,
  ),
  byPreset: { vmware_exporter: withMetricsOf('vmware_exporter'), otel: withMetricsOf('otel') },
  overSsh: COLLECTORS.filter((one) => runsBy([one], 'ask')).map(({ name }) => name),
};
