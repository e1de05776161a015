import { HOST } from '../../inventory/host.ts';
import type { Clock } from '../../platform/clock.ts';
import { withTimeLimit } from '../../platform/deadline.ts';
import { messageOf } from '../../platform/errors.ts';
import type { Log } from '../../platform/log.ts';
import type { ReadSession } from '../../readers/reader.ts';
import type { HostLimits } from '../../state/stores/account-history.ts';
import type { AccountStore } from '../../state/stores/accounts.ts';
import { type HostOfLimits, isNews, OPTIONS_PATH, parseHostLimits } from '../plan/host-limits.ts';

export interface ReadLimitsDeps {
  readonly accounts: Pick<AccountStore, 'recordLimits'>;
  readonly log: Log;
  readonly clock: Clock;
}

/**
 * The lockout limits of hosts that hold refusals, by address, read in `ms` at most by the sweep's own session, before it
 * is planned whose account may be tried. What is new is kept for the runs that cannot read it. Without an answer the
 * stored limit holds, and one that was never read is taken for the lowest that is in use. Never rejects.
 */
export async function readLimits(
  hosts: readonly HostOfLimits[],
  { session, username, ms }: { session: ReadSession | undefined; username: string; ms: number },
  { accounts, log, clock }: ReadLimitsDeps,
  { signal }: { signal: AbortSignal },
): Promise<ReadonlyMap<string, HostLimits>> {
  const read = new Map<string, HostLimits>();
  if (session === undefined || hosts.length === 0) return read;
  const asked = new Map(hosts.map((host) => [host.moref, host]));
  const query = { type: HOST.types[0] ?? '', morefs: [...asked.keys()], paths: [OPTIONS_PATH] };
  const limit = { clock, ms, what: 'reading the lockout limits of hosts', signal };
  const warn = (error: unknown) =>
    log.warn('the lockout limits of hosts could not be read or kept', { error: messageOf(error) });
  const keep = async (host: HostOfLimits, limits: HostLimits, limited: AbortSignal) => {
    if (!isNews(limits, host.account)) return;
    await accounts.recordLimits(username, host.address, limits, { signal: limited }).catch(warn);
  };
  try {
    await withTimeLimit(limit, async (limited) => {
      for await (const { moref, properties } of session.retrieve(query, { signal: limited })) {
        const host = asked.get(moref.value);
        if (host === undefined) continue;
        const limits = parseHostLimits(properties.get(OPTIONS_PATH));
        read.set(host.address, stricter(read.get(host.address), limits));
      }
      const keeping = hosts.map((host) => keep(host, read.get(host.address) ?? {}, limited));
      await Promise.all(keeping);
    });
  } catch (error) {
    warn(error);
  }
  return read;
}

/** Of two objects of one address: what is left of a host that was added anew may have an old limit, or none. */
function stricter(known: HostLimits | undefined, found: HostLimits): HostLimits {
  if (known?.hostLimit === undefined) return { ...known, ...found };
  return atMost(found.hostLimit) < atMost(known.hostLimit) ? found : known;
}

/** 0 is a host that never locks. */
const atMost = (hostLimit: number | undefined): number => hostLimit || Number.POSITIVE_INFINITY;
