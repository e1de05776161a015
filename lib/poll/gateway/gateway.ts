import { hostname } from 'node:os';
import type { Clock } from '../../platform/clock.ts';
import { startGrace } from '../../platform/grace.ts';
import type { Log } from '../../platform/log.ts';
import type { Polls } from '../answer-poll.ts';
import { POLL_FORMATS } from '../format/print-reply.ts';
import { printPythonJson } from '../format/python-json.ts';
import { POLL_METHODS } from '../registry.ts';
import { createAnswerRequest } from './answer-request.ts';
import { answerManagement, type ManagedRole } from './manage.ts';
import { type ClientsServer, serveClients } from './serve-clients.ts';
import type { GatewayObserver } from './tell-endings.ts';
import type { Mechanism } from './zmtp/mechanism.ts';

export interface GatewayOptions {
  /** Where vPoller's clients ask. */
  readonly listen: string;
  /** Where `vpoller-proxy status` and `vpoller-worker status` ask. */
  readonly manage: readonly { readonly role: ManagedRole; readonly endpoint: string }[];
  readonly timeoutMs: number;
  readonly allowShutdown: boolean;
  /** How an endpoint secures each of its connections; undefined where it does not. */
  readonly mechanismAt?: (endpoint: string) => (() => Mechanism) | undefined;
}

export interface GatewayDeps {
  readonly polls: Pick<Polls, 'answer'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly observe?: GatewayObserver;
}

/** An endpoint of vPoller's clients. Dispose it when `done` has settled. */
export interface Gateway extends AsyncDisposable {
  readonly listen: string;
  readonly manage: readonly string[];
  /** Resolves when requests in hand are over after the signal aborted or a client shut it down. */
  readonly done: Promise<void>;
}

/** Polls at once, for all clients and targets; one waits for its vCenter most of its time. */
const REQUESTS_AT_ONCE = 512;
const MANAGEMENT_AT_ONCE = 16;

/** How long polls in hand may go on when the gateway ends. */
const GRACE_MS = 5_000;

/** Starts to answer. Throws ListenError. */
export async function openGateway(
  { listen, manage, timeoutMs, allowShutdown, mechanismAt }: GatewayOptions,
  { polls, clock, log, observe }: GatewayDeps,
  { signal }: { signal: AbortSignal },
): Promise<Gateway> {
  await using opening = new AsyncDisposableStack();
  const shutdown = new AbortController();
  const ending = AbortSignal.any([signal, shutdown.signal]);
  const grace = startGrace({ clock, ms: GRACE_MS, isUnderWay: () => true, signal: ending });
  opening.use(grace);
  const answer = createAnswerRequest({ polls, clock, timeoutMs }, grace);
  try {
    const serve = (endpoint: string, answerOne: (body: Uint8Array) => Promise<string>, atOnce: number) =>
      serveClients(
        { endpoint, answer: answerOne, atOnce, clock, log, observe, newMechanism: mechanismAt?.(endpoint) },
        { signal: ending },
      );
    const frontend = opening.use(await serve(listen, answer, REQUESTS_AT_ONCE));
    const managers: ClientsServer[] = [];
    for (const { role, endpoint } of manage) {
      const status = toStatus(role, { frontend: frontend.endpoint, mgmt: endpoint });
      const shutDown = () => {
        log.info('shut down by a client', { endpoint });
        shutdown.abort(new Error('shut down by a client'));
      };
      const managed = { role, status, ...(allowShutdown ? { shutDown } : {}) };
      const answerOne = async (body: Uint8Array) => printPythonJson(answerManagement(body, managed));
      managers.push(opening.use(await serve(endpoint, answerOne, MANAGEMENT_AT_ONCE)));
    }
    const resources = opening.move();
    return {
      listen: frontend.endpoint,
      manage: managers.map(({ endpoint }) => endpoint),
      done: Promise.all([frontend, ...managers].map((one) => one.done)).then(() => undefined),
      [Symbol.asyncDispose]: () => resources.disposeAsync(),
    };
  } catch (error) {
    // A gateway that cannot open all of its endpoints opens none.
    shutdown.abort(error);
    throw error;
  }
}

/** What each of vPoller's processes tells of itself; there is one process here, so each end of a pair is the gateway. */
function toStatus(role: ManagedRole, { frontend, mgmt }: { frontend: string; mgmt: string }) {
  const common = { hostname: hostname(), mgmt };
  if (role === 'proxy') return { ...common, frontend, backend: frontend };
  return {
    ...common,
    proxy: frontend,
    db: 'vsweep.yaml',
    concurrency: REQUESTS_AT_ONCE,
    helpers: [...POLL_FORMATS.keys()],
    tasks: POLL_METHODS.map(({ name }) => name),
  };
}
