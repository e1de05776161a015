import type { Credential } from '../../credentials/credential.ts';
import type { Clock } from '../../platform/clock.ts';
import { messageOf } from '../../platform/errors.ts';
import type { Log } from '../../platform/log.ts';
import { takePlace } from '../../platform/take-place.ts';
import type { AccountStore } from '../../state/stores/accounts.ts';
import { leaveAlone } from '../rules/held-back.ts';
import { type LeftAlone, MAX_DETAIL_CHARACTERS } from '../rules/left-alone.ts';
import { mayTryHost } from '../rules/may-try-login.ts';
import { sshAccount } from '../rules/principal.ts';
import { isProven, type SeenAccount, seenOf } from '../rules/seen-account.ts';
import type { LoginQueue } from './guarded-login.ts';

/** What stands of a domain's account when its turn has come. */
export type DomainLook = LeftAlone | { readonly proven: boolean; readonly account: SeenAccount };

export interface DomainLookDeps {
  readonly accounts: Pick<AccountStore, 'read'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly logins: LoginQueue;
}

/** The one account of a domain, at which nobody else of this process is until it is given back. */
export interface HeldDomain {
  /** Whether it may be tried, by what stood in the table when its turn had come. */
  readonly look: DomainLook;
  giveBack(): void;
}

/** Rejects when the signal aborts before its turn has come. */
export async function holdDomain(
  { username, version }: Pick<Credential, 'username' | 'version'>,
  { accounts, clock, log, logins, blacklistMinutes }: DomainLookDeps & { readonly blacklistMinutes: number },
  options: { signal: AbortSignal },
): Promise<HeldDomain> {
  const account = sshAccount({ username, scope: 'domain' }, '');
  const giveBack = await takePlace((login) => logins(account, login), options);
  try {
    const history = await accounts.read(account.user, account.address, options);
    const permission = mayTryHost(history, { now: clock.now(), version, blacklistMinutes });
    if (!permission.allowed) return { look: leaveAlone(permission, history), giveBack };
    return { look: { proven: isProven(history, version), account: seenOf(history) }, giveBack };
  } catch (error) {
    log.warn('what is known of the directory account could not be read', {
      ...account,
      error: messageOf(error),
    });
    const why = messageOf(error).slice(0, MAX_DETAIL_CHARACTERS);
    return { look: { skip: 'state', why }, giveBack };
  }
}
