import { createSeals } from '../../../lib/platform/seal.ts';
import { type AnyRequest, type BatchRequest, decodeBatchRequest } from '../../../lib/sweep/batch.ts';
import { openRequest } from '../../../lib/sweep/sealed-request.ts';
import { STACK, WORKER } from './aws.ts';
import { INTEGRITY_SECRET } from './aws-environment.ts';

/** Whom the requests of the simulated AWS are for; its table has this name too. */
export const ADDRESSEE = { stack: STACK, table: 'vsweep-state', worker: WORKER };

/** The request that the sweep function sent to a worker, from the payload of the invocation. */
export function requestIn(payload: string, addressee = ADDRESSEE): AnyRequest {
  const { batch: seal } = createSeals(INTEGRITY_SECRET);
  return decodeBatchRequest(openRequest(Buffer.from(payload), { seal, addressee }));
}

export const isAsk = (payload: string): boolean => requestIn(payload).does === 'ask';

/** The requests of those invocations that ask hosts, in their order. */
export const asksIn = (
  invocations: readonly { readonly payload: string }[],
  addressee = ADDRESSEE,
): BatchRequest[] =>
  invocations.flatMap(({ payload }) => {
    const request = requestIn(payload, addressee);
    return request.does === 'ask' ? [request] : [];
  });
