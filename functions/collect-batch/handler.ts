import '../../lib/platform/interpreted-schemas.ts';
import type { Context } from 'aws-lambda';
import { startDeadline } from '../../lib/platform/deadline.ts';
import { answerSealed } from '../../lib/sweep/worker/answer-sealed.ts';
import { inInvocation } from '../in-invocation.ts';
import { createContainer, type WorkerContainer } from './container.ts';

/** What is left to Lambda's own end, for the answer. */
const MARGIN_MS = 1_000;

/** A worker: a sealed BatchRequest in, a BatchResult out (lib/sweep/batch.ts), which both are JSON as Lambda wants it. */
export function createHandler(deps: WorkerContainer) {
  const { clock } = deps;
  return async (event: unknown, context: Pick<Context, 'getRemainingTimeInMillis'>): Promise<unknown> => {
    const ms = Math.max(1, context.getRemainingTimeInMillis() - MARGIN_MS);
    using deadline = startDeadline({ clock, ms, what: 'the invocation of the worker' });
    const result = await answerSealed(Buffer.from(JSON.stringify(event)), deps, deadline);
    return JSON.parse(Buffer.from(result).toString());
  };
}

export const handler = inInvocation(() => createHandler(createContainer(process.env)));
