import { HOST } from '../../inventory/host.ts';
import type { Clock } from '../../platform/clock.ts';
import { withTimeLimit } from '../../platform/deadline.ts';
import { messageOf } from '../../platform/errors.ts';
import type { Log } from '../../platform/log.ts';
import type { ReadSession } from '../../readers/reader.ts';
import type { AccountStore } from '../../state/stores/accounts.ts';
import type { BatchHost, BatchRequest } from '../batch.ts';
import { hostsOfLimits, isNews, OPTIONS_PATH, parseHostLimits } from './host-limits.ts';

/** Of all settings of 50 hosts at most; a vCenter that hangs holds no run for longer. */
const LIMITS_MS = 10_000;

/**
 * Keeps the lockout limits of hosts that hold refusals, read by the sweep's own session: an unread one is taken for the
 * lowest that is in use. Nothing of the one account of a domain. Never rejects.
 */
export async function recordLimits(
  hosts: readonly BatchHost[],
  credential: Pick<NonNullable<BatchRequest['credential']>, 'username' | 'scope'> | undefined,
  deps: {
    readonly session: ReadSession | undefined;
    readonly accounts: Pick<AccountStore, 'recordLimits'>;
    readonly log: Log;
    readonly clock: Clock;
  },
  { signal }: { signal: AbortSignal },
): Promise<void> {
  const asked = new Map(hostsOfLimits(hosts).map((host) => [host.moref, host]));
  const { session, accounts, log, clock } = deps;
  if (session === undefined || credential === undefined || credential.scope === 'domain' || asked.size === 0)
    return;
  const query = { type: HOST.types[0] ?? '', morefs: [...asked.keys()], paths: [OPTIONS_PATH] };
  const limit = { clock, ms: LIMITS_MS, what: 'reading the lockout limits of hosts', signal };
  const warn = (error: unknown) =>
    log.warn('the lockout limits of hosts could not be read or kept', { error: messageOf(error) });
  try {
    await withTimeLimit(limit, async (limited) => {
      for await (const { moref, properties } of session.retrieve(query, { signal: limited })) {
        const host = asked.get(moref.value);
        const limits = parseHostLimits(properties.get(OPTIONS_PATH));
        if (host === undefined || !isNews(limits, host.account)) continue;
        const keeping = accounts.recordLimits(credential.username, host.address, limits, { signal: limited });
        await keeping.catch(warn);
      }
    });
  } catch (error) {
    warn(error);
  }
}
