import type { ServerResponse } from 'node:http';
import type { Clock } from '../platform/clock.ts';

/** Browsers that are told when something changed, by server-sent events (https://html.spec.whatwg.org/#server-sent-events). */
export interface Listeners extends Disposable {
  add(response: ServerResponse): void;
  tell(): void;
}

/** More than so many people do not look at one vsweep; whoever comes later asks by itself once a minute. */
const MAX_LISTENERS = 20;
/** Shorter than a connection of the exporter may be idle. */
const STILL_HERE_MS = 15_000;

/** Each event has the number of the page's state, so that who comes again knows whether something is new. */
export function createListeners(
  stateOf: () => number,
  { clock, headers }: { clock: Pick<Clock, 'sleep'>; headers: Readonly<Record<string, string>> },
): Listeners {
  const open = new Set<ServerResponse>();
  const write = (text: string) => {
    for (const response of open) {
      // Who does not read gets no more than what fits into its socket.
      if (response.writableNeedDrain) response.destroy();
      else response.write(text);
    }
  };
  const ended = new AbortController();
  void sayStillHere();

  /** What stands between may end a connection on which nothing is said. */
  async function sayStillHere(): Promise<void> {
    while (!ended.signal.aborted) {
      await clock.sleep(STILL_HERE_MS, ended).catch(() => undefined);
      write(': still here\n\n');
    }
  }

  return {
    add(response) {
      if (open.size >= MAX_LISTENERS) {
        response.writeHead(503, { 'content-length': 0, ...headers }).end();
        return;
      }
      open.add(response);
      response.once('close', () => open.delete(response));
      response.on('error', () => response.destroy());
      response.writeHead(200, {
        'content-type': 'text/event-stream',
        ...headers,
      });
      response.write(`retry: 3000\ndata: ${stateOf()}\n\n`);
    },
    tell: () => write(`data: ${stateOf()}\n\n`),
    [Symbol.dispose]() {
      ended.abort();
      for (const response of open) response.destroy();
    },
  };
}
