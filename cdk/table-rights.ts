import { worksAs } from '../lib/config/deployed-parts.ts';
import type { EsxiConfig } from '../lib/config/schema.ts';
import type { BundleName, FunctionName } from './bundle.ts';

/** What a function may do with the items whose `pk` is like one of the keys. */
export interface TableRight {
  readonly actions: readonly TableAction[];
  readonly keys: readonly string[];
}

export type TableAction =
  | 'GetItem'
  | 'BatchGetItem'
  | 'Query'
  | 'PutItem'
  | 'UpdateItem'
  | 'DeleteItem'
  | 'BatchWriteItem';

/** A login by password asks the account's history first. */
const READ_LOGINS: readonly TableRight[] = [{ actions: ['GetItem'], keys: ['account#*', 'proven#*'] }];

/** Attempts, refusals and successes of accounts, their hosts' limits, and the names of those that were ever tried. */
const RECORD_LOGINS: readonly TableRight[] = [
  { actions: ['UpdateItem', 'DeleteItem'], keys: ['account#*'] },
  { actions: ['PutItem'], keys: ['accounts', 'proven#*'] },
];

/** To pin the key that a host shows first. Where unknown keys are refused nobody does, and nobody may. */
const PIN_KEYS: readonly TableRight[] = [{ actions: ['GetItem', 'PutItem'], keys: ['hostkeys'] }];

/** What a function or the task may do under a configuration: a sweep function asks hosts too. */
export const tableRightsOf = (
  name: BundleName,
  { esxi }: { readonly esxi?: Pick<EsxiConfig, 'hostKeys'> | undefined },
): readonly TableRight[] =>
  byAction([
    ...worksAs(name).flatMap((one) => TABLE_RIGHTS[one]),
    ...(name !== 'poll' && esxi?.hostKeys.unknown === 'trust-first' ? PIN_KEYS : []),
  ]);

/** The same rights, one an action: each is a statement, and a role has room for 10,240 characters of them inline. */
function byAction(rights: readonly TableRight[]): TableRight[] {
  const keysOf = new Map<TableAction, Set<string>>();
  for (const { actions, keys } of rights)
    for (const action of actions) keysOf.set(action, new Set([...(keysOf.get(action) ?? []), ...keys]));
  return Array.from(keysOf, ([action, keys]) => ({ actions: [action], keys: [...keys] }));
}

/**
 * What each function uses of the state table (lib/state) whatever the configuration says, and no more. A worker sees
 * only hosts, and records their answers.
 */
const TABLE_RIGHTS: Readonly<Record<FunctionName, readonly TableRight[]>> = {
  sweep: [
    ...READ_LOGINS,
    ...RECORD_LOGINS,
    { actions: ['Query'], keys: ['account#*', 'target#*', 'netbox#*', 'groups', 'series#*'] },
    // The pins that no push has told.
    { actions: ['Query'], keys: ['hostkeys'] },
    // What the roll of a target does not have.
    { actions: ['BatchGetItem'], keys: ['proven#*', 'hostkeys'] },
    { actions: ['GetItem', 'UpdateItem'], keys: ['stamps'] },
    { actions: ['GetItem', 'PutItem'], keys: ['credential#*', 'run#*', 'target#*', 'netbox#*', 'series#*'] },
    // The lease, what a run leaves behind, and the batches under way.
    { actions: ['Query', 'UpdateItem', 'DeleteItem', 'BatchWriteItem'], keys: ['run#*'] },
    // Whose batches may be under way, also those of names that the configuration has no more.
    { actions: ['Query', 'PutItem', 'DeleteItem'], keys: ['flights'] },
    { actions: ['BatchWriteItem'], keys: ['target#*', 'netbox#*', 'groups', 'series#*'] },
    { actions: ['GetItem', 'UpdateItem'], keys: ['groups'] },
  ],
  'collect-batch': [
    ...RECORD_LOGINS,
    // What it compares a request with, and the batches that it has taken.
    { actions: ['Query'], keys: ['account#*'] },
    { actions: ['GetItem'], keys: ['run#*', 'stamps'] },
    { actions: ['BatchGetItem'], keys: ['hostkeys'] },
    { actions: ['PutItem'], keys: ['claim#*'] },
  ],
  poll: [...READ_LOGINS, ...RECORD_LOGINS],
};
