import { sshServices } from '../lib/collectors/ssh-services.ts';
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
  const rows = indexes.flatMap((index) => {
    const labels = { vcenter: target, site: 'qa-de-1a', hostsystem: nameOf(index) };
    return sshServices
      .collect({ labels, services })
      .samples.map((sample) => ({ moref: morefOf(index), sample }));
  });
  const families = sshServices.metrics.map(({ name, labels }) => ({
    metric: name,
    labels: [...labels],
    rows: rows
      .filter(({ sample }) => sample.metric === name)
      .map(({ moref, sample }): [string, string[], number] => [moref, [...sample.labels], sample.value]),
  }));
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
      collectors: [{ name: sshServices.name, success: true, durationMs: 1 }],
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
