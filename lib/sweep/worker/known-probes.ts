import { ownProbes } from '../../collectors/own/own-probes.ts';
import type { SweepConfig } from '../../config/schema.ts';
import type { Probe } from '../../esxi/session/probe.ts';
import type { AnyRequest } from '../batch.ts';
import { BatchError } from '../errors.ts';

/** The probes that a request names, each once: those of the registry, and of own metrics of its sweep. Throws BatchError for one that this worker does not know. */
export function knownProbes(
  request: AnyRequest,
  { probes, sweep }: { readonly probes: readonly Probe[]; readonly sweep: Pick<SweepConfig, 'own'> },
): Probe[] {
  if (request.does !== 'ask') return [];
  const known = [...probes, ...ownProbes(sweep.own)];
  return Array.from(new Set(request.probes), (name) => {
    const found = known.find((probe) => probe.name === name);
    if (found !== undefined) return found;
    throw new BatchError(
      `the worker does not know the probe "${name}"; deploy the sweep function and its workers together`,
    );
  });
}
