import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb';
import dynalite from 'dynalite';
import { systemClock } from '../../../lib/platform/clock.ts';
import { createSeals } from '../../../lib/platform/seal.ts';
import { createDynamoTable } from '../../../lib/state/dynamo/table.ts';
import type { Table } from '../../../lib/state/port.ts';
import { createState, type State } from '../../../lib/state/state.ts';
import { INTEGRITY_SECRET, TEST_ACCOUNT } from './aws-environment.ts';
import { createStateTable } from './create-state-table.ts';

/** DynamoDB on this machine, in memory, with the state table. */
export interface Dynamodb extends TestTable {
  /** As sweep and worker have it, with their seals. */
  readonly state: State;
  /** All that is in the table. */
  items(): Promise<readonly Readonly<Record<string, unknown>>[]>;
}

/** The table and a client of it. */
export interface TestTable extends AsyncDisposable {
  readonly url: string;
  readonly client: DynamoDBDocumentClient;
  readonly tableName: string;
  readonly table: Table;
}

export async function startTable(): Promise<TestTable> {
  const server = dynalite({ createTableMs: 0 });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = DynamoDBDocumentClient.from(new DynamoDBClient({ endpoint: url, ...TEST_ACCOUNT }));
  const tableName = 'vsweep-state';
  await createStateTable(client, tableName);
  return {
    url,
    client,
    tableName,
    table: createDynamoTable({ client, tableName, clock: systemClock }),
    async [Symbol.asyncDispose]() {
      client.destroy();
      server.closeAllConnections();
      const closed = once(server, 'close');
      server.close();
      await closed;
    },
  };
}

export async function startDynamodb(): Promise<Dynamodb> {
  const server = await startTable();
  const { client, tableName, table } = server;
  return {
    ...server,
    state: createState({
      table,
      clock: systemClock,
      seals: async () => createSeals(INTEGRITY_SECRET),
    }),
    async items() {
      const items: Record<string, unknown>[] = [];
      let after: Record<string, unknown> | undefined;
      do {
        const page = await client.send(new ScanCommand({ TableName: tableName, ExclusiveStartKey: after }));
        items.push(...(page.Items ?? []));
        after = page.LastEvaluatedKey;
      } while (after !== undefined);
      return items;
    },
  };
}
