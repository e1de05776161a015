import {
  BatchWriteCommand,
  type BatchWriteCommandInput,
  type DynamoDBDocumentClient,
} from '@aws-sdk/lib-dynamodb';
import type { Clock } from '../platform/clock.ts';
import { StateError } from './errors.ts';
import type { Item, ItemKey } from './item.ts';

export type ItemWrite = { readonly put: Item } | { readonly delete: ItemKey };

type Requests = NonNullable<BatchWriteCommandInput['RequestItems']>[string];

/** DynamoDB's own limit of one BatchWriteItem. */
const BATCH_SIZE = 25;
const MAX_ATTEMPTS = 8;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2_000;

/** Writes in batches; what DynamoDB hands back unprocessed is sent again after a growing pause, 8 times at most. */
export async function writeAll(
  writes: readonly ItemWrite[],
  { client, tableName, clock }: { client: DynamoDBDocumentClient; tableName: string; clock: Clock },
  { signal }: { signal: AbortSignal },
): Promise<void> {
  let left: Requests = writes.map(toRequest);
  for (let failures = 0; left.length > 0; ) {
    const command = new BatchWriteCommand({ RequestItems: { [tableName]: left.slice(0, BATCH_SIZE) } });
    const { UnprocessedItems } = await client.send(command, { abortSignal: signal });
    const unprocessed = UnprocessedItems?.[tableName] ?? [];
    left = [...unprocessed, ...left.slice(BATCH_SIZE)];
    if (unprocessed.length === 0) {
      failures = 0;
      continue;
    }
    failures += 1;
    if (failures === MAX_ATTEMPTS) throw tooBusy(tableName, left.length);
    await clock.sleep(Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), LONGEST_PAUSE_MS), { signal });
  }
}

function toRequest(write: ItemWrite): Requests[number] {
  return 'put' in write
    ? { PutRequest: { Item: write.put } }
    : { DeleteRequest: { Key: { pk: write.delete.pk, sk: write.delete.sk } } };
}

function tooBusy(tableName: string, left: number): StateError {
  return new StateError(
    `The state table ${tableName} is too busy: ${left} items were not taken in ${MAX_ATTEMPTS} attempts. ` +
      'They are written again next time; raise its capacity if this goes on.',
    { code: 'unavailable' },
  );
}
