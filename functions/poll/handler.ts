import type { Context } from 'aws-lambda';
import { type Deadline, startDeadline } from '../../lib/platform/deadline.ts';
import type { Polls } from '../../lib/poll/answer-poll.ts';
import { holdsGuestCredentials } from '../../lib/poll/guest-credentials.ts';
import type { PollReply } from '../../lib/poll/reply.ts';
import { createContainer, type PollContainer } from './container.ts';

/** What is left to Lambda's own end, for the answer. */
const MARGIN_MS = 2_000;

type PollContext = Pick<Context, 'getRemainingTimeInMillis' | 'clientContext'>;

/** A poll: a request of vPoller in, its reply out; a list of requests, a list of replies. */
export function createHandler({ polls, clock }: PollContainer) {
  return async (event: unknown, context: PollContext): Promise<PollReply | readonly PollReply[]> => {
    const endsAt = clock.now() + context.getRemainingTimeInMillis() - MARGIN_MS;
    using deadline = startDeadline({ clock, endsAt, what: 'the poll' });
    // A sandbox that was frozen first closes the connections whose time ran out meanwhile.
    await clock.sleep(0, deadline);
    if (!Array.isArray(event)) return await answer(event, context, { polls, deadline });
    return await Promise.all(event.map((one: unknown) => answer(one, context, { polls, deadline })));
  };
}

/**
 * Lambda hands a client context to synchronous invocations only: an event that came with one was in no queue, where a
 * guest's password must not be.
 */
async function answer(
  message: unknown,
  { clientContext }: PollContext,
  { polls, deadline }: { polls: Polls; deadline: Deadline },
): Promise<PollReply> {
  if (!clientContext && holdsGuestCredentials(message)) return QUEUED;
  return await polls.answer(message, deadline);
}

const QUEUED: PollReply = {
  success: 1,
  msg: 'Guest credentials are taken from a synchronous call only; make one, with the client context {"custom": {"vsweep": "poll"}}',
};

export const handler = createHandler(createContainer(process.env));
