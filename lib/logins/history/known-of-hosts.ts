import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../../platform/clock.ts';
import { messageOf } from '../../platform/errors.ts';
import type { Log } from '../../platform/log.ts';
import type { AddressMap } from '../../state/address-map.ts';
import { endpointOf, type HostAddress } from '../../state/address-map.ts';
import { StateError } from '../../state/errors.ts';
import type { AccountHistory } from '../../state/stores/account-history.ts';
import { normalUser } from '../../state/stores/account-item.ts';
import type { AccountStore } from '../../state/stores/accounts.ts';
import type { HostKeyStore } from '../../state/stores/host-keys.ts';
import type { Roll, RollKey, RollStore } from '../../state/stores/rolls.ts';
import { sshAccount, sshUser } from '../rules/principal.ts';

interface Options {
  readonly signal: AbortSignal;
}

export interface KnownOfHostsDeps {
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Log;
  readonly accounts: Pick<AccountStore, 'readSome'>;
  readonly hostKeys: Pick<HostKeyStore, 'readSome' | 'lastChange'>;
  readonly rolls: RollStore;
}

/** What stands in the table of the hosts of a target. */
export interface KnownOfHosts {
  readonly accounts: AddressMap<AccountHistory>;
  /** By endpoint; undefined where none is pinned. Of hosts that are left out only what the roll has. */
  readonly keys: ReadonlyMap<string, RollKey | undefined>;
  /** The last change of pinned keys before these were read; undefined: one was under way, and none is kept. */
  readonly keysChange: string | undefined;
  /** When the oldest of this was read of the items, in milliseconds since the epoch. */
  readonly readAt: number;
  /** Endpoints whose keys are not believed, because nobody of this deployment wrote them. */
  readonly unsealed: readonly string[];
  /** The roll that is kept, if it is young enough. */
  readonly kept: Roll | undefined;
}

/** Whose accounts on which hosts. */
export interface HostsToKnow {
  readonly target: string;
  readonly username: string;
  readonly scope: 'host' | 'domain';
  readonly hosts: readonly HostToKnow[];
}

export interface HostToKnow extends HostAddress {
  /** Nobody is to ask it in this run: that no key of it is known costs no read, run after run. */
  readonly isLeftOut?: boolean;
}

/** What was read this long ago is read anew, whatever the roll says: what somebody changed by hand is found then. */
const MAX_AGE_MS = 24 * 3_600_000;

/**
 * Reads what forbids logins, and of all else what the target's roll does not have. `onMalformed` is told addresses and
 * endpoints that nothing is known of then, `onProblem` that the roll itself is not to be believed. Throws StateError.
 */
export async function readKnownOfHosts(
  { target, username, scope, hosts }: HostsToKnow,
  { clock, accounts, hostKeys, rolls }: KnownOfHostsDeps,
  options: Options & {
    readonly onMalformed: (key: string, error: StateError) => void;
    readonly onProblem: (error: StateError) => void;
  },
): Promise<KnownOfHosts> {
  const user = sshUser({ username, scope });
  const now = clock.now();
  const [keysChange, stored] = await Promise.all([
    hostKeys.lastChange(options),
    rolls.read(target, options).catch(unlessMalformed(options.onProblem)),
  ]);
  // Of a time that lies ahead nobody knows how long ago it was.
  const isYoung = stored !== undefined && Math.abs(now - stored.readAt) < MAX_AGE_MS;
  const kept = isYoung && stored.user === normalUser(user) ? stored : undefined;
  const keptKeys = keysChange !== undefined && kept?.keysChange === keysChange ? kept.keys : undefined;
  const endpoints = hosts.map(endpointOf);
  const asked = new Set(hosts.filter(({ isLeftOut }) => isLeftOut !== true).map(endpointOf));
  const unsealed: string[] = [];
  const malformed = new Set<string>();
  const onMalformed = (key: string, error: StateError) => {
    malformed.add(key);
    options.onMalformed(key, error);
  };
  const [read, histories] = await Promise.all([
    hostKeys.readSome(
      [...asked].filter((endpoint) => keptKeys?.has(endpoint) !== true),
      { ...options, onMalformed, onUnsealed: (endpoint) => unsealed.push(endpoint) },
    ),
    accounts.readSome(
      user,
      {
        // Of the hosts themselves too, where they have one account in common.
        addresses: hosts.flatMap(({ address }) => [
          address,
          sshAccount({ username, scope }, address).address,
        ]),
        ...(kept === undefined ? {} : { proven: kept.proven }),
      },
      { ...options, onMalformed },
    ),
  ]);
  const keys = endpoints
    .filter((endpoint) => (asked.has(endpoint) || keptKeys?.has(endpoint)) && !malformed.has(endpoint))
    .map((endpoint) => [endpoint, toKey(read.get(endpoint) ?? keptKeys?.get(endpoint))] as const);
  return {
    accounts: histories,
    keys: new Map(keys),
    keysChange,
    readAt: kept?.readAt ?? now,
    unsealed,
    kept,
  };
}

