import * as z from 'zod';
import { joinKey, parseItem } from '../item.ts';
import type { Table } from '../port.ts';

interface Options {
  readonly signal: AbortSignal;
}

/** A group of series at the Pushgateway. */
export interface Group {
  readonly job: string;
  readonly instance: string;
}

/** Among how many groups its series are divided, and the name of every part that may be at the gateway. */
export interface GroupRecord {
  readonly split: number;
  readonly parts: readonly string[];
}

/** The groups that were pushed and not yet deleted at the gateway. */
export interface GroupStore {
  readAll(options: Options): Promise<readonly Group[]>;
  /** Undefined too while its parts are not known. */
  read(group: Group, options: Options): Promise<GroupRecord | undefined>;
  /** Makes the record of a group that is new; undefined until `change` told its parts. */
  record(group: Group, options: Options): Promise<GroupRecord | undefined>;
  change(group: Group, record: GroupRecord, options: Options): Promise<void>;
  remove(group: Group, options: Options): Promise<void>;
}

const PK = 'groups';
const groupItem = z.object({
  job: z.string(),
  instance: z.string(),
  split: z.int().min(1).optional(),
  parts: z.array(z.string()).optional(),
});

export function createGroupStore({ table }: { table: Table }): GroupStore {
  const keyOf = ({ job, instance }: Group) => ({ pk: PK, sk: joinKey(job, instance) });
  const toRecord = ({ split, parts }: z.infer<typeof groupItem>): GroupRecord | undefined =>
    split === undefined || parts === undefined ? undefined : { split, parts };
  return {
    async readAll(options) {
      const items = await table.query({ pk: PK }, options);
      return items.map((item) => parseItem(groupItem, item)).map(({ job, instance }) => ({ job, instance }));
    },
    async read(group, options) {
      const item = await table.get(keyOf(group), options);
      return item && toRecord(parseItem(groupItem, item));
    },
    async record({ job, instance }, options) {
      const item = await table.update(keyOf({ job, instance }), { set: { job, instance } }, options);
      return toRecord(parseItem(groupItem, item));
    },
    async change({ job, instance }, { split, parts }, options) {
      const set = { job, instance, split, parts: [...parts] };
      await table.update(keyOf({ job, instance }), { set }, options);
    },
    remove: (group, options) => table.writeAll([{ delete: keyOf(group) }], options),
  };
}
