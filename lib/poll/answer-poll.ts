import pLimit from 'p-limit';
import type { TargetConfig } from '../config/schema.ts';
import { messageOf } from '../platform/errors.ts';
import { checkProperties } from './check-properties.ts';
import { checkRequest } from './check-request.ts';
import { toReadOnly } from './read-only-session.ts';
import { OLD_METHOD_NAMES, POLL_METHODS } from './registry.ts';
import { type PollReply, toFailure } from './reply.ts';
import {
  openTargetSessions,
  type PollLoginDeps,
  type PollTime,
  type TargetSessions,
} from './target-sessions.ts';

export interface AnswerPollDeps extends PollLoginDeps {
  readonly targets: readonly TargetConfig[];
}

/** Requests of a list at once: vCenter shares its threads among all its clients. */
const REQUESTS_AT_ONCE = 16;

/**
 * Answers a request of vPoller. Never rejects: what went wrong stands in the reply. No session is left when it
 * resolves.
 */
export async function answerPoll(message: unknown, deps: AnswerPollDeps, time: PollTime): Promise<PollReply> {
  await using sessions = openTargetSessions(deps, time);
  const { signal } = time;
  return await answerOne(message, deps, { sessions, signal });
}

/** Answers many together, in their order, with one session a target. */
export async function answerPolls(
  messages: readonly unknown[],
  deps: AnswerPollDeps,
  time: PollTime,
): Promise<readonly PollReply[]> {
  await using sessions = openTargetSessions(deps, time);
  const { signal } = time;
  const limit = pLimit(REQUESTS_AT_ONCE);
  return await Promise.all(messages.map((one) => limit(() => answerOne(one, deps, { sessions, signal }))));
}

async function answerOne(
  message: unknown,
  { targets, log }: AnswerPollDeps,
  { sessions, signal }: { sessions: TargetSessions; signal: AbortSignal },
): Promise<PollReply> {
  let name = 'poll';
  try {
    const { method, target, request } = checkRequest(message, {
      methods: POLL_METHODS,
      oldNames: OLD_METHOD_NAMES,
      targets,
    });
    name = method.name;
    checkProperties(method, request);
    const result = await sessions.use(target, (session) =>
      method.run(toReadOnly(session), request, { signal }),
    );
    const { successMessage } = method;
    const msg = typeof successMessage === 'string' ? successMessage : successMessage(request);
    return { success: 0, msg, result };
  } catch (error) {
    log.warn(`${name} failed`, { error: messageOf(error) });
    return toFailure(error, name);
  }
}
