import { SSH_SERVICES } from '../lib/catalogue/host.ts';
import { type BatchHost, type BatchResult, EMPTY_RESULT } from '../lib/sweep/batch.ts';
import { createColumns } from '../lib/sweep/columns.ts';
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
  const columns = createColumns();
  for (const row of SSH_SERVICES) {
    const { points } = row.source.evaluate(new Map([['services', services]]));
    for (const item of indexes.keys()) columns.add(item, row, points);
  }
  return {
    hosts: indexes.map((index) => makeHost(index)),
    result: {
      ...EMPTY_RESULT,
      target,
      batch,
      outcomes: indexes.map((index) => [morefOf(index), ok]),
      families: columns.takeFamilies(),
      collectors: [{ name: 'ssh-services', success: true, durationMs: 1 }],
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
