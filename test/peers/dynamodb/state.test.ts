import { systemClock } from '../../../lib/platform/clock.ts';
import { createMissingTable } from '../../../lib/state/create-missing-table.ts';
import { createDynamoTable } from '../../../lib/state/dynamo/table.ts';
import { stateContract } from '../../integration/state/state-contract.ts';
import { tableContract } from '../../integration/state/table-contract.ts';
import { startDynamodbLocal } from '../../support/peers/dynamodb-local.ts';
import { describeWithPeers } from '../../support/peers/peer-requirements.ts';

const tableName = 'vsweep';

describeWithPeers(['dynamodb-local'], 'DynamoDB Local', () => {
  const start = async () => {
    const server = await startDynamodbLocal();
    await createMissingTable(server.client, tableName, { signal: AbortSignal.timeout(30_000) });
    return { ...server, tableName };
  };
  stateContract('the state in a table of DynamoDB Local', start);
  tableContract('the table in DynamoDB Local', async () => {
    const server = await start();
    return { ...server, table: createDynamoTable({ ...server, clock: systemClock }) };
  });
});
