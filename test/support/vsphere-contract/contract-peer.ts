import { systemClock } from '../../../lib/platform/clock.ts';
import { silentLog } from '../../../lib/platform/log.ts';
import {
  login,
  type PasswordProof,
  type VsphereEndpoint,
  type VsphereSession,
} from '../../../lib/vsphere/session/session.ts';

/**
 * A vCenter that the contract runs over: six hosts in two clusters of one datacenter, one user who may do everything,
 * and historical queries restricted to CONTRACT_MAX_QUERY_METRICS.
 */
export interface ContractPeer extends AsyncDisposable {
  readonly endpoint: VsphereEndpoint;
  readonly proof: PasswordProof;
  readonly datacenter: string;
  /** Raises the red alarm CONTRACT_ALARM on the first host, at the latest; it is the latest event then. */
  raiseAlarm(): Promise<void>;
  /** Sessions that are open, by the peer's own word. */
  openSessions(): Promise<number>;
}

/** Names of the hosts of every peer, in the order of their creation. */
export const CONTRACT_HOSTS: readonly string[] = Array.from({ length: 6 }, (_, i) => `esx0${i}.example.org`);

export const CONTRACT_ALARM = 'Host error';
export const CONTRACT_MAX_QUERY_METRICS = 8;

export const CONTRACT_DEPS = { clock: systemClock, log: silentLog, userAgent: 'vsweep/contract' };

/** Gives the peer that `beforeAll` started. */
export type PeerOf = () => ContractPeer;

/** Far above what a behaviour takes: a hang then fails with a name. */
export const contractSignal = (): AbortSignal => AbortSignal.timeout(20_000);

export function logInTo({ endpoint, proof }: ContractPeer): Promise<VsphereSession> {
  return login(endpoint, proof, CONTRACT_DEPS, { signal: contractSignal() });
}
