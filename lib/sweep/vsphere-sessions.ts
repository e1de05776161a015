import type { TargetConfig } from '../config/schema.ts';
import type { Credential } from '../credentials/credential.ts';
import type { TlsTrust } from '../platform/tls.ts';
import { listHosts } from '../vsphere/inventory/inventory.ts';
import { retrieveObjects } from '../vsphere/property/retrieval.ts';
import { startKeepAlive } from '../vsphere/session/keep-alive.ts';
import { logOut } from '../vsphere/session/log-out.ts';
import {
  cloneSession,
  type LoginOptions,
  login,
  type VsphereEndpoint,
  type VsphereSession,
  type VsphereSessionDeps,
} from '../vsphere/session/session.ts';
import type { SweepSession } from './accounts/vcenter-login.ts';
import { TargetError } from './errors.ts';
import type { WorkerSession } from './worker/read-objects.ts';

/** How a sweep and its workers get sessions on a target. */
export interface VsphereSessions {
  /** By password: ask the lockout rules first. */
  login(target: TargetConfig, credential: Credential, options: LoginOptions): Promise<SweepSession>;
  /** By a ticket, which opens one session. */
  clone(target: TargetConfig, ticket: string, options: { signal: AbortSignal }): Promise<WorkerSession>;
}

/** `trustOf` gives whom the configuration trusts on a target, its files read. */
export function createVsphereSessions(
  deps: VsphereSessionDeps & { trustOf: (target: TargetConfig) => TlsTrust | undefined },
): VsphereSessions {
  const endpointOf = (target: TargetConfig): VsphereEndpoint => ({
    name: target.name,
    url: target.url,
    tls: deps.trustOf(target),
  });
  const close = (session: VsphereSession, limit: { ms: number }) => logOut(session, limit, deps);
  return {
    async login(target, { id, username, proof }, options) {
      if (proof.kind !== 'password') {
        throw new TargetError(`${id}: ${target.name} is logged in to by password; give the credential one`);
      }
      const session = await login(endpointOf(target), { username, password: proof.password }, deps, options);
      const keepAlive = startKeepAlive(session, deps);
      return {
        listHosts: (query, listOptions) => listHosts(session, query, listOptions),
        acquireCloneTicket: (ticketOptions) => session.acquireCloneTicket(ticketOptions),
        close(limit) {
          keepAlive[Symbol.dispose]();
          return close(session, limit);
        },
      };
    },
    async clone(target, ticket, options) {
      const session = await cloneSession(endpointOf(target), ticket, deps, options);
      return {
        retrieve: (query, retrieveOptions) => retrieveObjects(session, query, retrieveOptions),
        close: (limit) => close(session, limit),
        measurements: () => session.measurements(),
      };
    },
  };
}
