import type { Invoke } from '../platform/invoke.ts';
import type { Polls } from './answer-poll.ts';
import type { JsonValue, PollReply } from './reply.ts';
import { toFailure } from './reply.ts';

/** The name of the poll function for `Invoke`, whatever it is called where it is deployed. */
export const POLL = 'poll';

/**
 * The client context of such a call. Lambda hands one to synchronous invocations only, so a function that sees it
 * knows that its event was in no queue.
 */
export const POLL_CLIENT_CONTEXT = { custom: { vsweep: 'poll' } } as const;

/** Polls that the poll function answers. The event may hold a guest's password: the call has to be synchronous. */
export function createLambdaPolls(invoke: Invoke): Pick<Polls, 'answer'> {
  return {
    async answer(message, { signal }) {
      try {
        const payload = await invoke(POLL, Buffer.from(JSON.stringify(message)), { signal });
        return toReply(JSON.parse(Buffer.from(payload).toString()) as JsonValue);
      } catch (error) {
        return toFailure(error, POLL);
      }
    },
  };
}

function toReply(value: JsonValue): PollReply {
  if (typeof value === 'object' && value !== null && 'success' in value && 'msg' in value) {
    if (value.success === 0 && 'result' in value) return value as unknown as PollReply;
    if (value.success === 1 && typeof value.msg === 'string') return value as unknown as PollReply;
  }
  throw new TypeError(
    'what the function answered is no reply to a poll; is it the poll function of this version?',
  );
}
