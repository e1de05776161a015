import type { Context } from 'aws-lambda';
import { type CollectBatchDeps, collectBatch } from '../../lib/sweep/worker/collect-batch.ts';
import { createContainer } from './container.ts';

/** A worker: a BatchRequest in, a BatchResult out (lib/sweep/batch.ts), which both are JSON as Lambda wants it. */
export function createHandler(deps: CollectBatchDeps) {
  return async (event: unknown, context: Pick<Context, 'getRemainingTimeInMillis'>): Promise<unknown> => {
    const signal = AbortSignal.timeout(Math.max(1, context.getRemainingTimeInMillis() - 1_000));
    const result = await collectBatch(Buffer.from(JSON.stringify(event)), deps, { signal });
    return JSON.parse(Buffer.from(result).toString());
  };
}

export const handler = createHandler(createContainer(process.env));
