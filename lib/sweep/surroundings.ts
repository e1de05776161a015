import { type LoadedConfig, toTargetTrust } from '../config/loaded-config.ts';
import type { CredentialReader, TokenReader } from '../credentials/credential.ts';
import type { Clock } from '../platform/clock.ts';
import type { Log } from '../platform/log.ts';
import type { State } from '../state/state.ts';
import type { LinkObserver } from '../vsphere/session/link.ts';
import { createVsphereSessions, type VsphereSessions } from './vsphere-sessions.ts';

/** What differs between one machine and AWS; the rest is wired alike, here. */
export interface Surroundings {
  readonly loaded: LoadedConfig;
  readonly state: Pick<State, 'accounts' | 'hostKeys'>;
  readonly credentials: CredentialReader & TokenReader;
  /** Of a process whose stalls are measured. */
  readonly clock: Clock;
  readonly log: Log;
  readonly randomId: () => string;
  /** 0 to 1. */
  readonly random: () => number;
  /** `vsweep/<version>`. */
  readonly userAgent: string;
  /** Counts the links to vCenters. */
  readonly observe?: LinkObserver | undefined;
}

export const wireSessions = ({ loaded, ...deps }: Surroundings): VsphereSessions =>
  createVsphereSessions({ ...deps, trustOf: (target) => toTargetTrust(target, loaded) });
