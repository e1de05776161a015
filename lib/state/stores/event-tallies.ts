import * as z from 'zod';
import type { EventTally } from '../../vsphere/event/event-tally.ts';
import { ABSENT, type Condition } from '../conditions.ts';
import { restlessItem } from '../errors.ts';
import { type Item, joinKey, malformedItem, parseItem } from '../item.ts';
import { packJson, unpackJson } from '../packed-json.ts';
import type { Table } from '../port.ts';

interface Options {
  readonly signal: AbortSignal;
}

/** A tally with the number of writes that made it: the next one is written only over this one. */
export interface StoredTally {
  readonly tally: EventTally;
  readonly revision: number;
}

/** What each sweep counted of the events of a target. Totals and cursor are one item, so none is written without the other. */
export interface EventTallyStore {
  read(sweep: string, target: string, options: Options): Promise<StoredTally | undefined>;
  /**
   * Puts a tally in the place of the one that was read (`over`; undefined: there was none), and answers what stands:
   * another one where another run was faster. A write that was done although its answer was lost is no other run's.
   */
  write(
    sweep: string,
    target: string,
    kept: { readonly tally: EventTally; readonly over: StoredTally | undefined; readonly runId: string },
    options: Options,
  ): Promise<EventTally>;
}

const tallyItem = z.object({
  revision: z.int().min(1),
  runId: z.string(),
  packed: z.instanceof(Uint8Array),
});
const count = z.int().min(0);
const time = z.int();
const eventTally = z.object({
  at: time,
  from: time,
  totals: z.record(z.string(), count),
  seen: z.array(z.tuple([z.int(), time])).max(10_000),
});

export function createEventTallyStore({ table }: { table: Table }): EventTallyStore {
  return {
    async read(sweep, target, options) {
      const item = await table.get(keyOf(sweep, target), options);
      return item && (await toStored(item));
    },
    async write(sweep, target, { tally, over, runId }, options) {
      const key = keyOf(sweep, target);
      const isUnchanged: Condition = over === undefined ? ABSENT : { equals: ['revision', over.revision] };
      const revision = (over?.revision ?? 0) + 1;
      const packed = await packJson(tally);
      if (await table.putIf(isUnchanged, { ...key, revision, runId, packed }, options)) return tally;
      const there = await table.get(key, options);
      if (there === undefined) throw restlessItem(`The tally of events of ${sweep} on ${target}`);
      return there['revision'] === revision && there['runId'] === runId
        ? tally
        : (await toStored(there)).tally;
    },
  };
}

const keyOf = (sweep: string, target: string) => ({ pk: joinKey('run', sweep, target), sk: 'events' });

async function toStored(item: Item): Promise<StoredTally> {
  const { revision, packed } = parseItem(tallyItem, item);
  try {
    return { revision, tally: eventTally.parse(await unpackJson(packed, MAX_JSON_BYTES)) };
  } catch {
    throw malformedItem(item, 'packed: not a compressed tally of events');
  }
}

const MAX_JSON_BYTES = 4 * 1024 * 1024;
