import { createLoginQueue } from '../../lib/lockout/guarded-login.ts';
import type { AnswerPollDeps } from '../../lib/poll/answer-poll.ts';
import { wirePoll } from '../../lib/poll/wire-poll.ts';
import { createAccountMemory } from '../../lib/state/account-memory.ts';
import { createSurroundings } from '../surroundings.ts';

/** Everything that a poll needs, wired for AWS. Throws ConfigError. */
export function createContainer(env: NodeJS.ProcessEnv): AnswerPollDeps {
  const surroundings = createSurroundings('poll', env);
  const { state, clock } = surroundings;
  const { accounts } = createAccountMemory(state.accounts, { now: () => clock.now() });
  return wirePoll(surroundings, { logins: createLoginQueue(), accounts });
}
