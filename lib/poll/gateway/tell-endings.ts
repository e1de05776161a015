import type { Clock } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';
import { ENDINGS, type Ending } from './zmtp/errors.ts';

/** Is told of connections, for metrics. */
export interface GatewayObserver {
  connected(): void;
  disconnected(): void;
  /** The gateway ended one. */
  ended(why: Ending): void;
}

/** Who connects again and again gets no line each time. */
const PAUSE_MS = 60_000;

/** Tells of connections that the gateway ended: each to metrics, and one a minute of each reason to the log. */
export function createTellEndings({
  endpoint,
  log,
  clock,
  observe,
}: {
  endpoint: string;
  log: Log;
  clock: Clock;
  observe: GatewayObserver | undefined;
}): (address: string, why: Ending) => void {
  const warnedAt = new Map<Ending, number>();
  return (address, why) => {
    observe?.ended(why);
    const now = clock.monotonic();
    const isNew = now - (warnedAt.get(why) ?? Number.NEGATIVE_INFINITY) >= PAUSE_MS;
    if (isNew) warnedAt.set(why, now);
    const tell = isNew ? log.warn : log.debug;
    tell(`a client was disconnected: ${ENDINGS[why]}`, { address, endpoint, reason: why });
  };
}
