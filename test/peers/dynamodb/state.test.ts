import { createMissingTable } from '../../../lib/state/create-missing-table.ts';
import { stateContract } from '../../integration/state/state-contract.ts';
import { startDynamodbLocal } from '../../support/peers/dynamodb-local.ts';
import { describeWithPeers } from '../../support/peers/peer-requirements.ts';

const tableName = 'vsweep';

describeWithPeers(['dynamodb-local'], 'DynamoDB Local', () => {
  stateContract('the state in a table of DynamoDB Local', async () => {
    const server = await startDynamodbLocal();
    await createMissingTable(server.client, tableName, { signal: AbortSignal.timeout(30_000) });
    return { ...server, tableName };
  });
});
