import type { Clock } from '../../platform/clock.ts';
import { startDeadline } from '../../platform/deadline.ts';
import type { Polls } from '../answer-poll.ts';
import { endWithNul } from '../format/cclient.ts';
import { printReply } from '../format/print-reply.ts';
import { printPythonJson } from '../format/python-json.ts';
import { parseMessage } from '../parse-message.ts';
import type { PollReply } from '../reply.ts';

export interface AnswerRequestDeps {
  readonly polls: Pick<Polls, 'answer'>;
  readonly clock: Clock;
  /** A poll is given up then: its client asks again, or has gone. */
  readonly timeoutMs: number;
}

/**
 * Requests for one target in hand. A target that hangs fills this, not the gateway: who asks for it beyond that is
 * told so at once.
 */
const IN_HAND_PER_TARGET = 128;

/** Answers the text of a request with the text of its reply; never rejects. Aborting `signal` gives polls up. */
export function createAnswerRequest(
  { polls, clock, timeoutMs }: AnswerRequestDeps,
  { signal }: { signal: AbortSignal },
): (body: Uint8Array) => Promise<string> {
  const inHand = new Map<string, number>();
  const poll = async (message: unknown): Promise<PollReply> => {
    const target = targetOf(message);
    const before = inHand.get(target) ?? 0;
    if (before >= IN_HAND_PER_TARGET) return fault(`${target} has ${before} polls in hand; ask again later`);
    inHand.set(target, before + 1);
    try {
      using deadline = startDeadline({ clock, ms: timeoutMs, what: 'the poll', signal });
      return await polls.answer(message, { signal: deadline.signal });
    } finally {
      const after = (inHand.get(target) ?? 0) - 1;
      if (after > 0) inHand.set(target, after);
      else inHand.delete(target);
    }
  };
  return async (body) => {
    const message = parseMessage(body);
    return message === undefined ? NO_JSON : printReply(await poll(message), message);
  };
}

const fault = (msg: string): PollReply => ({ success: 1, msg });

/**
 * What is no JSON comes of clients in C, which put their arguments into a template as they are. They read a reply up
 * to a NUL, and without one beyond its end, for Zabbix's module in the memory of the Zabbix server.
 */
const NO_JSON = endWithNul(printPythonJson({ success: 1, msg: 'Invalid message received' }));

function targetOf(message: unknown): string {
  const isObject = typeof message === 'object' && message !== null && 'hostname' in message;
  return isObject && typeof message.hostname === 'string' ? message.hostname : '';
}
