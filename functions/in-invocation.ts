import type { Context } from 'aws-lambda';
import { inLogContext } from '../lib/platform/log-context.ts';

/** Of this process, which Lambda keeps for later invocations. */
let isFirst = true;

/**
 * A handler whose log lines name the invocation: `requestId` as in Lambda's own lines and in the answer to whoever
 * invoked it, and whether it is the first one of its process (`coldStart`).
 */
export const inInvocation =
  <Given, Answer>(handler: (event: unknown, context: Given) => Promise<Answer>) =>
  (event: unknown, context: Given & Partial<Pick<Context, 'awsRequestId'>>): Promise<Answer> => {
    const coldStart = isFirst;
    isFirst = false;
    return inLogContext({ requestId: context.awsRequestId, coldStart }, () => handler(event, context));
  };
