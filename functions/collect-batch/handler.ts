import type { Context } from 'aws-lambda';
import { answerSealed } from '../../lib/sweep/worker/answer-sealed.ts';
import { createContainer, type WorkerContainer } from './container.ts';

/** A worker: a sealed BatchRequest in, a BatchResult out (lib/sweep/batch.ts), which both are JSON as Lambda wants it. */
export function createHandler(deps: WorkerContainer) {
  return async (event: unknown, context: Pick<Context, 'getRemainingTimeInMillis'>): Promise<unknown> => {
    const signal = AbortSignal.timeout(Math.max(1, context.getRemainingTimeInMillis() - 1_000));
    const result = await answerSealed(Buffer.from(JSON.stringify(event)), deps, { signal });
    return JSON.parse(Buffer.from(result).toString());
  };
}

export const handler = createHandler(createContainer(process.env));
