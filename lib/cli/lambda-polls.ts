import { systemClock } from '../platform/clock.ts';
import { createLambdaClient, createLambdaInvoke } from '../platform/lambda-invoke.ts';
import type { Log } from '../platform/log.ts';
import type { Polls } from '../poll/answer-poll.ts';
import { createLambdaPolls, POLL, POLL_CLIENT_CONTEXT } from '../poll/lambda-polls.ts';

/** Connections to Lambda at once: the concurrency of an account that was never raised. */
const MAX_SOCKETS = 1_000;

/** Polls that a deployed function answers, with the credentials and the region of the AWS SDK's usual places. */
export function openLambdaPolls(
  functionName: string,
  log: Log,
): AsyncDisposable & { readonly polls: Pick<Polls, 'answer'> } {
  const client = createLambdaClient({ maxSockets: MAX_SOCKETS });
  const invoke = createLambdaInvoke({
    client,
    functions: { [POLL]: functionName },
    clientContext: POLL_CLIENT_CONTEXT,
  });
  return {
    polls: createLambdaPolls(invoke, { clock: systemClock, log, random: Math.random }),
    [Symbol.asyncDispose]: async () => client.destroy(),
  };
}
