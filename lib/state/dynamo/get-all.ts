import { BatchGetCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Clock } from '../../platform/clock.ts';
import type { Item, ItemKey } from '../item.ts';
import { sendAll } from './send-all.ts';

/** DynamoDB's own limit of one BatchGetItem; beyond 16 MB it hands the rest back. */
const BATCH_SIZE = 100;

/** Reads in batches; see Table. */
export async function getAll(
  keys: readonly ItemKey[],
  deps: { client: DynamoDBDocumentClient; tableName: string; clock: Clock; ConsistentRead: boolean },
  { signal }: { signal: AbortSignal },
): Promise<readonly Item[]> {
  const { client, tableName, clock, ConsistentRead } = deps;
  const items: Item[] = [];
  const send = async (some: ItemKey[]): Promise<ItemKey[]> => {
    const command = new BatchGetCommand({ RequestItems: { [tableName]: { Keys: some, ConsistentRead } } });
    const { Responses, UnprocessedKeys } = await client.send(command, { abortSignal: signal });
    items.push(...((Responses?.[tableName] ?? []) as Item[]));
    return (UnprocessedKeys?.[tableName]?.Keys ?? []) as ItemKey[];
  };
  const wanted = keys.map(({ pk, sk }) => ({ pk, sk }));
  await sendAll(wanted, { size: BATCH_SIZE, send, tableName, clock }, { signal });
  return items;
}
