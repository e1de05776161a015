import type { Polls } from './answer-poll.ts';
import { fitReplies, MAX_ANSWER_BYTES } from './fit-replies.ts';
import { readUrlEvent, toUrlAnswer, type UrlAnswer } from './function-url.ts';
import { holdsGuestCredentials } from './guest-credentials.ts';
import type { PollReply } from './reply.ts';
import type { PollTime } from './target-sessions.ts';

/** Of a list of requests a list of replies; by a function URL as the body of an HTTP answer. */
export type EventAnswer = PollReply | readonly PollReply[] | UrlAnswer;

interface AnswerEventDeps {
  readonly polls: Pick<Polls, 'answer'>;
  /** Lambda hands a client context to synchronous invocations only: an event that came with one was in no queue. */
  readonly hasClientContext: boolean;
}

const MAX_REQUESTS = 1_000;

/**
 * Answers what the poll function was called with: by an invocation, or by a function URL, which is synchronous by
 * itself. (Who may invoke can write an event that looks like a URL's; the guest's password in it is then his own to
 * queue.)
 */
export async function answerEvent(
  event: unknown,
  { polls, hasClientContext }: AnswerEventDeps,
  time: PollTime,
): Promise<EventAnswer> {
  const call = readUrlEvent(event);
  if (call === undefined) {
    return await answerMessages(event, { polls, takesGuests: hasClientContext, bytesOf: bytesOnce }, time);
  }
  if ('refused' in call) return call.refused;
  return toUrlAnswer(
    await answerMessages(call.message, { polls, takesGuests: true, bytesOf: bytesTwice }, time),
  );
}

async function answerMessages(
  asked: unknown,
  how: { polls: Pick<Polls, 'answer'>; takesGuests: boolean; bytesOf: (reply: PollReply) => number },
  time: PollTime,
): Promise<PollReply | readonly PollReply[]> {
  const messages: readonly unknown[] = Array.isArray(asked) ? asked : [asked];
  if (messages.length > MAX_REQUESTS) {
    return {
      success: 1,
      msg: `A list may have ${MAX_REQUESTS} requests, and this one has ${messages.length}`,
    };
  }
  const replies = await Promise.all(messages.map((message) => answerOne(message, how, time)));
  const fitting = fitReplies(replies, { maxBytes: MAX_ANSWER_BYTES, bytesOf: how.bytesOf });
  const [first] = fitting;
  return Array.isArray(asked) || first === undefined ? fitting : first;
}

/** A guest's password must not wait in a queue, where an asynchronous invocation would leave it. */
async function answerOne(
  message: unknown,
  { polls, takesGuests }: { polls: Pick<Polls, 'answer'>; takesGuests: boolean },
  time: PollTime,
): Promise<PollReply> {
  if (!takesGuests && holdsGuestCredentials(message)) return QUEUED;
  return await polls.answer(message, time);
}

const QUEUED: PollReply = {
  success: 1,
  msg: 'Guest credentials are taken from a synchronous call only; make one, with the client context {"custom": {"vsweep": "poll"}}',
};

const bytesOnce = (reply: PollReply) => Buffer.byteLength(JSON.stringify(reply));
/** As the text of a body inside the JSON that the function answers, where each quote takes a backslash more. */
const bytesTwice = (reply: PollReply) => Buffer.byteLength(JSON.stringify(JSON.stringify(reply)));
