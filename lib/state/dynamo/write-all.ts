import {
  BatchWriteCommand,
  type BatchWriteCommandInput,
  type DynamoDBDocumentClient,
} from '@aws-sdk/lib-dynamodb';
import type { Clock } from '../../platform/clock.ts';
import type { ItemWrite } from '../port.ts';
import { sendAll } from './send-all.ts';

type Requests = NonNullable<BatchWriteCommandInput['RequestItems']>[string];

/** DynamoDB's own limit of one BatchWriteItem. */
const BATCH_SIZE = 25;

/** Writes in batches; what DynamoDB hands back unprocessed is sent again after a growing pause, 8 times at most. */
export async function writeAll(
  writes: readonly ItemWrite[],
  { client, tableName, clock }: { client: DynamoDBDocumentClient; tableName: string; clock: Clock },
  { signal }: { signal: AbortSignal },
): Promise<void> {
  const send = async (requests: Requests): Promise<Requests> => {
    const command = new BatchWriteCommand({ RequestItems: { [tableName]: requests } });
    const { UnprocessedItems } = await client.send(command, { abortSignal: signal });
    return UnprocessedItems?.[tableName] ?? [];
  };
  await sendAll(writes.map(toRequest), { size: BATCH_SIZE, send, tableName, clock }, { signal });
}

function toRequest(write: ItemWrite): Requests[number] {
  return 'put' in write
    ? { PutRequest: { Item: write.put } }
    : { DeleteRequest: { Key: { pk: write.delete.pk, sk: write.delete.sk } } };
}
