import { type AnswerPollDeps, openPolls } from '../../lib/poll/answer-poll.ts';
import type { PollReply } from '../../lib/poll/reply.ts';
import type { PollTime } from '../../lib/poll/target-sessions.ts';

/** Answers one request. No session is left when it resolves. */
export async function answerPoll(message: unknown, deps: AnswerPollDeps, time: PollTime): Promise<PollReply> {
  await using polls = openPolls(deps, 'invocation');
  return await polls.answer(message, time);
}

/** Answers many together, in their order. No session is left when it resolves. */
export async function answerPolls(
  messages: readonly unknown[],
  deps: AnswerPollDeps,
  time: PollTime,
): Promise<readonly PollReply[]> {
  await using polls = openPolls(deps, 'invocation');
  return await polls.answerAll(messages, time);
}
