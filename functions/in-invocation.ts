import type { Context } from 'aws-lambda';
import { inLogContext } from '../lib/platform/log-context.ts';
import { withReadableStack } from './readable-stack.ts';

/** Of this process, which Lambda keeps for later invocations. */
let isFirst = true;

/**
 * The handler that `make` makes, whose log lines name the invocation: `requestId` as in Lambda's own lines and in the answer to whoever
 * invoked it, and whether it is the first one of its process (`coldStart`). What
 * either throws has a stack of our own lines.
 */
export function inInvocation<Given, Answer>(
  make: () => (event: unknown, context: Given) => Promise<Answer>,
): (event: unknown, context: Given & Partial<Pick<Context, 'awsRequestId'>>) => Promise<Answer> {
  const handler = readably(make);
  return (event, context) => {
    const coldStart = isFirst;
    isFirst = false;
    return inLogContext({ requestId: context.awsRequestId, coldStart }, () =>
      handler(event, context).catch((error: unknown) => {
        throw withReadableStack(error);
      }),
    );
  };
}

function readably<Made>(make: () => Made): Made {
  try {
    return make();
  } catch (error) {
    throw withReadableStack(error);
  }
}
