import '../../lib/platform/interpreted-schemas.ts';
import type { Context } from 'aws-lambda';
import { startDeadline } from '../../lib/platform/deadline.ts';
import { answerEvent, type EventAnswer } from '../../lib/poll/answer-event.ts';
import { inInvocation } from '../in-invocation.ts';
import { createContainer, type PollContainer } from './container.ts';

/** What is left to Lambda's own end, for the answer. */
const MARGIN_MS = 2_000;

type PollContext = Pick<Context, 'getRemainingTimeInMillis' | 'clientContext'>;

/** A poll: a request of vPoller in, its reply out; a list of requests, a list of replies; by invocation or by URL. */
export function createHandler({ polls, clock }: PollContainer) {
  return async (event: unknown, context: PollContext): Promise<EventAnswer> => {
    const ms = context.getRemainingTimeInMillis() - MARGIN_MS;
    using deadline = startDeadline({ clock, ms, what: 'the poll' });
    // A sandbox that was frozen first closes the connections whose time ran out meanwhile.
    await clock.sleep(0, deadline);
    return await answerEvent(event, { polls, hasClientContext: Boolean(context.clientContext) }, deadline);
  };
}

export const handler = inInvocation(() => createHandler(createContainer(process.env)));
