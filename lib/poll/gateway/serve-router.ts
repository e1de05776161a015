import { Router } from 'zeromq';
import { messageOf, VsweepError } from '../../platform/errors.ts';
import type { Log } from '../../platform/log.ts';
import { untilAborted } from '../../platform/until-aborted.ts';
import { parseFrames, type Received } from './frames.ts';

export interface RouterOptions {
  /** `tcp://127.0.0.1:10123`; port `*` is any free one. */
  readonly endpoint: string;
  /** The text of the reply. A client whose request makes it reject gets none. */
  readonly answer: (body: Uint8Array) => Promise<string>;
  /** Requests that are answered at once; more stay with their senders until one is done. */
  readonly atOnce: number;
  readonly log: Log;
}

/** A ZeroMQ endpoint that answers clients with REQ sockets. */
export interface RouterServer extends AsyncDisposable {
  /** Where it listens. */
  readonly endpoint: string;
  /** Resolves when no request is taken any more and those in hand are answered; rejects when the socket fails. */
  readonly done: Promise<void>;
}

/** The endpoint cannot be listened on. */
export class ListenError extends VsweepError<'listen'> {}

/** A request is a few hundred bytes; libzmq drops the connection of whoever sends a larger frame. */
const MAX_REQUEST_BYTES = 64 * 1024;

/** How long the last replies may take to leave when the socket closes. */
const LINGER_MS = 1_000;

const SOCKET_OPTIONS = {
  maxMessageSize: MAX_REQUEST_BYTES,
  // Requests that libzmq holds for each client beyond those that are being answered; a REQ socket has one at a time.
  receiveHighWaterMark: 16,
  sendHighWaterMark: 64,
  linger: LINGER_MS,
  // A client whose machine vanished is noticed within two minutes. ZeroMQ's own heartbeat is unknown to old clients.
  tcpKeepalive: 1,
  tcpKeepaliveIdle: 60,
  tcpKeepaliveInterval: 15,
  tcpKeepaliveCount: 4,
  handshakeInterval: 10_000,
} as const;

/** Listens until `signal` aborts; then requests in hand are still answered. Throws ListenError. */
export async function serveRouter(
  { endpoint, answer, atOnce, log }: RouterOptions,
  { signal }: { signal: AbortSignal },
): Promise<RouterServer> {
  const socket = new Router(SOCKET_OPTIONS);
  try {
    await socket.bind(endpoint);
  } catch (error) {
    socket.close();
    throw new ListenError(`${endpoint} cannot be listened on: ${messageOf(error)}; name another endpoint`, {
      code: 'listen',
      cause: error,
    });
  }
  const send = createSender(socket, log);
  const inHand = new Set<Promise<void>>();
  const reply = async ({ envelope, body }: Received) => send([...envelope, await answer(body)]);
  const take = (frames: readonly Uint8Array[]) => {
    const received = parseFrames(frames);
    if (received === undefined) {
      log.debug('a message without the envelope of a REQ socket was dropped', { frames: frames.length });
      return;
    }
    const answering = reply(received)
      .catch((error: unknown) => log.error('a request was not answered', { error: messageOf(error) }))
      .finally(() => inHand.delete(answering));
    inHand.add(answering);
  };
  const serve = async () => {
    try {
      while (!signal.aborted) {
        if (inHand.size < atOnce) take(await untilAborted(receive(socket), signal));
        else await untilAborted(Promise.race(inHand), signal);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      await Promise.all(inHand);
      socket.close();
    }
  };
  const done = serve();
  // Whoever waits for `done` sees it; until then it is no unhandled rejection.
  done.catch(() => undefined);
  return {
    endpoint: socket.lastEndpoint ?? endpoint,
    done,
    async [Symbol.asyncDispose]() {
      await done.catch(() => undefined);
    },
  };
}

/** Closing the socket rejects it when nobody waits for it any more. */
function receive(socket: Router): Promise<readonly Uint8Array[]> {
  const receiving = socket.receive();
  receiving.catch(() => undefined);
  return receiving;
}

/** One message leaves after the other, as the socket wants it; one for a client that has gone is dropped by libzmq. */
function createSender(socket: Router, log: Log): (frames: readonly (Uint8Array | string)[]) => Promise<void> {
  let last: Promise<void> = Promise.resolve();
  return (frames) => {
    last = last
      .then(() => socket.send([...frames]))
      .catch((error: unknown) => log.debug('a reply was not sent', { error: messageOf(error) }));
    return last;
  };
}
