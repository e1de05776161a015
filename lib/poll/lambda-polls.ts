import type { Invoke, InvokeError } from '../platform/invoke.ts';
import { type RetryOptions, retry } from '../platform/retry.ts';
import { untilReady } from '../platform/until-ready.ts';
import type { Polls } from './answer-poll.ts';
import { parseMessage } from './parse-message.ts';
import type { PollReply } from './reply.ts';
import { toFailure } from './reply.ts';

/** The name of the poll function for `Invoke`, whatever it is called where it is deployed. */
export const POLL = 'poll';

/**
 * The client context of such a call. Lambda hands one to synchronous invocations only, so a function that sees it
 * knows that its event was in no queue.
 */
export const POLL_CLIENT_CONTEXT = { custom: { vsweep: 'poll' } } as const;

/**
 * Polls that the poll function answers. The event may hold a guest's password: the call has to be synchronous. It is
 * a list of one request, so that whatever a client sent is taken for a request and for nothing else. What surely did
 * not start is called again: three times where Lambda throttles, and while its function is not ready until the poll's
 * own time is over.
 */
export function createLambdaPolls(invoke: Invoke, options: RetryOptions): Pick<Polls, 'answer'> {
  return {
    async answer(message, { signal }) {
      const event = Buffer.from(JSON.stringify([message]));
      try {
        const onWait = ({ message: why }: InvokeError) =>
          options.log.warn('poll waits for its function', { error: why });
        const call = () => untilReady(() => invoke(POLL, event, { signal }), { ...options, onWait, signal });
        const payload = await retry('the call of the poll function', call, { ...options, signal });
        return toReply(parseMessage(payload));
      } catch (error) {
        return toFailure(error, POLL);
      }
    },
  };
}

function toReply(answer: unknown): PollReply {
  const value: unknown = Array.isArray(answer) && answer.length === 1 ? answer[0] : undefined;
  if (typeof value === 'object' && value !== null && 'success' in value && 'msg' in value) {
    if (value.success === 0 && 'result' in value) return value as PollReply;
    if (value.success === 1 && typeof value.msg === 'string') return value as PollReply;
  }
  throw new TypeError(
    'the answer of the function is not a poll reply; check that it is the poll function of this version',
  );
}
