import type { KnownHosts } from '../../config/known-hosts/find-keys.ts';
import type { KnownKey } from '../../config/known-hosts/known-hosts.ts';
import { lookUpKeys } from '../../config/known-hosts/look-up-keys.ts';
import type { EsxiConfig, TargetConfig } from '../../config/schema.ts';
import type { Clock } from '../../platform/clock.ts';
import { messageOf } from '../../platform/errors.ts';
import type { HostKeyRecord, HostKeyStore } from '../../state/stores/host-keys.ts';
import type { HostListStore } from '../../state/stores/host-lists.ts';
import { configuredList } from '../listing/configured-hosts.ts';
import type { HostList } from '../listing/host-list.ts';
import { readLastList } from '../listing/list-target.ts';
import { normalDial } from '../plan/address.ts';
import { isOneOf } from '../plan/host-trust.ts';
import { skipByListing } from '../plan/who-is-asked.ts';
import type { Presented, PresentKeys } from './present-keys.ts';

/**
 * `known`: the host showed a key that is accepted. `unknown`: none was accepted yet. `changed`: another one was.
 * `revoked`: what it showed is revoked. `unread`: it showed none.
 */
export type KeyStatus = 'known' | 'unknown' | 'changed' | 'revoked' | 'unread';

/** What became of one host of a scan. */
export interface ScannedHost {
  readonly target: string;
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly status: KeyStatus;
  readonly presented?: KnownKey;
  /** What is accepted, and where that stands. */
  readonly accepted: readonly KnownKey[];
  readonly from?: 'file' | 'pin';
  /** Why the key of a host could not be read. */
  readonly error?: string;
}

/** A target whose list was not to be had; `error`: why it could not be read. None was kept otherwise. */
export interface WithoutList {
  readonly target: string;
  readonly error?: string;
}

export interface ScanDeps {
  readonly clock: Clock;
  readonly knownHosts: KnownHosts;
  readonly hostKeys: Pick<HostKeyStore, 'readSome'>;
  readonly hostLists: HostListStore;
  readonly presentKeys: PresentKeys;
}

/**
 * Asks all hosts of the last lists for their ssh keys, each address and port once, without a login. Hosts that no run
 * asks by what vCenter says of them (powered off, lockdown) are left out. A list that cannot be read costs its own target only.
 * Throws StateError.
 */
export async function scanHostKeys(
  targets: readonly TargetConfig[],
  { esxi, deps }: { esxi: EsxiConfig; deps: ScanDeps },
  options: { signal: AbortSignal },
): Promise<{
  readonly hosts: readonly ScannedHost[];
  readonly pinned: ReadonlyMap<string, HostKeyRecord>;
  /** Targets of which not all hosts are known. */
  readonly withoutList: readonly WithoutList[];
}> {
  const lists = await Promise.all(targets.map((target) => listOf(target, deps, options)));
  const listed = targets.flatMap((target, index) =>
    (lists[index]?.list?.hosts ?? [])
      .filter((host) => skipByListing(host, esxi) === undefined)
      .map((host) => ({ target: target.name, name: host.name, ...normalDial(host, esxi) })),
  );
  const endpoints = Map.groupBy(listed, ({ address, port }) => `${address}:${port}`);
  const pinned = await deps.hostKeys.readSome([...endpoints.keys()], {
    ...options,
    onMalformed: () => undefined,
  });
  const asked = Array.from(endpoints.values()).flatMap(([first]) => (first === undefined ? [] : [first]));
  await lookUpKeys(asked, deps, options);
  options.signal.throwIfAborted();
  const known = asked.map((host) => acceptedOn(host, pinned, deps));
  const answers = await deps.presentKeys(
    asked.map(({ address, port }, index) => ({
      address,
      port,
      types: known[index]?.accepted.map(({ type }) => type) ?? [],
    })),
    options,
  );
  const hosts = asked.map((host, index) => {
    const facts = known[index] ?? acceptedOn(host, pinned, deps);
    const answer = answers[index] ?? { error: 'no time was left to ask it' };
    return toScanned(host, facts, answer, deps);
  });
  const withoutList = targets.flatMap(({ name: target }, index) => {
    const { list, error } = lists[index] ?? {};
    if (error !== undefined) return [{ target, error }];
    return list === undefined ? [{ target }] : [];
  });
  return { hosts, pinned, withoutList };
}

/** The configured hosts stand in for a list that is missing, and for one that cannot be read. */
async function listOf(
  target: TargetConfig,
  deps: ScanDeps,
  options: { signal: AbortSignal },
): Promise<{ readonly list: HostList | undefined; readonly error?: string }> {
  const configured = () => configuredList(target, deps.clock.now());
  try {
    return { list: (await readLastList(target.name, deps, options)) ?? configured() };
  } catch (error) {
    options.signal.throwIfAborted();
    return { list: configured(), error: messageOf(error) };
  }
}

type Accepted = Pick<ScannedHost, 'accepted' | 'from'>;

function acceptedOn(
  host: { address: string; port: number },
  pinned: ReadonlyMap<string, HostKeyRecord>,
  { knownHosts }: Pick<ScanDeps, 'knownHosts'>,
): Accepted {
  const { accepted } = knownHosts.find(host);
  if (accepted.length > 0) return { accepted, from: 'file' };
  const pin = pinned.get(`${host.address}:${host.port}`);
  return pin === undefined
    ? { accepted: [] }
    : { accepted: [{ type: pin.type, blob: pin.blob }], from: 'pin' };
}

function toScanned(
  host: Pick<ScannedHost, 'target' | 'name' | 'address' | 'port'>,
  facts: Accepted,
  answer: Presented,
  { knownHosts }: Pick<ScanDeps, 'knownHosts'>,
): ScannedHost {
  if ('error' in answer) return { ...host, ...facts, status: 'unread', error: answer.error };
  const { key } = answer;
  const statusOf = (): KeyStatus => {
    if (isOneOf(key, knownHosts.find(host).revoked)) return 'revoked';
    if (isOneOf(key, facts.accepted)) return 'known';
    return facts.accepted.length === 0 ? 'unknown' : 'changed';
  };
  return { ...host, ...facts, status: statusOf(), presented: key };
}
