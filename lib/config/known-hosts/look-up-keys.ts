import type { Clock } from '../../platform/clock.ts';
import type { KnownHosts } from './find-keys.ts';

/** Comparisons of a host with a line, some microseconds each, after which the event loop has a turn. */
const COMPARISONS_A_TURN = 2_000;

/** The share of the time that the workers have in which a run may look up the keys of its hosts. */
export const LOOK_UP_SHARE = 1 / 4;

/**
 * Has the known_hosts file look at hosts, so that whoever asks for one later has its answer at once. A file with hashed
 * names costs an HMAC a line and host: logins that are under way must not wait for all of them. Ends early, without an
 * error, when the signal aborts; another call goes on where this one ended.
 */
export async function lookUpKeys(
  hosts: Iterable<{ readonly address: string; readonly port: number }>,
  { knownHosts, clock }: { knownHosts: KnownHosts; clock: Clock },
  { signal }: { signal: AbortSignal },
): Promise<void> {
  if (knownHosts.searched === 0) return;
  const hostsATurn = Math.ceil(COMPARISONS_A_TURN / knownHosts.searched);
  let looked = 0;
  for (const host of hosts) {
    if (knownHosts.isFound(host)) continue;
    if (signal.aborted) return;
    knownHosts.find(host);
    looked += 1;
    if (looked % hostsATurn === 0) await clock.sleep(0, { signal }).catch(() => undefined);
  }
}
