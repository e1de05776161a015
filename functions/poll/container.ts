import { createAccountMemory } from '../../lib/logins/history/account-memory.ts';
import { createLoginQueue } from '../../lib/logins/trial/guarded-login.ts';
import type { Clock } from '../../lib/platform/clock.ts';
import { openPolls, type Polls } from '../../lib/poll/answer-poll.ts';
import { wirePoll } from '../../lib/poll/wire-poll.ts';
import { createSurroundings } from '../surroundings.ts';

export interface PollContainer {
  /** Their sessions live as long as the sandbox. */
  readonly polls: Polls;
  readonly clock: Clock;
}

/**
 * Everything that a poll needs, wired for AWS. Nobody disposes of it: Lambda tells no sandbox of its end, so sessions
 * are left to vCenter's idle time-out. There is one a target and sandbox. Throws ConfigError.
 */
export function createContainer(env: NodeJS.ProcessEnv): PollContainer {
  const surroundings = createSurroundings('poll', env);
  const { state, clock } = surroundings;
  const { accounts } = createAccountMemory(state.accounts, { now: () => clock.now() });
  const deps = wirePoll(surroundings, { logins: createLoginQueue(), accounts });
  return { polls: openPolls(deps, 'process'), clock };
}
