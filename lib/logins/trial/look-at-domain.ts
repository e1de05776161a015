import type { Credential } from '../../credentials/credential.ts';
import type { Clock } from '../../platform/clock.ts';
import { messageOf } from '../../platform/errors.ts';
import type { Log } from '../../platform/log.ts';
import type { AccountStore } from '../../state/stores/accounts.ts';
import { leaveAlone } from '../rules/held-back.ts';
import { MAX_DETAIL_CHARACTERS } from '../rules/left-alone.ts';
import { mayTryHost } from '../rules/may-try-login.ts';
import { sshAccount } from '../rules/principal.ts';
import { isProven, seenOf } from '../rules/seen-account.ts';
import { inTurn, type LoginQueue } from './guarded-login.ts';
import type { DomainLook } from './waves.ts';

export interface DomainLookDeps {
  readonly accounts: Pick<AccountStore, 'read'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly logins: LoginQueue;
}

/**
 * With nobody else of this process at the account: whether it may be tried now, by what stands in the table. Rejects
 * when the signal aborts before its turn has come.
 */
export async function lookAtDomain(
  { username, version }: Pick<Credential, 'username' | 'version'>,
  { blacklistMinutes, ask }: { blacklistMinutes: number; ask: (look: DomainLook) => Promise<void> },
  { accounts, clock, log, logins }: DomainLookDeps,
  options: { signal: AbortSignal },
): Promise<void> {
  const account = sshAccount({ username, scope: 'domain' }, '');
  const look = async (): Promise<DomainLook> => {
    try {
      const history = await accounts.read(account.user, account.address, options);
      const permission = mayTryHost(history, { now: clock.now(), version, blacklistMinutes });
      if (!permission.allowed) return leaveAlone(permission, history);
      return { proven: isProven(history, version), account: seenOf(history) };
    } catch (error) {
      log.warn('the account of a domain could not be read', { ...account, error: messageOf(error) });
      return { skip: 'state', why: messageOf(error).slice(0, MAX_DETAIL_CHARACTERS) };
    }
  };
  await inTurn(logins, account, options.signal, async () => ask(await look()));
}
