import type { Clock } from '../../platform/clock.ts';
import type { ReadSeals } from '../../platform/seal.ts';
import { type BatchRequest, decodeBatchRequest } from '../batch.ts';
import { RequestRefusedError } from '../errors.ts';
import { type Addressee, encodeRefusal, openRequest } from '../sealed-request.ts';
import { type CollectBatchDeps, collectFrom } from './collect-batch.ts';
import { compareWithState, type StateToCompare } from './compare-with-state.ts';

/** How a worker knows that a request is from the sweep function of its own stack, and that it still holds. */
export interface RequestTrust {
  readonly seals: ReadSeals;
  readonly addressee: Addressee;
  readonly state: StateToCompare;
}

/**
 * The worker where others than the sweep may be able to invoke it: a sealed BatchRequest in, a BatchResult out. One
 * that is not believed is answered as refused, so that the sweep knows that nobody was logged in to.
 */
export async function answerSealed(
  envelope: Uint8Array,
  deps: CollectBatchDeps & { readonly trust: RequestTrust },
  options: { signal: AbortSignal },
): Promise<Uint8Array> {
  try {
    const { trust, clock, log } = deps;
    const request = await acceptRequest(envelope, { ...trust, clock }, options);
    const agreed = await compareWithState(request, { state: trust.state, clock, log }, options);
    return await collectFrom(agreed, deps, options);
  } catch (error) {
    if (!(error instanceof RequestRefusedError)) throw error;
    deps.log.error('a batch request was refused', { why: error.message });
    return encodeRefusal(error);
  }
}

/** As long as a Lambda function may run: no worker has a later end. */
const MAX_AHEAD_MS = 15 * 60_000;

/** The request that a believable envelope holds. Throws RequestRefusedError; BatchError when it is not of the contract. */
export async function acceptRequest(
  envelope: Uint8Array,
  { seals, addressee, clock }: Omit<RequestTrust, 'state'> & { clock: Pick<Clock, 'now'> },
  options: { signal: AbortSignal },
): Promise<BatchRequest> {
  const { batch: seal } = await seals(options);
  const request = decodeBatchRequest(openRequest(envelope, { seal, addressee }));
  const leftMs = request.endsAt - clock.now();
  if (leftMs <= 0) throw new RequestRefusedError('its time is over');
  if (leftMs > MAX_AHEAD_MS) throw new RequestRefusedError('it ends more than 15 minutes from now');
  const isAsked = request.hosts.some(({ ssh }) => ssh === 'try');
  if (isAsked && request.credential === undefined)
    throw new RequestRefusedError('it asks hosts by ssh without a credential');
  return request;
}
