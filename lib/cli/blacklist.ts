import { ConfigError } from '../config/errors.ts';
import type { LoadedConfig } from '../config/loaded-config.ts';
import { nextTryOf } from '../logins/rules/credential-state.ts';
import { printLift, printLimits } from '../logins/rules/explain-forbidden.ts';
import { careOf } from '../logins/rules/lost-worker.ts';
import { type Forbidden, mayTryHost, mayTryVcenter } from '../logins/rules/may-try-login.ts';
import { isRestAddress } from '../logins/trial/rest-login.ts';
import { addressOfTarget } from '../logins/trial/target-login.ts';
import { systemClock } from '../platform/clock.ts';
import { normalAddress } from '../state/address-map.ts';
import type { AccountHistory } from '../state/stores/account-history.ts';
import type { CredentialState } from '../state/stores/credential-states.ts';
import { idsOf } from './credential.ts';
import { formatTable } from './format-table.ts';
import { calledSo, type NamedHost, readNamedHosts } from './named-hosts.ts';
import { type StateOptions, type StateWork, withState } from './open-state.ts';
import { print, printError, printTime, tableWidth } from './terminal.ts';

/** An account with a refusal or an attempt without an end, as an operator reads of it. */
export interface ListedAccount {
  readonly account: AccountHistory;
  readonly next: NextLogin;
  /** What vCenter calls the hosts at its address. */
  readonly hosts: readonly string[];
}

/** Every account with a refusal or an attempt without an end, and when it is tried again. */
export async function listAccounts({ state, loaded, signal }: StateWork): Promise<ListedAccount[]> {
  const refused = await state.accounts.list({ signal });
  const named = await readNamedHosts(state, loaded, { signal });
  const addresses = addressesOf(named);
  const namesOf = Map.groupBy(named, ({ dial }) => dial?.address);
  const credentials = await state.credentialStates.list(idsOf(loaded), { signal });
  return refused.map((account) => ({
    account,
    next: nextLogin(account, addresses, loaded, credentials),
    hosts: (namesOf.get(account.address) ?? []).map(({ name }) => name),
  }));
}

/** `vsweep blacklist list`: every account with a refusal or an attempt without an end, and when it is tried again. */
export async function blacklistListCommand(options: StateOptions & { json: boolean }): Promise<number> {
  return await withState(options, async (opened) => {
    const listed = await listAccounts(opened);
    const told = listed.map(({ account, next }) => ({ ...account, ...next }));
    print(
      options.json
        ? JSON.stringify(told, undefined, 2)
        : printAccounts(listed, { width: tableWidth(options) }),
    );
    return 0;
  });
}

/** A table of at most `width` columns, and how the first account is lifted. */
export function printAccounts(listed: readonly ListedAccount[], { width }: { width: number }): string {
  const [first] = listed;
  if (first === undefined) return 'no account has a refused login';
  const rows = listed.map(({ account, next, hosts }) => [
    account.user,
    account.address,
    hosts.join(', '),
    `${account.refusals}${account.openAttempt === undefined ? '' : ' + 1 open'}`,
    printLimits(account),
    printTime(account.lastRefusalAt ?? account.openAttempt?.at),
    printNext(next),
  ]);
  const header = ['user', 'address', 'host', 'refusals', 'limit', 'last refusal', 'next try'];
  return `${formatTable(header, rows, { width })}\nTo lift the first one, ${liftOf(first.account)}`;
}

/**
 * `vsweep blacklist lift`: forgets refusals. The counter of a host does not decay, and vsweep would spend what is left of it,
 * so there the operator has to say that it was reset; that of a vCenter does. `address` may be the name of a host in vCenter.
 * Answers 1 when there was nothing to lift, which is a name that was not written right.
 */
export async function blacklistLiftCommand(
  options: StateOptions & { user: string; address?: string; counterWasReset?: boolean; json: boolean },
): Promise<number> {
  return await withState(options, async ({ state, loaded, signal }) => {
    const named = await readNamedHosts(state, loaded, { signal });
    const chosen = chooseAccounts(await state.accounts.list({ signal }), options, named);
    const ofHost = chosen.find((account) => !isForgotten(account));
    if (ofHost !== undefined && options.counterWasReset !== true) {
      printError(
        `A host or directory counts refused logins until one succeeds; a lift does not reset that counter. To lift it, ${printLift(ofHost)}`,
      );
      return 2;
    }
    const lifted = await liftAll(chosen, options, { state, signal });
    print(options.json ? JSON.stringify({ lifted }) : `${lifted} lifted`);
    if (lifted > 0) return 0;
    const where = options.address === undefined ? '' : ` on ${options.address}`;
    printError(
      `no refused login of "${options.user}"${where} is recorded; see every account that has one by: vsweep blacklist list`,
    );
    return 1;
  });
}

