import type { LoadedConfig } from '../config/loaded-config.ts';
import { printLift, printLimits } from '../logins/rules/explain-forbidden.ts';
import { type Forbidden, mayTryHost, mayTryVcenter } from '../logins/rules/may-try-login.ts';
import { isRestAddress } from '../logins/trial/rest-login.ts';
import { addressOfTarget } from '../logins/trial/target-login.ts';
import { systemClock } from '../platform/clock.ts';
import { normalAddress } from '../state/address-map.ts';
import type { State } from '../state/state.ts';
import type { AccountHistory } from '../state/stores/account-history.ts';
import { readLastList } from '../sweep/listing/list-target.ts';
import { addressOf } from '../sweep/plan/address.ts';
import { formatTable } from './format-table.ts';
import { type StateOptions, withState } from './open-state.ts';
import { print, printError, printTime, tableWidth } from './terminal.ts';

/** `vsweep blacklist list`: every account with a refusal or an attempt without an end, and when it is tried again. */
export async function blacklistListCommand(options: StateOptions & { json: boolean }): Promise<number> {
  return await withState(options, async ({ state, loaded, signal }) => {
    const refused = await state.accounts.list({ signal });
    const hosts = await addressesOfHosts(state, loaded, { signal });
    const listed = refused.map((account) => ({ account, next: nextLogin(account, hosts, loaded) }));
    if (options.json)
      print(
        JSON.stringify(
          listed.map(({ account, next }) => ({ ...account, ...next })),
          undefined,
          2,
        ),
      );
    else if (refused.length === 0) print('no account has a refused login');
    else {
      const rows = listed.map(({ account, next }) => [
        account.user,
        account.address,
        `${account.refusals}${account.openAttempt === undefined ? '' : ' + 1 open'}`,
        printLimits(account),
        printTime(account.lastRefusalAt ?? account.openAttempt?.at),
        printNext(next),
      ]);
      print(
        formatTable(['user', 'address', 'refusals', 'limit', 'last refusal', 'next try'], rows, {
          width: tableWidth(options),
        }),
      );
      print(`To lift one, ${printLift({ user: '<user>', address: '<address>' })}`);
    }
    return 0;
  });
}

/**
 * `vsweep blacklist lift`: forgets refusals, after the operator said that the host's own counter was reset, because
 * that one does not decay and vsweep would otherwise spend what is left of it. Answers 1 when there was nothing to lift, which is a name that was not written right.
 */
export async function blacklistLiftCommand(
  options: StateOptions & { user: string; address?: string; counterWasReset?: boolean; json: boolean },
): Promise<number> {
  if (options.counterWasReset !== true) {
    printError(
      'A host or directory counts refused logins until one succeeds; a lift does not reset that counter. Log in there ' +
        'once with the right password (or unlock the account there), then repeat this with --counter-was-reset.',
    );
    return 2;
  }
  return await withState(options, async ({ state, signal }) => {
    const lifted = await state.accounts.lift(options.user, options.address, { signal });
    print(options.json ? JSON.stringify({ lifted }) : `${lifted} lifted`);
    if (lifted > 0) return 0;
    const where = options.address === undefined ? '' : ` on ${options.address}`;
    printError(
      `no refused login of "${options.user}"${where} is recorded; "vsweep blacklist list" shows every account that has one`,
    );
    return 1;
  });
}

/** Where hosts are dialled, by the lists that can be read: an ESXi host that is a target itself is no vCenter. */
async function addressesOfHosts(
  { hostLists }: State,
  { config: { targets, esxi } }: LoadedConfig,
  options: { signal: AbortSignal },
): Promise<ReadonlySet<string>> {
  if (esxi === undefined) return new Set();
  const lists = await Promise.all(
    targets.map(({ name }) =>
      readLastList(name, { hostLists, clock: systemClock }, options).catch(() => undefined),
    ),
  );
  const hosts = lists.flatMap((list) => list?.hosts ?? []);
  return new Set(hosts.map((host) => normalAddress(addressOf(host, esxi).address)));
}

export interface NextLogin {
  /** What opens the account again; `run`: nothing is in the way of the next one. */
  readonly opens: 'run' | Forbidden['opens'];
  /** Epoch milliseconds, when it is time. */
  readonly until?: number;
}

/** As it stands for the credential that was refused last; another one may be tried sooner. */
export function nextLogin(
  account: AccountHistory,
  hosts: ReadonlySet<string>,
  { config }: Pick<LoadedConfig, 'config'>,
): NextLogin {
  const version = account.openAttempt?.version ?? account.refusedVersions.at(-1) ?? '';
  const ask = { now: systemClock.now(), version, blacklistMinutes: config.blacklist.minutes };
  const isTarget = config.targets.some(
    (target) => normalAddress(addressOfTarget(target)) === account.address,
  );
  const isVcenter = isRestAddress(account.address) || (isTarget && !hosts.has(account.address));
  const permission = isVcenter ? mayTryVcenter(account, ask) : mayTryHost(account, ask);
  if (permission.allowed) return { opens: 'run' };
  const { opens, until } = permission;
  return { opens, ...(until === undefined ? {} : { until }) };
}

function printNext({ opens, until }: NextLogin): string {
  switch (opens) {
    case 'run':
      return 'in the next run';
    case 'time':
      return printTime(until);
    case 'new-version':
      return 'when the credential changes';
    case 'lift':
      return 'after "blacklist lift"';
    default:
      return opens satisfies never;
  }
}
