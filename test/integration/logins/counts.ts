import { ALL_HOSTS } from '../../support/world/estate.ts';
import type { World } from '../../support/world/world.ts';

const { signal } = new AbortController();

export interface Count {
  readonly host: string;
  /** Refusals that stand in the table, and an attempt without an end. */
  readonly counted: number;
  /** Logins whose password was sent since the last one that the host accepted; `refused`: those before it too. */
  readonly sent: number;
  readonly refused: number;
}

/**
 * Of local accounts, when nothing is in flight: what stands of each host, and what it may have counted since `from`,
 * an index of `world.logins` where all was well. The table has never fewer than the host, and never two for one login.
 */
export async function counts(world: World, from: number): Promise<readonly Count[]> {
  const all = await world.accounts.readAll('root', { signal });
  return ALL_HOSTS.map((host) => {
    const { refusals = 0, openAttempt } = all.get(host) ?? {};
    const sent = world.logins.slice(from).filter((login) => login.host === host);
    const lastAccepted = sent.findLastIndex(({ accepted }) => accepted);
    return {
      host,
      counted: refusals + (openAttempt === undefined ? 0 : 1),
      sent: sent.length,
      refused: sent.slice(lastAccepted + 1).length,
    };
  });
}
