import { ABSENT, type Condition } from '../conditions.ts';
import { joinKey } from '../item.ts';
import type { Table } from '../port.ts';

interface Options {
  readonly signal: AbortSignal;
}

/** The batches that a worker has taken: a request that somebody sends again finds its own batch taken. */
export interface ClaimStore {
  /**
   * Takes a batch; false when it was taken before. `until` is when its request expires, in milliseconds since the
   * epoch: nobody has to remember the claim any longer, and the table forgets it some time later.
   */
  take(
    batch: {
      readonly target: string;
      readonly runId: string;
      readonly batch: number;
      readonly until: number;
    },
    options: Options,
  ): Promise<boolean>;
}

/** Beyond the end of the request, for clocks that differ. */
const KEPT_MS = 3_600_000;

export function createClaimStore({ table, randomId }: { table: Table; randomId: () => string }): ClaimStore {
  return {
    async take({ target, runId, batch, until }, options) {
      // The SDK repeats a write whose answer was lost, and finds its own item then.
      const by = randomId();
      const isFree: Condition = { any: [ABSENT, { equals: ['by', by] }] };
      const expiresAt = Math.ceil((until + KEPT_MS) / 1_000);
      const item = { pk: joinKey('claim', target), sk: joinKey(runId, String(batch)), by, expiresAt };
      return await table.putIf(isFree, item, options);
    },
  };
}
