import { SSH_SERVICES } from '../lib/catalogue/host.ts';
import { nameLabels } from '../lib/catalogue/presets.ts';
import { definitionOf } from '../lib/catalogue/row.ts';
import type { BatchHost, BatchResult } from '../lib/sweep/batch.ts';
import { ok } from '../lib/sweep/outcome.ts';
import { morefOf, nameOf } from './simulated-fleet.ts';

export interface MadeBatch {
  readonly hosts: readonly BatchHost[];
  readonly result: BatchResult;
}

/** What a worker would have sent for `hosts` hosts with `services` services each: two series a service. */
export function makeBatch(batch: number, size: { hosts: number; services: number }): MadeBatch {
  const target = 'vc-bench.example.org';
  const indexes = Array.from({ length: size.hosts }, (_, index) => batch * size.hosts + index);
  const services = Array.from({ length: size.services }, (_, n) => ({
    service: `service-${n}`,
    state: 'running' as const,
  }));
  const families = SSH_SERVICES.map((row) => {
    const { name: metric, labels } = definitionOf(row);
    const { points } = row.source.evaluate({ services });
    const rows = indexes.flatMap((index) => {
      const item = { target, site: 'qa-de-1a', name: nameOf(index), facts: {} };
      const named = nameLabels(row, item);
      return points.map((one): [string, string[], number] => [
        morefOf(index),
        [...named, ...one.labels],
        one.value,
      ]);
    });
    return { metric, labels: [...labels], rows };
  });
  return {
    hosts: indexes.map((index) => makeHost(index)),
    result: {
      version: 2,
      target,
      batch,
      outcomes: indexes.map((index) => [morefOf(index), ok, ok]),
      logins: [],
      pinned: [],
      details: [],
      families,
      collectors: [{ name: 'ssh-services', success: true, durationMs: 1 }],
      warnings: [],
      measurements: { vcenterCalls: 1, vcenterBytes: 1_000, failedLogouts: 0, durationMs: 1 },
    },
  };
}

const makeHost = (index: number): BatchHost => ({
  moref: morefOf(index),
  name: nameOf(index),
  site: 'qa-de-1a',
  address: nameOf(index),
  port: 22,
  ssh: 'try',
  proven: true,
  account: { refusals: 0 },
});
