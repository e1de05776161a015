import { ABSENT, type Condition } from '../conditions.ts';
import type { Item, ItemKey } from '../item.ts';
import type { Table } from '../port.ts';

interface Options {
  readonly signal: AbortSignal;
}

/** Items that name other items of the table, so that a list of these needs no scan. */
export interface IndexEntries {
  /**
   * Does a write and has its entry stand there before, and also where another table came between. `at`, the time of
   * the entry, is added where entries are renewed.
   */
  withEntry<T>(entry: Item, options: Options, write: () => Promise<T>): Promise<T>;
}

/**
 * An entry is written once a process and table; with `renewal` again after so long, so that one that is much older has
 * no writer any more. Milliseconds.
 */
export function createIndexEntries({
  table,
  renewal,
}: {
  table: Table;
  renewal?: { readonly everyMs: number; readonly now: () => number };
}): IndexEntries {
  const entries = new Map<string, { readonly at: number; readonly writing: Promise<unknown> }>();
  let writtenIn = table.generation;
  const now = renewal?.now ?? (() => 0);
  const everyMs = renewal?.everyMs ?? Number.POSITIVE_INFINITY;
  const isDue: (at: number) => Condition = (at) =>
    renewal === undefined ? ABSENT : { any: [ABSENT, { atMost: ['at', at - everyMs] }] };

  const enter = async (entry: Item, options: Options) => {
    const { generation } = table;
    if (generation !== writtenIn) entries.clear();
    writtenIn = generation;
    const name = nameOf(entry);
    const known = entries.get(name);
    const byAnother = known?.writing.then(
      () => now() - known.at < everyMs,
      () => false,
    );
    if (await byAnother) return;
    const at = now();
    const stamped = renewal === undefined ? entry : { ...entry, at };
    const writing = table.putIf(isDue(at), stamped, options);
    entries.set(name, { at, writing });
    await writing;
  };
  return {
    async withEntry(entry, options, write) {
      await enter(entry, options);
      const written = await write();
      await enter(entry, options);
      return written;
    },
  };
}

const nameOf = ({ pk, sk }: ItemKey) => JSON.stringify([pk, sk]);
