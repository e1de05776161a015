import { Gauge, Registry } from 'prom-client';
import type { Family } from '../../lib/metrics/family.ts';

/** What prom-client prints for the families, in the order in which they are given. */
export async function encodeWithPromClient(families: readonly Family[]): Promise<string> {
  const registry = new Registry();
  for (const family of families) registry.registerMetric(new FamilyGauge(family));
  return families.length === 0 ? '' : await registry.metrics();
}

/**
 * A gauge with the samples of one family. `Gauge.set` is not used: prom-client 15 files values under
 * `name:value,name:value` without escaping, so that label values with `,` and `:` overwrite each other's series.
 */
class FamilyGauge extends Gauge {
  readonly #values: MetricValue[];

  constructor({ definition: { name, help, labels: labelNames }, samples }: Family) {
    super({ name, help, labelNames, registers: [] });
    this.#values = Array.from(samples, ({ labels, value }) => ({
      labels: Object.fromEntries(labelNames.map((label, index) => [label, labels[index] ?? ''])),
      value,
    }));
  }

  override async get(): ReturnType<Gauge['get']> {
    return { ...(await super.get()), values: this.#values };
  }
}

type MetricValue = Awaited<ReturnType<Gauge['get']>>['values'][number];
