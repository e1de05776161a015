import type { TargetConfig } from '../config/schema.ts';
import type { Credential } from '../credentials/credential.ts';
import { type Inventory, listInventory } from '../inventory/list-inventory.ts';
import { addressOfTarget, STANDALONE } from '../logins/trial/target-login.ts';
import { startDeadline, withTimeLimit } from '../platform/deadline.ts';
import { messageOf } from '../platform/errors.ts';
import type { TlsTrust } from '../platform/tls.ts';
import { createKeptCounters } from '../vsphere/performance/kept-counters.ts';
import { retrieveObjects } from '../vsphere/property/retrieval.ts';
import { logInToRestApi } from '../vsphere/rest/rest-session.ts';
import { startKeepAlive } from '../vsphere/session/keep-alive.ts';
import { endSessions, leftoverOf } from '../vsphere/session/leftover-sessions.ts';
import { logOut } from '../vsphere/session/log-out.ts';
import {
  cloneSession,
  type LoginOptions,
  login,
  type OpenOptions,
  type VsphereEndpoint,
  type VsphereSession,
  type VsphereSessionDeps,
} from '../vsphere/session/session.ts';
import { createSessionLimit } from '../vsphere/session/session-limit.ts';
import { readSessionList } from '../vsphere/session/session-list.ts';
import { TargetError } from './errors.ts';
import type { SweepSession, WorkerSession } from './sessions.ts';

/** How a sweep and its workers get sessions on a target. */
export interface VsphereSessions {
  /** By password: ask the lockout rules first. */
  login(target: TargetConfig, credential: Credential, options: LoginOptions): Promise<SweepSession>;
  /** By a ticket, which opens one session. Waits while this process has too many open on the target. */
  clone(target: TargetConfig, ticket: string, options: OpenOptions): Promise<WorkerSession>;
}

/**
 * Clones of one process on one target at once; as many as one run sends out (`dispatch.ts`). Besides them each sweep
 * has one session on a target, and waits for nobody while it holds it.
 */
const MAX_CLONES = 8;

/** `trustOf` gives whom the configuration trusts on a target, its files read. */
export function createVsphereSessions(
  deps: VsphereSessionDeps & { trustOf: (target: TargetConfig) => TlsTrust | undefined },
): VsphereSessions {
  const endpointOf = (target: TargetConfig): VsphereEndpoint => ({
    name: target.name,
    url: target.url,
    tls: deps.trustOf(target),
  });
  const clones = createSessionLimit(MAX_CLONES);
  const counters = createKeptCounters(deps.clock);
  return {
    async login(target, { id, username, version, proof }, options) {
      if (proof.kind !== 'password') {
        throw new TargetError(`${id}: ${target.name} needs a password; add one to the credential`);
      }
      const password = { username, password: proof.password };
      const session = await login(endpointOf(target), password, deps, options);
      const keepAlive = startKeepAlive(session, deps);
      return {
        connection: session,
        ...(session.about.apiType === STANDALONE
          ? {}
          : {
              rest: {
                account: { username, version },
                logIn: (restOptions) =>
                  logInToRestApi(endpointOf(target), password, session.about, deps, restOptions),
              },
            }),
        async list(query, listOptions) {
          const asked = { ...query, target: target.name };
          const { signal } = listOptions;
          const limit = {
            clock: deps.clock,
            ms: BESIDE_MS,
            patienceMs: BESIDE_MS,
            what: 'listing them',
            signal,
          };
          using beside = startDeadline(limit);
          const listing = await listInventory(session, asked, { signal, besideSignal: beside.signal });
          return session.about.apiType === STANDALONE ? asItself(listing, target) : listing;
        },
        retrieve: (query, retrieveOptions) => retrieveObjects(session, query, retrieveOptions),
        acquireCloneTicket: (ticketOptions) => session.acquireCloneTicket(ticketOptions),
        leftover: (choice, leftoverOptions) => countLeftover(session, choice, deps, leftoverOptions),
        close(limit) {
          keepAlive[Symbol.dispose]();
          return logOut(session, limit, deps);
        },
      };
    },
    async clone(target, ticket, options) {
      using opening = new DisposableStack();
      const place = opening.use(await clones.take(target.name, options));
      const session = await cloneSession(endpointOf(target), ticket, deps, options);
      opening.move();
      return {
        connection: session,
        counters: (countersOptions) => counters.of(target.name, session, countersOptions),
        retrieve: (query, retrieveOptions) => retrieveObjects(session, query, retrieveOptions),
        async close(limit) {
          using _ = place;
          await logOut(session, limit, deps);
        },
        measurements: () => session.measurements(),
      };
    },
  };
}

/** A host without a vCenter: its API and its ssh count refusals on one counter, so they need one address. */
function asItself(listing: Inventory, target: TargetConfig): Inventory {
  const ownAddress = addressOfTarget(target);
  return { ...listing, hosts: listing.hosts.map((host) => ({ ...host, ownAddress })) };
}

/** Listing what is in no view, such as the definitions of alarms, may delay a run by so much. */
const BESIDE_MS = 10_000;

/** Looking for leftover sessions, and ending them, may delay a run by so much. */
const LEFTOVER_MS = 5_000;

/** How many sessions earlier runs left; undefined when that cannot be told. Never rejects. */
async function countLeftover(
  session: VsphereSession,
  { end }: { end: boolean },
  { clock, log }: VsphereSessionDeps,
  { signal }: { signal: AbortSignal },
): Promise<number | undefined> {
  const target = session.endpoint.name;
  let found: number | undefined;
  try {
    const limit = { clock, ms: LEFTOVER_MS, what: 'listing leftover sessions', signal };
    await withTimeLimit(limit, async (limited) => {
      const list = await readSessionList(session, { signal: limited });
      if (list === undefined) {
        log.debug('the account may not see sessions', { target });
        return;
      }
      const leftover = leftoverOf(list, clock.now());
      found = leftover.length;
      if (end) await endSessions(session, leftover, { log }, { signal: limited });
    });
  } catch (error) {
    log.warn('leftover sessions could not be listed or ended', { target, error: messageOf(error) });
  }
  return found;
}
