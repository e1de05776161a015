import type { Clock } from '../../platform/clock.ts';
import { StateError } from '../errors.ts';

const MAX_ATTEMPTS = 8;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2_000;

/**
 * Sends requests `size` at a time; what DynamoDB hands back unprocessed is sent again after a growing pause, 8 times at
 * most. Throws StateError `unavailable` after that.
 */
export async function sendAll<Request>(
  requests: readonly Request[],
  work: {
    readonly size: number;
    /** Answers what was not processed. */
    readonly send: (some: Request[]) => Promise<readonly Request[]>;
    readonly tableName: string;
    readonly clock: Clock;
  },
  { signal }: { signal: AbortSignal },
): Promise<void> {
  const { size, send, tableName, clock } = work;
  let left = [...requests];
  for (let failures = 0; left.length > 0; ) {
    const unprocessed = await send(left.slice(0, size));
    left = [...unprocessed, ...left.slice(size)];
    if (unprocessed.length === 0) {
      failures = 0;
      continue;
    }
    failures += 1;
    if (failures === MAX_ATTEMPTS) throw tooBusy(tableName, left.length);
    await clock.sleep(Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), LONGEST_PAUSE_MS), { signal });
  }
}

function tooBusy(tableName: string, left: number): StateError {
  return new StateError(
    `The state table ${tableName} throttled ${left} items in ${MAX_ATTEMPTS} attempts. ` +
      'The next run tries again. If this repeats, raise the capacity of the table.',
    { code: 'unavailable' },
  );
}
