import { messageOf, VsweepError } from '../../platform/errors.ts';
import { inLogContext } from '../../platform/log-context.ts';
import type { ReadSeals } from '../../platform/seal.ts';
import { startTimeline, type Timeline } from '../../platform/timeline.ts';
import { type AnyRequest, decodeBatchRequest } from '../batch.ts';
import { RequestRefusedError } from '../errors.ts';
import { targetSettings } from '../plan/target-settings.ts';
import type { PresentKeys } from '../scan/present-keys.ts';
import { decodeScanRequest } from '../scan/scan-contract.ts';
import { type Addressee, encodeRefusal, openRequest } from '../sealed-request.ts';
import { answerScan } from './answer-scan.ts';
import { type CollectBatchDeps, collectFrom } from './collect-batch.ts';
import { compareWithState, type StateToCompare } from './compare-with-state.ts';
import { knownProbes } from './known-probes.ts';

/** How a worker knows that a request is from the sweep function of its own stack, and that it still holds. */
export interface RequestTrust {
  readonly seals: ReadSeals;
  readonly addressee: Addressee;
  readonly state: StateToCompare;
}

type AnswerDeps = CollectBatchDeps & { readonly trust: RequestTrust; readonly presentKeys: PresentKeys };

/**
 * The worker where others than the sweep may be able to invoke it: a sealed BatchRequest in, a BatchResult out; or
 * hosts that are asked for their keys in, and these out. One that is not believed, or that cannot be judged, is
 * answered as refused, so that the sweep knows that nobody was logged in to: an error counts as a lost worker, whose
 * hosts may have been asked. Rejects only when hosts may have been.
 */
export async function answerSealed(
  envelope: Uint8Array,
  deps: AnswerDeps,
  options: { signal: AbortSignal },
): Promise<Uint8Array> {
  let answer: () => Promise<Uint8Array>;
  try {
    answer = await prepareAnswer(envelope, deps, options);
  } catch (error) {
    deps.log.error('batch request refused', { why: messageOf(error) });
    return encodeRefusal(toRefusal(error));
  }
  return await answer();
}

/** All that comes before the first host is asked. */
async function prepareAnswer(
  envelope: Uint8Array,
  deps: AnswerDeps,
  options: { signal: AbortSignal },
): Promise<() => Promise<Uint8Array>> {
  const { trust, knownHosts, clock, log, config } = deps;
  const timeline = startTimeline(clock);
  const bytes = await openEnvelope(envelope, trust, options);
  const scan = decodeScanRequest(bytes);
  if (scan !== undefined) {
    const believed = inTime(scan, timeline);
    return () => answerScan(believed, { ...deps, timeline }, options);
  }
  const request = believable(decodeBatchRequest(bytes), timeline);
  // Before the batch is taken: a configuration that lacks its target fails here, and a probe that is not known.
  const { sweep } = targetSettings(config, request);
  knownProbes(request, { probes: deps.probes, sweep });
  const ofRun = { runId: request.runId, target: request.target, batch: request.batch };
  if (request.does === 'read')
    return () => inLogContext(ofRun, () => collectFrom(request, deps, { ...options, timeline }));
  const agreed = await inLogContext(ofRun, () =>
    compareWithState(request, { state: trust.state, knownHosts, clock, log }, { ...options, timeline }),
  );
  const { warnings } = agreed;
  return () =>
    inLogContext(ofRun, () => collectFrom(agreed.request, deps, { ...options, timeline, warnings }));
}

/** Messages of vsweep's own hold no secret; those of others stay in the worker's log. */
function toRefusal(error: unknown): RequestRefusedError {
  if (error instanceof RequestRefusedError) return error;
  const why = error instanceof VsweepError ? error.message : "the worker's log says why";
  return new RequestRefusedError(`it could not be judged: ${why}`);
}

/** As long as a Lambda function may run: no worker has a later end. */
const MAX_AHEAD_MS = 15 * 60_000;

async function openEnvelope(
  envelope: Uint8Array,
  { seals, addressee }: Pick<RequestTrust, 'seals' | 'addressee'>,
  options: { signal: AbortSignal },
): Promise<Uint8Array> {
  const { batch: seal } = await seals(options);
  return openRequest(envelope, { seal, addressee });
}

function believable(request: AnyRequest, timeline: Timeline): AnyRequest {
  inTime(request, timeline);
  const isAsked = request.does === 'ask' && request.hosts.some(({ ssh }) => ssh === 'try');
  if (isAsked && request.credential === undefined)
    throw new RequestRefusedError('it has hosts to log in to by ssh, and no credential');
  return request;
}

function inTime<Request extends { readonly endsAt: number }>(request: Request, timeline: Timeline): Request {
  const leftMs = timeline.msUntil(request.endsAt);
  if (leftMs === 0) throw new RequestRefusedError('its time is over');
  if (leftMs > MAX_AHEAD_MS) throw new RequestRefusedError('it ends more than 15 minutes from now');
  return request;
}
