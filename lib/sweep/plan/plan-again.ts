import { sshAccount } from '../../lockout/principal.ts';
import type { Clock } from '../../platform/clock.ts';
import type { AccountStore } from '../../state/accounts.ts';
import type { BatchHost } from '../batch.ts';
import { heldBack } from './held-back.ts';
import { accountOf, type SshPlan, seenOf } from './plan-hosts.ts';

/**
 * Hosts of a worker that surely is over, as they are asked once more in the same run: by what stands of their accounts
 * now, and with an attempt on record each. Rejects when the accounts cannot be read.
 */
export async function planAgain(
  hosts: readonly BatchHost[],
  { plan, username }: { plan: SshPlan; username: string },
  deps: { readonly accounts: Pick<AccountStore, 'readAll'>; readonly clock: Pick<Clock, 'now'> },
  options: { signal: AbortSignal },
): Promise<BatchHost[]> {
  const { user } = sshAccount({ username, scope: plan.esxi.credentials.scope }, '');
  const accounts = await deps.accounts.readAll(user, options);
  const now = { ...plan, accounts, now: deps.clock.now() };
  return hosts.map((host) => {
    if (host.ssh !== 'try') return host;
    const history = accountOf(now, host.address);
    return { ...host, ssh: heldBack(history, now) ?? 'try', proven: false, account: seenOf(history) };
  });
}