const toKey = (record: RollKey | undefined): RollKey | undefined =>
  record && { type: record.type, blob: record.blob };

function unlessMalformed(onProblem: (error: StateError) => void) {
  return (error: unknown): undefined => {
    if (!(error instanceof StateError) || error.code !== 'malformed') throw error;
    onProblem(error);
  };
}

/** What a run learned of hosts since it read. */
export interface LearnedOfHosts {
  /** Hosts that accepted the credential, with its version. */
  readonly accepted: readonly HostAddress[];
  readonly version: string;
  /** Hosts whose keys were pinned, or may have been. */
  readonly pinned: readonly HostAddress[];
}

/**
 * Keeps what is known of the hosts for the next run, where that is something else than is kept. Never rejects: what is
 * not kept is read again. What is unsealed is left out, so that each run tells of it.
 */
export async function keepKnownOfHosts(
  { target, username, scope, hosts }: HostsToKnow,
  {
    known,
    learned,
  }: { readonly known: KnownOfHosts & Pick<Roll, 'elsewhere'>; readonly learned: LearnedOfHosts },
  { hostKeys, rolls, log }: Pick<KnownOfHostsDeps, 'hostKeys' | 'rolls' | 'log'>,
  options: Options,
): Promise<void> {
  try {
    const pinned = learned.pinned.map(endpointOf);
    const read = await hostKeys.readSome(pinned, { ...options, onMalformed: () => undefined });
    // That there is no key does not hold: another target's run may pin the first one at any time.
    const keys = [...known.keys].flatMap(([endpoint, key]) => {
      const found = toKey(read.get(endpoint) ?? key);
      return found === undefined ? [] : [[endpoint, found] as const];
    });
    const accepted = new Set(learned.accepted.map(({ address }) => address));
    const proven = hosts.map(({ address }) => {
      const version = accepted.has(address) ? learned.version : known.accounts.get(address)?.provenVersion;
      return [address, version] as const;
    });
    const roll: Roll = {
      readAt: known.readAt,
      user: normalUser(sshUser({ username, scope })),
      keysChange: known.keysChange ?? '',
      // Without the one account of a domain, which is read by each run.
      proven: new Map(proven),
      keys: new Map(known.keysChange === undefined ? [] : keys),
      ...(known.elsewhere === undefined ? {} : { elsewhere: known.elsewhere }),
    };
    if (known.kept === undefined || !isSame(known.kept, roll)) await rolls.write(target, roll, options);
  } catch (error) {
    log.warn(`target ${target}: its cached account data could not be written; the next run reads it again`, {
      error: messageOf(error),
    });
  }
}

/** Whatever was read when. */
const isSame = (one: Roll, other: Roll): boolean =>
  isDeepStrictEqual({ ...one, readAt: 0 }, { ...other, readAt: 0 });
