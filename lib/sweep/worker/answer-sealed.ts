import type { Clock } from '../../platform/clock.ts';
import type { ReadSeals } from '../../platform/seal.ts';
import { type BatchRequest, decodeBatchRequest } from '../batch.ts';
import { RequestRefusedError } from '../errors.ts';
import type { PresentKeys } from '../scan/present-keys.ts';
import { decodeScanRequest } from '../scan/scan-contract.ts';
import { type Addressee, encodeRefusal, openRequest } from '../sealed-request.ts';
import { answerScan } from './answer-scan.ts';
import { type CollectBatchDeps, collectFrom } from './collect-batch.ts';
import { compareWithState, type StateToCompare } from './compare-with-state.ts';

/** How a worker knows that a request is from the sweep function of its own stack, and that it still holds. */
export interface RequestTrust {
  readonly seals: ReadSeals;
  readonly addressee: Addressee;
  readonly state: StateToCompare;
}

/**
 * The worker where others than the sweep may be able to invoke it: a sealed BatchRequest in, a BatchResult out; or
 * hosts that are asked for their keys in, and these out. One
 * that is not believed is answered as refused, so that the sweep knows that nobody was logged in to.
 */
export async function answerSealed(
  envelope: Uint8Array,
  deps: CollectBatchDeps & { readonly trust: RequestTrust; readonly presentKeys: PresentKeys },
  options: { signal: AbortSignal },
): Promise<Uint8Array> {
  try {
    const { trust, knownHosts, clock, log } = deps;
    const bytes = await openEnvelope(envelope, trust, options);
    const scan = decodeScanRequest(bytes);
    if (scan !== undefined) return await answerScan(inTime(scan, clock), deps, options);
    const request = believable(decodeBatchRequest(bytes), clock);
    const agreed = await compareWithState(request, { state: trust.state, knownHosts, clock, log }, options);
    return await collectFrom(agreed, deps, options);
  } catch (error) {
    if (!(error instanceof RequestRefusedError)) throw error;
    deps.log.error('a batch request was refused', { why: error.message });
    return encodeRefusal(error);
  }
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

/** The request that a believable envelope holds. Throws RequestRefusedError; BatchError when it is not of the contract. */
export async function acceptRequest(
  envelope: Uint8Array,
  { clock, ...trust }: Omit<RequestTrust, 'state'> & { clock: Pick<Clock, 'now'> },
  options: { signal: AbortSignal },
): Promise<BatchRequest> {
  return believable(decodeBatchRequest(await openEnvelope(envelope, trust, options)), clock);
}

function believable(request: BatchRequest, clock: Pick<Clock, 'now'>): BatchRequest {
  const isAsked = inTime(request, clock).hosts.some(({ ssh }) => ssh === 'try');
  if (isAsked && request.credential === undefined)
    throw new RequestRefusedError('it asks hosts by ssh without a credential');
  return request;
}

function inTime<Request extends { readonly endsAt: number }>(
  request: Request,
  clock: Pick<Clock, 'now'>,
): Request {
  const leftMs = request.endsAt - clock.now();
  if (leftMs <= 0) throw new RequestRefusedError('its time is over');
  if (leftMs > MAX_AHEAD_MS) throw new RequestRefusedError('it ends more than 15 minutes from now');
  return request;
}
