import { systemClock } from '../../../lib/platform/clock.ts';
import { silentLog } from '../../../lib/platform/log.ts';
import type { GuestAccount } from '../../../lib/vsphere/guest/guest-process.ts';
import { retrieveByView } from '../../../lib/vsphere/property/retrieve-by-view.ts';
import type { MoRef, RetrievedObject } from '../../../lib/vsphere/property/retrieved-object.ts';
import { textOf } from '../../../lib/vsphere/property/value-fields.ts';
import {
  login,
  type PasswordProof,
  type VsphereEndpoint,
  type VsphereSession,
} from '../../../lib/vsphere/session/session.ts';

/**
 * A vCenter that the contract runs over: six hosts in two clusters of one datacenter, two virtual machines in each
 * cluster, all of them on one datastore; one user who may do everything, and historical queries restricted to
 * CONTRACT_MAX_QUERY_METRICS. Every machine but the last has a guest that runs VMware Tools, with a root file system
 * of 40 GiB, 10 of them free.
 */
export interface ContractPeer extends AsyncDisposable {
  readonly endpoint: VsphereEndpoint;
  readonly proof: PasswordProof;
  readonly datacenter: string;
  /** In each guest, in which /sbin/init runs as 1. */
  readonly guestAccount: GuestAccount;
  /** Raises the red alarm CONTRACT_ALARM on the first host, at the latest; it is the latest event then. */
  raiseAlarm(): Promise<void>;
  /** Takes snapshots of a machine that has none, each on top of the last; at the latest: they may be there before. */
  takeSnapshots(machine: MoRef, names: readonly string[]): Promise<void>;
  /** Sessions that are open, by the peer's own word. */
  openSessions(): Promise<number>;
}

/** Names of the hosts of every peer, in the order of their creation. */
export const CONTRACT_HOSTS: readonly string[] = Array.from({ length: 6 }, (_, i) => `esx0${i}.example.org`);

/** Names of the virtual machines of every peer, in their order. */
export const CONTRACT_MACHINES: readonly string[] = [0, 1].flatMap((cluster) =>
  [0, 1].map((number) => `DC0_C${cluster}_RP0_VM${number}`),
);
/** Of the first machine, by `takeSnapshots`. */
export const CONTRACT_SNAPSHOTS: readonly string[] = ['first', 'second', 'third', 'a/b %'];

export const CONTRACT_ALARM = 'Host error';
export const CONTRACT_MAX_QUERY_METRICS = 8;

export const CONTRACT_DEPS = { clock: systemClock, log: silentLog, userAgent: 'vsweep/contract' };

/** Gives the peer that `beforeAll` started. */
export type PeerOf = () => ContractPeer;

/** Far above what a behaviour takes: a hang then fails with a name. */
export const contractSignal = (): AbortSignal => AbortSignal.timeout(100_000);

export function logInTo({ endpoint, proof }: ContractPeer): Promise<VsphereSession> {
  return login(endpoint, proof, CONTRACT_DEPS, { signal: contractSignal() });
}

export async function collected(retrieval: AsyncIterable<RetrievedObject>): Promise<RetrievedObject[]> {
  const objects: RetrievedObject[] = [];
  for await (const object of retrieval) objects.push(object);
  return objects;
}

/** The first object of a type whose property has this text, with further paths. */
export async function objectWith(
  session: VsphereSession,
  { type, path, text, paths = [] }: { type: string; path: string; text: string; paths?: readonly string[] },
): Promise<RetrievedObject | undefined> {
  const spec = { type, paths: [path, ...paths] };
  const all = await collected(retrieveByView(session, [spec], { signal: contractSignal() }));
  return all.find(({ properties }) => textOf(properties.get(path)) === text);
}
