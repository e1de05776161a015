import type { KnownHosts } from '../../config/known-hosts/find-keys.ts';
import { PRINCIPAL, sshAccount, sshUser } from '../../logins/rules/principal.ts';
import { flightId } from '../../logins/trial/flights.ts';
import { digestOfKeys } from '../../logins/trial/key-digest.ts';
import type { Clock } from '../../platform/clock.ts';
import { withTimeLimit } from '../../platform/deadline.ts';
import { messageOf } from '../../platform/errors.ts';
import type { Log } from '../../platform/log.ts';
import { startTimeline, type Timeline } from '../../platform/timeline.ts';
import type { AddressMap } from '../../state/address-map.ts';
import { endpointOf } from '../../state/address-map.ts';
import { StateError } from '../../state/errors.ts';
import type { AccountHistory } from '../../state/stores/account-history.ts';
import type { AccountStore } from '../../state/stores/accounts.ts';
import type { ClaimStore } from '../../state/stores/claims.ts';
import type { FlightStore } from '../../state/stores/flights.ts';
import type { HostKeyStore } from '../../state/stores/host-keys.ts';
import type { BatchHost, BatchRequest, LeftAlone } from '../batch.ts';
import { RequestRefusedError } from '../errors.ts';
import { hasKnownKey } from '../plan/host-trust.ts';

export interface StateToCompare {
  readonly claims: ClaimStore;
  readonly flights: Pick<FlightStore, 'readKeys'>;
  readonly hostKeys: Pick<HostKeyStore, 'lastChange' | 'readSome'>;
  readonly accounts: Pick<AccountStore, 'readUnsettled'>;
}