/** One by one unless all of a user go: an account that was refused since stays, because nobody confirmed it. */
async function liftAll(
  chosen: readonly AccountHistory[],
  { user, address, counterWasReset }: { user: string; address?: string; counterWasReset?: boolean },
  { state, signal }: Pick<StateWork, 'state' | 'signal'>,
): Promise<number> {
  if (address === undefined && counterWasReset === true)
    return await state.accounts.lift(user, undefined, { signal });
  let lifted = 0;
  for (const one of chosen) lifted += await state.accounts.lift(one.user, one.address, { signal });
  return lifted;
}

/** Of one user: on an address, on the host of that name, or everywhere. Throws ConfigError for a name of several addresses. */
export function chooseAccounts(
  accounts: readonly AccountHistory[],
  { user, address }: { user: string; address?: string },
  named: readonly NamedHost[],
): readonly AccountHistory[] {
  const ofUser = accounts.filter((account) => account.user.toLowerCase() === user.toLowerCase());
  if (address === undefined) return ofUser;
  const at = ofUser.filter((account) => account.address === normalAddress(address));
  if (at.length > 0) return at;
  const addresses = addressesOf(calledSo(named, address));
  // A counter was reset on one of them, and nobody knows on which.
  if (addresses.size > 1)
    throw new ConfigError('the command line', [
      {
        path: '--address',
        message: `there are several hosts called ${address}: write one of ${[...addresses].join(', ')}`,
      },
    ]);
  return ofUser.filter((account) => addresses.has(account.address));
}

/** An ESXi host that is a target itself is no vCenter. */
const addressesOf = (hosts: readonly NamedHost[]): ReadonlySet<string> =>
  new Set(hosts.flatMap(({ dial }) => (dial === undefined ? [] : [dial.address])));

export interface NextLogin {
  /** What opens the account again; `run`: nothing is in the way of the next one. */
  readonly opens: 'run' | Forbidden['opens'];
  /** Epoch milliseconds, when it is time. */
  readonly until?: number;
}

/**
 * As it stands for the credential that was refused last; another one may be tried sooner. By the rules by which a run
 * judges: those of lockout, the care after a lost worker, and the suspension of a credential.
 */
export function nextLogin(
  account: AccountHistory,
  hosts: ReadonlySet<string>,
  { config }: Pick<LoadedConfig, 'config'>,
  credentials: readonly CredentialState[] = [],
): NextLogin {
  const version = account.openAttempt?.version ?? account.refusedVersions.at(-1) ?? '';
  const now = systemClock.now();
  const ask = { now, version, blacklistMinutes: config.blacklist.minutes };
  const isVcenter = isVcenterAccount(account, hosts, { config });
  const permission = isVcenter ? mayTryVcenter(account, ask) : mayTryHost(account, ask);
  const { opens, until } = permission.allowed ? { opens: 'run' as const } : permission;
  if (opens !== 'run' && opens !== 'time') return { opens };
  const times = [
    until,
    ...(isVcenter ? [] : [...careUntil(account, ask), ...suspendedUntil(version, { credentials, now })]),
  ];
  const latest = Math.max(...times.map((time) => time ?? 0));
  return latest > now ? { opens: 'time', until: latest } : { opens };
}

function careUntil(account: AccountHistory, ask: { now: number; blacklistMinutes: number }): number[] {
  const care = careOf(account, ask);
  return care.kind === 'suspect' ? [care.askedFrom] : [];
}

const suspendedUntil = (
  version: string,
  { credentials, now }: { credentials: readonly CredentialState[]; now: number },
): number[] =>
  credentials.flatMap(({ suspended }) => (suspended?.version === version ? [nextTryOf(suspended, now)] : []));

/** What an operator does to have it tried again. */
export const liftOf = (account: AccountHistory): string =>
  printLift(account, { decays: isForgotten(account) });

/** Whether its refusals surely count at a vCenter: one that may be of a host is lifted with care. */
const isForgotten = ({ address, decays }: Pick<AccountHistory, 'address' | 'decays'>): boolean =>
  decays === true || isRestAddress(address);

/** Whether the account is judged by the rules of a vCenter, as far as the configuration and the lists tell. */
function isVcenterAccount(
  { address }: Pick<AccountHistory, 'address'>,
  hosts: ReadonlySet<string>,
  { config }: Pick<LoadedConfig, 'config'>,
): boolean {
  const isTarget = config.targets.some((target) => normalAddress(addressOfTarget(target)) === address);
  return isRestAddress(address) || (isTarget && !hosts.has(address));
}

export function printNext({ opens, until }: NextLogin): string {
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
