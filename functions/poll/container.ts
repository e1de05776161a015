import { createLoginQueue } from '../../lib/lockout/guarded-login.ts';
import type { AnswerPollDeps } from '../../lib/poll/answer-poll.ts';
import { wirePoll } from '../../lib/poll/wire-poll.ts';
import { createSurroundings } from '../surroundings.ts';

/** Everything that a poll needs, wired for AWS. Throws ConfigError. */
export const createContainer = (env: NodeJS.ProcessEnv): AnswerPollDeps =>
  wirePoll(createSurroundings('poll', env), { logins: createLoginQueue() });
