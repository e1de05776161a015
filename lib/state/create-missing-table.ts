import {
  CreateTableCommand,
  DescribeTableCommand,
  ResourceNotFoundException,
} from '@aws-sdk/client-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { StateError } from './errors.ts';
import { translateError } from './translate-error.ts';

const MAX_LOOKS = 1_000;

/**
 * Creates the table on the embedded server, which has it ready within milliseconds. `half-made`: a process died while
 * it created the table. Such a table never took an item, and dynalite neither finishes nor deletes it.
 */
export async function createMissingTable(
  client: DynamoDBDocumentClient,
  tableName: string,
  { signal }: { signal: AbortSignal },
): Promise<'ready' | 'half-made'> {
  try {
    return await describeOrCreate(client, tableName, { signal });
  } catch (error) {
    throw translateError(error, 'the creation of its table', signal);
  }
}

async function describeOrCreate(
  client: DynamoDBDocumentClient,
  tableName: string,
  { signal }: { signal: AbortSignal },
): Promise<'ready' | 'half-made'> {
  const found = await readStatus(client, tableName, { signal });
  if (found !== undefined) return found === 'ACTIVE' ? 'ready' : 'half-made';
  await client.send(
    new CreateTableCommand({
      TableName: tableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'S' },
      ],
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
    }),
    { abortSignal: signal },
  );
  for (let looks = 0; looks < MAX_LOOKS; looks += 1) {
    if ((await readStatus(client, tableName, { signal })) === 'ACTIVE') return 'ready';
  }
  throw new StateError(`The state table ${tableName} was created and does not become ready.`, {
    code: 'unavailable',
  });
}

async function readStatus(
  client: DynamoDBDocumentClient,
  tableName: string,
  { signal }: { signal: AbortSignal },
): Promise<string | undefined> {
  try {
    const { Table } = await client.send(new DescribeTableCommand({ TableName: tableName }), {
      abortSignal: signal,
    });
    return Table?.TableStatus;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}
