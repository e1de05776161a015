import { createServer } from 'node:net';
import type { Clock } from '../../platform/clock.ts';
import { messageOf } from '../../platform/errors.ts';
import type { Log } from '../../platform/log.ts';
import { untilAborted } from '../../platform/until-aborted.ts';
import { PROBE_AFTER_MS } from '../../platform/watched-connections.ts';
import { Connection } from './connection.ts';
import { Crowd, type CrowdLimits } from './crowd.ts';
import { listenAt } from './endpoint.ts';
import type { Received } from './frames.ts';
import { createTellEndings, type GatewayObserver } from './tell-endings.ts';
import { Turns } from './turns.ts';
import { type Newcomer, WaitingRoom } from './waiting-room.ts';
import type { Ending } from './zmtp/errors.ts';
import { createNullMechanism, type Mechanism } from './zmtp/mechanism.ts';

export interface ClientsOptions {
  /** `tcp://127.0.0.1:10123`; port `*` is any free one. */
  readonly endpoint: string;
  /** The text of the reply. A client whose request makes it reject gets none. */
  readonly answer: (body: Uint8Array) => Promise<string>;
  /** Requests that are answered at once; more stay with their senders until one is done. */
  readonly atOnce: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly observe?: GatewayObserver | undefined;
  /** Of each connection; without it there is no security. */
  readonly newMechanism?: (() => Mechanism) | undefined;
  readonly limits?: CrowdLimits;
}

/** A ZeroMQ endpoint that answers clients with REQ sockets. */
export interface ClientsServer extends AsyncDisposable {
  /** Where it listens. */
  readonly endpoint: string;
  /** Resolves when no request is taken any more and those in hand are answered; rejects when the server fails. */
  readonly done: Promise<void>;
}

const MB = 1024 * 1024;
/** Behind a tunnel or a proxy all clients have one address. */
const LIMITS: CrowdLimits = { all: 3_072, perAddress: 2_560, unreadBytes: 128 * MB, heldBytes: 128 * MB };
const TICK_MS = 1_000;
/** How long the last replies may take to leave when the gateway ends. */
const LINGER_MS = 1_000;

/** Listens until `signal` aborts; then requests in hand are still answered. Throws ListenError. */
export async function serveClients(
  options: ClientsOptions,
  { signal }: { signal: AbortSignal },
): Promise<ClientsServer> {
  const { clock, limits = LIMITS } = options;
  const crowd = new Crowd<Connection>(limits);
  const failed = Promise.withResolvers<never>();
  const stopped = new AbortController();
  // A client that is gone is noticed within about a minute. Heartbeats of ZeroMQ are unknown to old clients.
  const server = createServer({
    keepAlive: true,
    keepAliveInitialDelay: PROBE_AFTER_MS,
    noDelay: true,
    pauseOnConnect: true,
  });
  const endpoint = await listenAt(server, options.endpoint, { signal });
  server.on('error', failed.reject);
  const room = createWaitingRoom({ ...options, endpoint }, crowd);
  server.on('connection', (socket) => {
    options.observe?.connected();
    room.enter({ socket, address: (socket.remoteAddress ?? '').replace(/^::ffff:/, '') });
  });
  const tick = async () => {
    for (;;) {
      await clock.sleep(TICK_MS, { signal: stopped.signal, background: true });
      // After a stall, what clients sent meanwhile is read before anybody is late or loses the seat.
      await new Promise<void>((resolve) => setImmediate(resolve));
      for (const connection of crowd) connection.tick();
      room.tick();
      crowd.checkBytes();
    }
  };
  tick().catch((error: unknown) => {
    if (!stopped.signal.aborted) failed.reject(error);
  });
  const serve = async () => {
    try {
      await untilAborted(failed.promise, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      server.close();
      room.close();
      const all = [...crowd];
      await Promise.all(all.map((connection) => connection.stop()));
      const sent = Promise.all(all.map((connection) => connection.drained()));
      await Promise.race([sent, clock.sleep(LINGER_MS, { signal: stopped.signal })]);
      stopped.abort(STOPPED);
      for (const connection of crowd) connection.close();
    }
  };
  const done = serve();
  // Whoever waits for `done` sees it; until then it is no unhandled rejection.
  done.catch(() => undefined);
  return { endpoint, done, [Symbol.asyncDispose]: () => done.catch(() => undefined) };
}

/** Nobody sees it. */
const STOPPED = 'stopped';

/** Whoever connects comes here: to a connection among the others, or to wait for a seat. */
function createWaitingRoom(
  { endpoint, answer, atOnce, log, observe, clock, newMechanism = createNullMechanism }: ClientsOptions,
  crowd: Crowd<Connection>,
): WaitingRoom {
  const turns = new Turns(atOnce);
  const told = createTellEndings({ endpoint, log, clock, observe });
  const reply = async ({ envelope, body }: Received) => {
    try {
      return [...envelope, Buffer.from(await answer(body))];
    } catch (error) {
      log.error('a request was not answered', { error: messageOf(error) });
      throw error;
    }
  };
  const onEnd = ({ address }: { address: string }, ending: Ending | undefined) => {
    observe?.disconnected();
    if (ending !== undefined) told(address, ending);
  };
  const seat = ({ socket, address }: Newcomer) => {
    const connection: Connection = new Connection({
      socket,
      address,
      mechanism: newMechanism(),
      turns,
      answer: reply,
      onStray: (frames) =>
        log.debug('a message without the envelope of a REQ socket was dropped', { frames }),
      onRequest: () => crowd.touch(connection),
      onUnread: () => crowd.checkBytes(),
      onRefused: (ending) => told(address, ending),
      onFault: (error) => log.error('internal error with a client', { address, error: messageOf(error) }),
      onEnd(ending) {
        crowd.delete(connection);
        onEnd(connection, ending);
        room.seatAll();
      },
    });
    crowd.add(connection);
  };
  const room = new WaitingRoom({ crowd, seat, onEnd });
  return room;
}
