import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { startPeerProcess } from './peer-process.ts';
import { dynamodbLocalFolder } from './peer-requirements.ts';

export interface DynamodbLocal extends AsyncDisposable {
  readonly client: DynamoDBDocumentClient;
}

/** Amazon's own DynamoDB for one machine, on 127.0.0.1, with everything in memory and no table yet. */
export async function startDynamodbLocal(): Promise<DynamodbLocal> {
  await using resources = new AsyncDisposableStack();
  const child = resources.use(
    startPeerProcess('DynamoDB Local', [
      'java',
      `-Djava.library.path=${dynamodbLocalFolder}`,
      '-cp',
      `${dynamodbLocalFolder}/*:${dynamodbLocalFolder}`,
      'LoopbackServer',
    ]),
  );
  const port = Number(await child.nextLine({ timeoutMs: 60_000 }));
  const client = new DynamoDBClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  resources.defer(() => client.destroy());
  const release = resources.move();
  return {
    client: DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } }),
    [Symbol.asyncDispose]: () => release.disposeAsync(),
  };
}
