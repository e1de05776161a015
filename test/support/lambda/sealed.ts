import { createSeals } from '../../../lib/platform/seal.ts';
import { type BatchRequest, decodeBatchRequest } from '../../../lib/sweep/batch.ts';
import { openRequest } from '../../../lib/sweep/sealed-request.ts';
import { STACK, WORKER } from './aws.ts';
import { INTEGRITY_SECRET } from './aws-environment.ts';

/** Whom the requests of the simulated AWS are for; its table has this name too. */
export const ADDRESSEE = { stack: STACK, table: 'vsweep-state', worker: WORKER };

/** The request that the sweep function sent to a worker, from the payload of the invocation. */
export function requestIn(payload: string, addressee = ADDRESSEE): BatchRequest {
  const { batch: seal } = createSeals(INTEGRITY_SECRET);
  const request = decodeBatchRequest(openRequest(Buffer.from(payload), { seal, addressee }));
  if (request.does !== 'ask') throw new TypeError('it asks no hosts');
  return request;
}
