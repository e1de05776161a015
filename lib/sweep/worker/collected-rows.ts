import { COLLECTORS } from '../../collectors/registry.ts';
import type { CollectorRun, HostParts } from '../../collectors/run-collectors.ts';
import type { Sample } from '../../metrics/family.ts';
import type { BatchFamily, BatchRequest } from '../batch.ts';

/** Collects samples by metric, as the contract wants them. */
export function createRows(request: BatchRequest, collecting: CollectorRun) {
  const labelNames = new Map(
    COLLECTORS.flatMap(({ metrics }) => metrics.map(({ name, labels }) => [name, labels] as const)),
  );
  const hosts = new Map(
    request.hosts.map(({ moref, name, site }) => [
      moref,
      collecting.host({ vcenter: request.target, site, hostsystem: name }),
    ]),
  );
  const families = new Map<string, BatchFamily>();
  const add = (moref: string, { metric, labels, value }: Sample) => {
    let family = families.get(metric);
    if (family === undefined) {
      family = { metric, labels: [...(labelNames.get(metric) ?? [])], rows: [] };
      families.set(metric, family);
    }
    family.rows.push([moref, [...labels], value]);
  };
  return {
    offer(moref: string, parts: HostParts) {
      for (const sample of hosts.get(moref)?.offer(parts) ?? []) add(moref, sample);
    },
    families: () => Array.from(families.values()),
  };
}
