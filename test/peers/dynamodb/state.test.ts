import { systemClock } from '../../../lib/platform/clock.ts';
import { createDynamoTable } from '../../../lib/state/dynamo/table.ts';
import { stateContract } from '../../integration/state/state-contract.ts';
import { tableContract } from '../../integration/state/table-contract.ts';
import { createStateTable } from '../../support/lambda/create-state-table.ts';
import { startDynamodbLocal } from '../../support/peers/dynamodb-local.ts';
import { describeWithPeers } from '../../support/peers/peer-requirements.ts';

const tableName = 'vsweep';

describeWithPeers(['dynamodb-local'], 'DynamoDB Local', () => {
  const start = async () => {
    const server = await startDynamodbLocal();
    await createStateTable(server.client, tableName);
    return { ...server, table: createDynamoTable({ ...server, tableName, clock: systemClock }) };
  };
  stateContract('the state in a table of DynamoDB Local', start);
  tableContract('the table in DynamoDB Local', start);
});
