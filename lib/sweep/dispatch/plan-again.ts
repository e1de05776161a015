import { heldBack } from '../../logins/rules/held-back.ts';
import { type SshCredential, sshAccount, sshUser } from '../../logins/rules/principal.ts';
import { seenOf } from '../../logins/rules/seen-account.ts';
import type { Clock } from '../../platform/clock.ts';
import { endpointOf } from '../../state/address-map.ts';
import type { AccountStore } from '../../state/stores/accounts.ts';
import type { HostKeyStore } from '../../state/stores/host-keys.ts';
import type { BatchHost } from '../batch.ts';
import { accountOf, ownHistoryOf, type SshPlan } from '../plan/plan-hosts.ts';

/**
 * Hosts of a worker that surely is over, as they are asked once more in the same run: by what stands of their accounts
 * now, with the keys that their worker pinned, and with an attempt on record each. Rejects when the accounts or the keys
 * cannot be read.
 */
export async function planAgain(
  hosts: readonly BatchHost[],
  { plan, credential }: { plan: SshPlan; credential: SshCredential },
  deps: {
    readonly accounts: Pick<AccountStore, 'readSome'>;
    readonly hostKeys: Pick<HostKeyStore, 'readSome'>;
    readonly clock: Pick<Clock, 'now'>;
  },
  options: { signal: AbortSignal },
): Promise<BatchHost[]> {
  const asked = hosts.filter(({ ssh }) => ssh === 'try');
  const addresses = asked.map(({ address }) => sshAccount(credential, address).address);
  const unpinned = asked.filter(({ hostKey }) => hostKey === undefined).map(endpointOf);
  const [accounts, keys] = await Promise.all([
    deps.accounts.readSome(sshUser(credential), { addresses }, options),
    // A host whose item is malformed is not asked by its worker.
    deps.hostKeys.readSome(unpinned, { ...options, onMalformed: () => undefined }),
  ]);
  const now = { ...plan, accounts, now: deps.clock.now() };
  return hosts.map((host) => {
    if (host.ssh !== 'try') return host;
    const history = accountOf(now, host.address);
    // One that was pinned when the run began is the one that the plan looked at.
    const hostKey = host.hostKey ?? keyIn(keys.get(endpointOf(host)));
    return {
      ...host,
      ...(hostKey && { hostKey }),
      ssh: heldBack(ownHistoryOf(now, host.address), now) ?? 'try',
      proven: false,
      account: seenOf(history),
    };
  });
}

const keyIn = (pinned: { type: string; blob: string } | undefined): BatchHost['hostKey'] | undefined =>
  pinned && { type: pinned.type, blob: pinned.blob };
