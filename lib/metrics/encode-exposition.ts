// The package's index would load its default metrics, OpenTelemetry and a digest for quantiles, too.
import Gauge from 'prom-client/lib/gauge.js';
import Registry from 'prom-client/lib/registry.js';
import { checkSample } from './check-sample.ts';
import { MetricsError } from './errors.ts';
import type { Family } from './family.ts';

/** What the text of `encodeExposition` is, for Content-Type. */
export const EXPOSITION_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/**
 * Prints families in Prometheus' text format 0.0.4: sorted by name, samples in their own order, no timestamps,
 * every line ended by `\n`; '' for no families. Throws MetricsError for what the format cannot carry. Equal series
 * are printed as they come: drop them before.
 */
export async function encodeExposition(families: readonly Family[]): Promise<string> {
  const registry = new Registry();
  for (const family of families.toSorted(byName)) {
    if (registry.getSingleMetric(family.definition.name) !== undefined) {
      throw new MetricsError('duplicate-definition', {
        metric: family.definition.name,
        message: 'two families have this name; merge them first',
      });
    }
    registry.registerMetric(new FamilyGauge(family));
  }
  return families.length === 0 ? '' : await registry.metrics();
}

/**
 * A gauge with the samples of one family. `Gauge.set` is not used: prom-client 15 files values under
 * `name:value,name:value` without escaping, so that label values with `,` and `:` overwrite each other's series.
 */
class FamilyGauge extends Gauge {
  readonly #values: MetricValue[];

  constructor({ definition, samples }: Family) {
    const { name, help, labels: labelNames } = definition;
    super({ name, help, labelNames, registers: [] });
    this.#values = samples.map((sample) => {
      checkSample(definition, sample);
      const labels = labelNames.map((label, index) => [label, sample.labels[index] ?? '']);
      return { labels: Object.fromEntries(labels), value: sample.value };
    });
  }

  override async get(): ReturnType<Gauge['get']> {
    return { ...(await super.get()), values: this.#values };
  }
}

type MetricValue = Awaited<ReturnType<Gauge['get']>>['values'][number];

function byName(left: Family, right: Family): number {
  return left.definition.name < right.definition.name ? -1 : 1;
}
