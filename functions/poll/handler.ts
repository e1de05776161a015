import type { Context } from 'aws-lambda';
import { startDeadline } from '../../lib/platform/deadline.ts';
import { type AnswerPollDeps, answerPoll, answerPolls } from '../../lib/poll/answer-poll.ts';
import type { PollReply } from '../../lib/poll/reply.ts';
import { createContainer } from './container.ts';

/** What is left to Lambda's own end, for the logout and the answer. */
const MARGIN_MS = 2_000;

/** A poll: a request of vPoller in, its reply out; a list of requests, a list of replies. */
export function createHandler(deps: AnswerPollDeps) {
  return async (
    event: unknown,
    context: Pick<Context, 'getRemainingTimeInMillis'>,
  ): Promise<PollReply | readonly PollReply[]> => {
    const endsAt = deps.clock.now() + context.getRemainingTimeInMillis() - MARGIN_MS;
    using deadline = startDeadline({ clock: deps.clock, endsAt, what: 'the poll' });
    return Array.isArray(event)
      ? await answerPolls(event, deps, deadline)
      : await answerPoll(event, deps, deadline);
  };
}

export const handler = createHandler(createContainer(process.env));
