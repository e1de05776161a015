import type { Probe } from '../../esxi/session/probe.ts';
import type { AnyRequest } from '../batch.ts';
import { BatchError } from '../errors.ts';

/** The probes that a request names, each once. Throws BatchError for one that this worker does not know. */
export function knownProbes(request: AnyRequest, probes: readonly Probe[]): Probe[] {
  if (request.does !== 'ask') return [];
  return Array.from(new Set(request.probes), (name) => {
    const found = probes.find((probe) => probe.name === name);
    if (found !== undefined) return found;
    throw new BatchError(
      `the worker does not know the probe "${name}"; deploy the sweep function and its workers together`,
    );
  });
}
