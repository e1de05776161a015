import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import {
  DeleteCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';
import type { Clock } from '../../platform/clock.ts';
import type { Change, Condition } from '../conditions.ts';
import type { Item, ItemKey } from '../item.ts';
import type { QueryOfItems, Table } from '../port.ts';
import { createPlaceholders, printChange, printCondition } from './expressions.ts';
import { getAll } from './get-all.ts';
import { translateError } from './translate-error.ts';
import { writeAll } from './write-all.ts';

export interface DynamoTableOptions {
  readonly client: DynamoDBDocumentClient;
  readonly tableName: string;
  readonly clock: Clock;
}

/** The state table in DynamoDB. A write whose answer was lost is repeated by the SDK. */
export function createDynamoTable({ client, tableName, clock }: DynamoTableOptions): Table {
  const TableName = tableName;
  return {
    generation: 0,
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
    async update(key, change, { signal }) {
      const command = new UpdateCommand({ TableName, ...toUpdate(key, change) });
      const { Attributes } = await at('a write', signal, () => client.send(command, { abortSignal: signal }));
      return Attributes as Item;
    },
    async updateIf(condition, key, change, { signal }) {
      const command = new UpdateCommand({ TableName, ...toUpdate(key, change, condition) });
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

function toCondition(condition: Condition) {
  const placeholders = createPlaceholders();
  return { ConditionExpression: printCondition(condition, placeholders), ...placeholders.attributes() };
}

function toUpdate(key: ItemKey, change: Change, condition?: Condition) {
  const placeholders = createPlaceholders();
  return {
    Key: pick(key),
    UpdateExpression: printChange(change, placeholders),
    ...(condition === undefined ? {} : { ConditionExpression: printCondition(condition, placeholders) }),
    ...placeholders.attributes(),
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
