import type { Clock } from '../../platform/clock.ts';
import { messageOf } from '../../platform/errors.ts';
import type { Log } from '../../platform/log.ts';
import type { AccountStore } from '../../state/stores/accounts.ts';
import { leaveAlone } from '../rules/held-back.ts';
import { type LeftAlone, MAX_DETAIL_CHARACTERS } from '../rules/left-alone.ts';
import { mayTryHost } from '../rules/may-try-login.ts';
import { PRINCIPAL, principalOf, type SshCredential } from '../rules/principal.ts';
import { type SeenAccount, seenOf } from '../rules/seen-account.ts';

export interface DomainLookDeps {
  readonly accounts: Pick<AccountStore, 'read'>;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * What stands of the one account of a domain before the next host is asked, or why none is. That no more stands of it
 * when the host's turn has come is looked up by its worker. Never rejects.
 */
export async function lookAtDomain(
  { username, version }: Pick<SshCredential, 'username' | 'version'>,
  { accounts, clock, log, blacklistMinutes }: DomainLookDeps & { readonly blacklistMinutes: number },
  options: { signal: AbortSignal },
): Promise<LeftAlone | SeenAccount> {
  const account = { user: principalOf(username), address: PRINCIPAL };
  try {
    const history = await accounts.read(account.user, account.address, options);
    const permission = mayTryHost(history, { now: clock.now(), version, blacklistMinutes });
    return permission.allowed ? seenOf(history) : leaveAlone(permission, history);
  } catch (error) {
    if (options.signal.aborted) return { skip: 'deadline' };
    const why = messageOf(error);
    log.warn('what is known of the directory account could not be read', { ...account, error: why });
    return { skip: 'state', why: why.slice(0, MAX_DETAIL_CHARACTERS) };
  }
}