interface CompareDeps {
  readonly state: StateToCompare;
  /** The operator's own word on host keys, which needs no table. */
  readonly knownHosts: Pick<KnownHosts, 'find'>;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Compared {
  readonly request: BatchRequest;
  /** What could not be compared, and why. */
  readonly warnings: readonly string[];
}

/** What the table says of the hosts to be asked. */
interface Known {
  /** Undefined when they are those of the request. */
  readonly keys: ReadonlyMap<string, { readonly type: string; readonly blob: string }> | undefined;
  /** Of accounts that are not proven; undefined when all are. */
  readonly histories: AddressMap<AccountHistory> | undefined;
  /** Endpoints and addresses whose items could not be read. */
  readonly malformed: ReadonlySet<string>;
}

/** The most that the table may take, and the share of the worker's time. */
const LONGEST_MS = 5_000;
const SHARE = 1 / 4;

/**
 * The request as far as the state table agrees: a host is asked only when its pinned key and, where it is not proven,
 * the history of its account stand in the table as they stand in the request, and each batch once. Keys need not be read
 * one by one where the record of the batch says what they were, and none was changed since. Where the table
 * cannot be read, the request alone is believed for proven hosts with a known key, as a run goes on with these then.
 * Then the run is told by a warning: with an error that stays, a batch could be sent again. Throws RequestRefusedError
 * for a batch that was taken before.
 */
export async function compareWithState(
  request: BatchRequest,
  deps: CompareDeps,
  { signal, timeline = startTimeline(deps.clock) }: { signal: AbortSignal; timeline?: Timeline },
): Promise<Compared> {
  const { credential } = request;
  const asked = request.hosts.filter(({ ssh }) => ssh === 'try');
  if (credential === undefined || asked.length === 0) return { request, warnings: [] };
  const warnings: string[] = [];
  const left = timeline.msUntil(request.endsAt);
  const unlessAway = async <T>(what: string, work: (options: { signal: AbortSignal }) => Promise<T>) => {
    const limit = { clock: deps.clock, ms: Math.min(LONGEST_MS, left * SHARE), what, signal };
    try {
      return await withTimeLimit(limit, (limited) => work({ signal: limited }));
    } catch (error) {
      signal.throwIfAborted();
      const text = `${what}: the state table did not answer; only the sealed request is used`;
      warnings.push(`${text}: ${messageOf(error)}`);
      deps.log.warn(text, {
        target: request.target,
        batch: request.batch,
        error: messageOf(error),
      });
      return undefined;
    }
  };
  const { target, runId, batch, endsAt: until } = request;
  const [isFree, known] = await Promise.all([
    unlessAway('taking the batch', (options) =>
      deps.state.claims.take({ target, runId, batch, until }, options),
    ),
    unlessAway('reading what is known of the hosts', (options) =>
      readKnown({ ...request, hosts: asked, credential }, deps.state, options),
    ),
  ]);
  if (isFree === false)
    throw new RequestRefusedError('it was sent a second time; another worker has taken its batch', {
      code: 'request-taken',
    });
  const hosts = request.hosts.map((host) => {
    if (host.ssh !== 'try') return host;
    const objection =
      known === undefined
        ? withoutTable(host, deps.knownHosts)
        : objectionTo(host, known, { ...request, credential });
    return objection === undefined ? host : { ...host, ssh: objection };
  });
  return { request: { ...request, hosts }, warnings };
}

type Asked = BatchRequest & { readonly credential: NonNullable<BatchRequest['credential']> };

async function readKnown(
  asked: Asked,
  { flights, hostKeys, accounts }: StateToCompare,
  options: { signal: AbortSignal },
): Promise<Known> {
  const { hosts, credential } = asked;
  const malformed = new Set<string>();
  const onMalformed = (key: string) => void malformed.add(key);
  const user = sshUser(credential);
  const unproven = hosts
    .filter(({ proven }) => !proven)
    .map(({ address }) => sshAccount(credential, address).address)
    .filter((address) => address !== PRINCIPAL);
  const [keys, histories] = await Promise.all([
    keysHold(asked, { flights, hostKeys }, options)
      .catch(unlessMalformed)
      .then((hold) =>
        hold ? undefined : hostKeys.readSome(hosts.map(endpointOf), { ...options, onMalformed }),
      ),
    unproven.length === 0
      ? undefined
      : accounts.readUnsettled(user, { ...options, onMalformed, range: rangeOf(unproven) }),
  ]);
  return { keys, histories, malformed };
}

/** What somebody else wrote there says nothing: then the keys are read. */
function unlessMalformed(error: unknown): false {
  if (error instanceof StateError && error.code === 'malformed') return false;
  throw error;
}

/**
 * Whether the keys of the request are those that the sweep put on record for the batch, which only the sweep can write,
 * and no pinned key was replaced or forgotten since it read them.
 */
async function keysHold(
  { sweep, target, runId, batch, hosts }: Asked,
  { flights, hostKeys }: Pick<StateToCompare, 'flights' | 'hostKeys'>,
  options: { signal: AbortSignal },
): Promise<boolean> {
  const [recorded, change] = await Promise.all([
    flights.readKeys(sweep, target, flightId({ runId, target, batch }), options),
    hostKeys.lastChange(options),
  ]);
  return recorded !== undefined && recorded.change === change && recorded.digest === digestOfKeys(hosts);
}

/** The first and the last of some keys. */
const rangeOf = (keys: readonly string[]): readonly [string, string] => {
  const sorted = keys.toSorted();
  return [sorted[0] ?? '', sorted.at(-1) ?? ''];
};

const AWAY = {
  skip: 'state',
  why: 'no login was tried, because the worker could not read the state table, and this host never accepted the account',
} as const;
const MALFORMED = {
  skip: 'state',
  why: 'no login was tried, because the state table holds an invalid item for this host; see the log of collect-batch',
} as const;
/** The table did what was asked of it, so it is not `state`. */
const OTHER_KEY = {
  skip: 'hostkey-unknown',
  why: 'no login was tried, because the pinned host key changed during the run; the next run tries again',
} as const;
const OTHER_HISTORY = {
  skip: 'other-process',
  why: 'no login was tried, because another process logged in to this host during the run; the next run tries again',
} as const;

/** The sealed request alone is believed of proven hosts whose key it has, or the operator's file. */
const withoutTable = (host: BatchHost, knownHosts: Pick<KnownHosts, 'find'>): LeftAlone | undefined =>
  host.proven && hasKnownKey(host, knownHosts) ? undefined : AWAY;

/** Why a host is not asked, if it is not. */
function objectionTo(
  host: BatchHost,
  known: Known,
  { credential }: Pick<Asked, 'credential'>,
): LeftAlone | undefined {
  const { keys, histories, malformed } = known;
  const endpoint = endpointOf(host);
  const pinned = keys === undefined ? host.hostKey : keys.get(endpoint);
  const isSame = pinned?.type === host.hostKey?.type && pinned?.blob === host.hostKey?.blob;
  if (malformed.has(endpoint)) return MALFORMED;
  if (!isSame) return OTHER_KEY;
  const { address } = sshAccount(credential, host.address);
  // What stands of the one account of a domain is looked up when the host's turn has come.
  if (host.proven || address === PRINCIPAL) return undefined;
  if (malformed.has(address)) return MALFORMED;
  return isAsSeen(host.account, histories?.get(address)) ? undefined : OTHER_HISTORY;
}

/** As `beginAttempt` looks at it, too. */
const isAsSeen = (seen: BatchHost['account'], history: AccountHistory | undefined): boolean =>
  (history?.refusals ?? 0) === seen.refusals && history?.openAttempt?.at === seen.openAttempt?.at;
