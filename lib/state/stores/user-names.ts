import * as z from 'zod';
import { parseItem } from '../item.ts';
import type { Table } from '../port.ts';
import { normalUser } from './account-item.ts';
import { createIndexEntries } from './index-entries.ts';

interface Options {
  readonly signal: AbortSignal;
}

/** Names every user who was ever refused. */
export interface UserNames {
  /** Does a write of an account and has its user's name stand there before. */
  withName<T>(user: string, options: Options, write: () => Promise<T>): Promise<T>;
  list(options: Options): Promise<readonly string[]>;
}

const PK = 'accounts';
const userItem = z.object({ user: z.string() });

export function createUserNames({ table }: { table: Table }): UserNames {
  const entries = createIndexEntries({ table });
  return {
    withName(user, options, write) {
      const name = normalUser(user);
      return entries.withEntry({ pk: PK, sk: name, user: name }, options, write);
    },
    async list(options) {
      const items = await table.query({ pk: PK }, options);
      return items.map((item) => parseItem(userItem, item).user);
    },
  };
}
