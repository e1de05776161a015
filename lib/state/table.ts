import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import {
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import type { Clock } from '../platform/clock.ts';
import { getAll } from './get-all.ts';
import type { Item, ItemKey } from './item.ts';
import { translateError } from './translate-error.ts';
import { type ItemWrite, writeAll } from './write-all.ts';

/** A DynamoDB expression with what its placeholders stand for. */
export interface Expression {
  readonly expression: string;
  readonly names: Readonly<Record<`#${string}`, string>>;
  readonly values?: Readonly<Record<`:${string}`, unknown>>;
}

interface Options {
  readonly signal: AbortSignal;
}

/**
 * The state table, as far as vsweep uses DynamoDB. Reads are consistent unless `eventual` is asked for, which costs half
 * and may miss what was written in the last second or so. A condition that does not hold is an answer
 * (`false`, `undefined`), every other failure a StateError. A write whose answer was lost is repeated by the SDK, so
 * callers must be able to bear a write that was done twice.
 */
export interface Table {
  get(key: ItemKey, options: Options): Promise<Item | undefined>;
  /** Those of the items that are there, in any order; each costs as if it were read alone. Each key once. */
  getAll(keys: readonly ItemKey[], options: Options & Reading): Promise<readonly Item[]>;
  /**
   * Every item of `pk`, or those whose `sk` begins with `skPrefix` or lies in `skRange` (both ends included, in the order
   * of bytes), all pages; `only` names the attributes wanted.
   */
  query(from: QueryOfItems, options: Options & Reading): Promise<readonly Item[]>;
  /** The replaced item, if there was one. */
  replace(item: Item, options: Options): Promise<Item | undefined>;
  putIf(condition: Expression, item: Item, options: Options): Promise<boolean>;
  /** Makes the item when absent; answers the item after the update. */
  update(key: ItemKey, update: Expression, options: Options): Promise<Item>;
  /** The item after the update; undefined when the condition, in the placeholders of `update`, did not hold. */
  updateIf(condition: string, key: ItemKey, update: Expression, options: Options): Promise<Item | undefined>;
  deleteIf(condition: Expression, key: ItemKey, options: Options): Promise<boolean>;
  /** Puts and deletes in any order, not as one; each key once. */
  writeAll(writes: readonly ItemWrite[], options: Options): Promise<void>;
}

/** `eventual`: only for what may be stale without harm. Attempts, refusals and pinned keys never are. */
export interface Reading {
  readonly eventual?: boolean;
}

export interface QueryOfItems {
  readonly pk: string;
  readonly skPrefix?: string;
  readonly skRange?: readonly [string, string];
  readonly only?: readonly string[];
}

export interface TableOptions {
  readonly client: DynamoDBDocumentClient;
  readonly tableName: string;
  readonly clock: Clock;
}

/** Of a query: the part for a range of `sk` that may not be given. */
export const inRange = (range: readonly [string, string] | undefined) =>
  range === undefined ? {} : { skRange: range };

/** The condition that nothing stands under the key yet. */
export const ABSENT: Expression = { expression: 'attribute_not_exists(#pk)', names: { '#pk': 'pk' } };

export function createTable({ client, tableName, clock }: TableOptions): Table {
  const TableName = tableName;
  return {
    async get(key, { signal }) {
      const command = new GetCommand({ TableName, Key: pick(key), ConsistentRead: true });
      const { Item } = await at('a read', signal, () => client.send(command, { abortSignal: signal }));
      return Item as Item | undefined;
    },
    getAll: (keys, { signal, eventual = false }) =>
      at('a batch of reads', signal, () =>
        getAll(keys, { client, tableName, clock, ConsistentRead: !eventual }, { signal }),
      ),
    async query(from, { signal, eventual = false }) {
      const items: Item[] = [];
      let after: Record<string, unknown> | undefined;
      do {
        const command = new QueryCommand({
          TableName,
          ConsistentRead: !eventual,
          ExclusiveStartKey: after,
          ...toQuery(from),
        });
        const page = await at('a query', signal, () => client.send(command, { abortSignal: signal }));
        items.push(...((page.Items ?? []) as Item[]));
        after = page.LastEvaluatedKey;
      } while (after !== undefined);
      return items;
    },
    async replace(item, { signal }) {
      const command = new PutCommand({ TableName, Item: item, ReturnValues: 'ALL_OLD' });
      const { Attributes } = await at('a write', signal, () => client.send(command, { abortSignal: signal }));
      return Attributes as Item | undefined;
    },
    async putIf(condition, item, { signal }) {
      const command = new PutCommand({ TableName, Item: item, ...toCondition(condition) });
      return (await unlessRefuted(signal, () => client.send(command, { abortSignal: signal }))) !== undefined;
    },
    async update(key, update, { signal }) {
      const command = new UpdateCommand(toUpdate(TableName, key, update));
      const { Attributes } = await at('a write', signal, () => client.send(command, { abortSignal: signal }));
      return Attributes as Item;
    },
    async updateIf(condition, key, update, { signal }) {
      const command = new UpdateCommand({
        ...toUpdate(TableName, key, update),
        ConditionExpression: condition,
      });
      const done = await unlessRefuted(signal, () => client.send(command, { abortSignal: signal }));
      return done?.Attributes as Item | undefined;
    },
    async deleteIf(condition, key, { signal }) {
      const command = new DeleteCommand({ TableName, Key: pick(key), ...toCondition(condition) });
      return (await unlessRefuted(signal, () => client.send(command, { abortSignal: signal }))) !== undefined;
    },
    writeAll: (writes, { signal }) =>
      at('a batch of writes', signal, () => writeAll(writes, { client, tableName, clock }, { signal })),
  };
}

async function at<T>(doing: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw translateError(error, doing, signal);
  }
}

async function unlessRefuted<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T | undefined> {
  return await at('a conditional write', signal, async () => {
    try {
      return await work();
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return undefined;
      throw error;
    }
  });
}

const pick = ({ pk, sk }: ItemKey) => ({ pk, sk });

function toCondition({ expression, names, values }: Expression) {
  return {
    ConditionExpression: expression,
    ExpressionAttributeNames: { ...names },
    ...(values === undefined ? {} : { ExpressionAttributeValues: { ...values } }),
  };
}

function toUpdate(TableName: string, key: ItemKey, { expression, names, values }: Expression) {
  return {
    TableName,
    Key: pick(key),
    UpdateExpression: expression,
    ExpressionAttributeNames: { ...names },
    ...(values === undefined ? {} : { ExpressionAttributeValues: { ...values } }),
    ReturnValues: 'ALL_NEW' as const,
  };
}

function toQuery({ pk, skPrefix, skRange, only = [] }: QueryOfItems) {
  const wanted = only.map((name, index) => [`#a${index}`, name] as const);
  const [from, to] = skRange ?? [];
  const bySk =
    skPrefix === undefined
      ? from === undefined
        ? undefined
        : { condition: '#sk BETWEEN :from AND :to', values: { ':from': from, ':to': to } }
      : { condition: 'begins_with(#sk, :sk)', values: { ':sk': skPrefix } };
  return {
    KeyConditionExpression: bySk === undefined ? '#pk = :pk' : `#pk = :pk AND ${bySk.condition}`,
    ExpressionAttributeNames: {
      '#pk': 'pk',
      ...(bySk === undefined ? {} : { '#sk': 'sk' }),
      ...Object.fromEntries(wanted),
    },
    ExpressionAttributeValues: { ':pk': pk, ...bySk?.values },
    ...(wanted.length === 0 ? {} : { ProjectionExpression: wanted.map(([alias]) => alias).join(', ') }),
  };
}
