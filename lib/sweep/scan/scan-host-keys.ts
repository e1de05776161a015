import type { KnownHosts } from '../../config/known-hosts/find-keys.ts';
import type { KnownKey } from '../../config/known-hosts/known-hosts.ts';
import type { EsxiConfig, TargetConfig } from '../../config/schema.ts';
import type { Clock } from '../../platform/clock.ts';
import type { HostKeyRecord, HostKeyStore } from '../../state/host-keys.ts';
import type { HostListStore } from '../../state/host-lists.ts';
import { normalDial } from '../plan/address.ts';
import { isOneOf } from '../plan/host-trust.ts';
import { lookUpKeys } from '../plan/look-up-keys.ts';
import { skipByListing } from '../plan/who-is-asked.ts';
import { configuredList } from '../target/configured-hosts.ts';
import { readLastList } from '../target/list-target.ts';
import type { Presented, PresentKeys } from './present-keys.ts';

/**
 * `known`: the host showed a key that is accepted. `unknown`: none was accepted yet. `changed`: another one was.
 * `revoked`: what it showed is revoked. `silent`: it showed none.
 */
export type KeyStatus = 'known' | 'unknown' | 'changed' | 'revoked' | 'silent';

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
  /** Why a silent host showed nothing. */
  readonly error?: string;
}

export interface ScanDeps {
  readonly clock: Clock;
  readonly knownHosts: KnownHosts;
  readonly hostKeys: Pick<HostKeyStore, 'readAll'>;
  readonly hostLists: HostListStore;
  readonly presentKeys: PresentKeys;
}

/**
 * Asks all hosts of the last lists for their ssh keys, each address and port once, without a login. Hosts that no run
 * asks by what vCenter says of them (powered off, lockdown) are left out. Throws StateError.
 */
export async function scanHostKeys(
  targets: readonly TargetConfig[],
  { esxi, deps }: { esxi: EsxiConfig; deps: ScanDeps },
  options: { signal: AbortSignal },
): Promise<{
  readonly hosts: readonly ScannedHost[];
  readonly pinned: ReadonlyMap<string, HostKeyRecord>;
  /** Targets of which nobody knows the hosts. */
  readonly withoutList: readonly string[];
}> {
  const [lists, pinned] = await Promise.all([
    Promise.all(targets.map((target) => listOf(target, deps, options))),
    deps.hostKeys.readAll({ ...options, onMalformed: () => undefined }),
  ]);
  const listed = targets.flatMap((target, index) =>
    (lists[index]?.hosts ?? [])
      .filter((host) => skipByListing(host, esxi) === undefined)
      .map((host) => ({ target: target.name, name: host.name, ...normalDial(host, esxi) })),
  );
  const endpoints = Map.groupBy(listed, ({ address, port }) => `${address}:${port}`);
  const asked = Array.from(endpoints.values()).flatMap(([first]) => (first === undefined ? [] : [first]));
  await lookUpKeys(asked, deps, options);
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
    const answer = answers[index] ?? { error: 'it was not asked in time' };
    return toScanned(host, facts, answer, deps);
  });
  const withoutList = targets.flatMap(({ name }, index) => (lists[index] === undefined ? [name] : []));
  return { hosts, pinned, withoutList };
}

const listOf = async (target: TargetConfig, deps: ScanDeps, options: { signal: AbortSignal }) =>
  (await readLastList(target.name, deps, options)) ?? configuredList(target, deps.clock.now());

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
  if ('error' in answer) return { ...host, ...facts, status: 'silent', error: answer.error };
  const { key } = answer;
  const statusOf = (): KeyStatus => {
    if (isOneOf(key, knownHosts.find(host).revoked)) return 'revoked';
    if (isOneOf(key, facts.accepted)) return 'known';
    return facts.accepted.length === 0 ? 'unknown' : 'changed';
  };
  return { ...host, ...facts, status: statusOf(), presented: key };
}
