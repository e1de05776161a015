import * as z from 'zod';
import { joinKey, parseItem } from '../item.ts';
import type { Table } from '../port.ts';

interface Options {
  readonly signal: AbortSignal;
}

/** A Pushgateway grouping key. */
export interface Group {
  readonly job: string;
  readonly instance: string;
}

/** The groups that were pushed and not yet deleted at the gateway. */
export interface GroupStore {
  readAll(options: Options): Promise<readonly Group[]>;
  record(job: string, instance: string, options: Options): Promise<void>;
  remove(job: string, instance: string, options: Options): Promise<void>;
}

const PK = 'groups';
const groupItem = z.object({ job: z.string(), instance: z.string() });

export function createGroupStore({ table }: { table: Table }): GroupStore {
  const keyOf = (job: string, instance: string) => ({ pk: PK, sk: joinKey(job, instance) });
  return {
    async readAll(options) {
      return (await table.query({ pk: PK }, options)).map((item) => parseItem(groupItem, item));
    },
    async record(job, instance, options) {
      await table.replace({ ...keyOf(job, instance), job, instance }, options);
    },
    remove: (job, instance, options) => table.writeAll([{ delete: keyOf(job, instance) }], options),
  };
}
