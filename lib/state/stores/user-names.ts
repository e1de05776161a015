import * as z from 'zod';
import { ABSENT } from '../conditions.ts';
import { parseItem } from '../item.ts';
import type { Table } from '../port.ts';
import { normalUser } from './account-item.ts';

interface Options {
  readonly signal: AbortSignal;
}

/** Names every user who was ever refused, so that a list of them needs no scan of the table. */
export interface UserNames {
  /** Does a write of an account and has its user's name stand there before, and also where another table came between. */
  withName<T>(user: string, options: Options, write: () => Promise<T>): Promise<T>;
  list(options: Options): Promise<readonly string[]>;
}

const PK = 'accounts';
const userItem = z.object({ user: z.string() });

export function createUserNames({ table }: { table: Table }): UserNames {
  const namings = new Map<string, Promise<unknown>>();
  let namedIn = table.generation;

  /** Once a user, table and process. */
  const name = async (user: string, options: Options) => {
    const { generation } = table;
    if (generation !== namedIn) namings.clear();
    namedIn = generation;
    const byAnother = namings.get(user)?.then(
      () => true,
      () => false,
    );
    if (await byAnother) return;
    const naming = table.putIf(ABSENT, { pk: PK, sk: user, user }, options);
    namings.set(user, naming);
    try {
      await naming;
    } catch (error) {
      namings.delete(user);
      throw error;
    }
  };
  return {
    async withName(user, options, write) {
      const { generation } = table;
      await name(normalUser(user), options);
      const written = await write();
      if (table.generation !== generation) await name(normalUser(user), options);
      return written;
    },
    async list(options) {
      const items = await table.query({ pk: PK }, options);
      return items.map((item) => parseItem(userItem, item).user);
    },
  };
}
