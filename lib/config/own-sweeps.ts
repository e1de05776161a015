import { parseDurationMs } from './duration.ts';
import type { OwnMetricConfig, SweptOwn } from './own-metrics.ts';
import type { Config, SweepConfig } from './schema.ts';

/** The collector that stands for own metrics without an interval of their own. */
export const OWN_COLLECTOR = 'own';

/** Commands take seconds a host, so they have an interval of their own in any case. */
const DEFAULT_OF_COMMANDS = '15m';

/** Undefined for a metric that sweeps collect by naming `own`. */
export const everyOf = ({ every, esxcli, ssh }: OwnMetricConfig): string | undefined =>
  every ?? (esxcli === undefined && ssh === undefined ? undefined : DEFAULT_OF_COMMANDS);

/** The name of the sweep of all own metrics with that interval. */
export const ownSweepName = (every: string): string => `${OWN_COLLECTOR}-${every}`;

/**
 * Gives own metrics to the sweeps that name the collector `own`, and makes a sweep for each interval that own metrics
 * have themselves: a sweep is the only thing that has an interval, a lease and a group (docs/adr/0058).
 */
export function withOwnSweeps<Swept extends Pick<Config, 'metrics' | 'sweeps' | 'targets'>>(
  config: Swept,
): Swept {
  const { own, only, series, preset } = config.metrics;
  const names = Object.keys(own);
  if (names.length === 0) return config;
  const byInterval = Map.groupBy(Object.entries(own), ([, metric]) => everyOf(metric));
  const swept = (metrics: [string, OwnMetricConfig][] = []): SweptOwn => ({
    metrics: Object.fromEntries(metrics),
    only,
    series,
    preset: preset[0] ?? 'vmware_exporter',
  });
  const ofAll = swept(byInterval.get(undefined));
  byInterval.delete(undefined);
  return {
    ...config,
    sweeps: [
      ...config.sweeps.map((sweep) =>
        sweep.collectors.includes(OWN_COLLECTOR) ? { ...sweep, own: ofAll } : sweep,
      ),
      ...Array.from(byInterval, ([every = '', metrics]) => toSweep(every, swept(metrics), config)),
    ],
  };
}

/** Over all targets that can be asked: one without credentials has a list of hosts for commands, and nothing of vCenter. */
function toSweep(every: string, own: SweptOwn, { targets }: Pick<Config, 'targets'>): SweepConfig {
  const hasCommands = Object.values(own.metrics).some(
    (one) => one.esxcli !== undefined || one.ssh !== undefined,
  );
  const asked = targets.filter(({ credentials }) => hasCommands || credentials !== undefined);
  const name = ownSweepName(every);
  return {
    name,
    everyMs: parseDurationMs(every) ?? 0,
    collectors: [OWN_COLLECTOR],
    ...(asked.length === targets.length ? {} : { targets: asked.map((target) => target.name) }),
    job: `vsweep_${name}`,
    samples: 'newest',
    own,
  };
}
