import { stateContract } from '../../integration/state/state-contract.ts';
import { tableContract } from '../../integration/state/table-contract.ts';
import { createMemoryTable } from '../../support/world/memory-table.ts';

const open = async () => ({ table: createMemoryTable(), [Symbol.asyncDispose]: async () => undefined });

tableContract('the table in memory, by which other tests try the stores', open);

stateContract('the state in memory', open);
