import type { Probe } from '../../esxi/session/probe.ts';
import { startDeadline } from '../../platform/deadline.ts';
import { startTimeline, type Timeline } from '../../platform/timeline.ts';
import { type AnyRequest, decodeBatchRequest, encodeBatchResult } from '../batch.ts';
import { targetSettings } from '../plan/target-settings.ts';
import { askBatch } from './ask-batch.ts';
import { cutWarning } from './batch-result.ts';
import { knownProbes } from './known-probes.ts';
import type { ProbeHostsDeps } from './probe-hosts.ts';
import { type ReadBatchDeps, readBatch } from './read-batch.ts';

export interface CollectBatchDeps extends ProbeHostsDeps, ReadBatchDeps {
  /** All that this worker knows. */
  readonly probes: readonly Probe[];
}

/** The worker: bytes of a request in, bytes of a BatchResult out. Rejects only when the request is not usable. */
export const collectBatch = async (
  payload: Uint8Array,
  deps: CollectBatchDeps,
  options: { signal: AbortSignal },
): Promise<Uint8Array> => await collectFrom(decodeBatchRequest(payload), deps, options);

/**
 * As `collectBatch`, for a request that is decoded and believed already: since `timeline` began, which is now by
 * default. `warnings` are what the run is told besides.
 */
export async function collectFrom(
  request: AnyRequest,
  deps: CollectBatchDeps,
  options: { signal: AbortSignal; timeline?: Timeline; warnings?: readonly string[] },
): Promise<Uint8Array> {
  const settings = targetSettings(deps.config, request);
  const probes = knownProbes(request, { probes: deps.probes, sweep: settings.sweep });
  const { timeline = startTimeline(deps.clock) } = options;
  using deadline = startDeadline({
    clock: deps.clock,
    ms: timeline.msUntil(request.endsAt),
    what: `batch ${request.batch} of ${request.target}`,
    signal: options.signal,
  });
  const startedAt = timeline.now();
  const result =
    request.does === 'read'
      ? await readBatch(request, { ...settings, timeline }, deps, deadline)
      : await askBatch(request, { ...settings, probes }, deps, deadline);
  const durationMs = Math.max(0, Math.round(timeline.now() - startedAt));
  const { target, batch, does } = request;
  const { vcenterCalls, vcenterBytes } = result.measurements;
  const items = result.outcomes.length;
  deps.log.info('batch collected', {
    target,
    batch,
    does,
    items,
    vcenterCalls,
    vcenterBytes,
    durationMs,
  });
  return encodeBatchResult(
    {
      ...result,
      warnings: [
        ...result.warnings,
        ...(options.warnings ?? []).map((text) => cutWarning({ text, count: 1 })),
      ],
      measurements: { ...result.measurements, durationMs },
    },
    { does },
  );
}
