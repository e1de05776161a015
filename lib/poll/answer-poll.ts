import type { Config, TargetConfig } from '../config/schema.ts';
import { messageOf } from '../platform/errors.ts';
import { checkProperties } from './check-properties.ts';
import { checkRequest } from './check-request.ts';
import { OLD_METHOD_NAMES, POLL_METHODS } from './registry.ts';
import { type PollReply, toFailure } from './reply.ts';
import {
  openTargetSessions,
  type PollLoginDeps,
  type PollTime,
  type SessionLife,
  type TargetSessions,
} from './target-sessions.ts';

export interface AnswerPollDeps extends PollLoginDeps {
  readonly targets: readonly TargetConfig[];
  readonly config: Pick<Config, 'esxi' | 'polls'>;
}

/** Answers requests of vPoller. Nothing here rejects: what went wrong stands in the reply. Dispose it: that logs out. */
export interface Polls extends AsyncDisposable {
  answer(message: unknown, time: PollTime): Promise<PollReply>;
  /** Many together, in their order. */
  answerAll(messages: readonly unknown[], time: PollTime): Promise<readonly PollReply[]>;
}

/** Polls with one session a target, for as long as they are not disposed. */
export function openPolls(deps: AnswerPollDeps, life: SessionLife): Polls {
  const sessions = openTargetSessions(deps, life);
  const answer = (message: unknown, time: PollTime) => answerOne(message, deps, { sessions, time });
  return {
    answer,
    answerAll: (messages, time) => Promise.all(messages.map((one) => answer(one, time))),
    [Symbol.asyncDispose]: () => sessions[Symbol.asyncDispose](),
  };
}

async function answerOne(
  message: unknown,
  { targets, config, log }: AnswerPollDeps,
  { sessions, time }: { sessions: TargetSessions; time: PollTime },
): Promise<PollReply> {
  let name = 'poll';
  try {
    const { method, target, request } = checkRequest(message, {
      methods: POLL_METHODS,
      oldNames: OLD_METHOD_NAMES,
      targets,
    });
    name = method.name;
    checkProperties(method, request, config);
    const result = await sessions.use(target, (session) => method.run(session, request, time), time);
    const { successMessage } = method;
    const msg = typeof successMessage === 'string' ? successMessage : successMessage(request);
    return { success: 0, msg, result };
  } catch (error) {
    log.warn(`${name} failed`, { error: messageOf(error) });
    return toFailure(error, name);
  }
}
