import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog } from '../../../lib/platform/log.ts';
import { openSqliteTable } from '../../../lib/state/sqlite/table.ts';
import { startTable } from '../../support/lambda/dynamodb.ts';
import { tableContract } from './table-contract.ts';

tableContract('the table in DynamoDB', startTable);

tableContract('the table in SQLite', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'vsweep-test-'));
  const { signal } = new AbortController();
  const opened = await openSqliteTable({ folder, log: silentLog, onNew: () => undefined }, { signal });
  return {
    table: opened.table,
    async [Symbol.asyncDispose]() {
      await opened[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    },
  };
});
