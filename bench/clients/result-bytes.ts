import { strict as assert } from 'node:assert';
import { encodeBatchResult } from '../../lib/sweep/batch.ts';
import { machineResult, machines, rowsOf } from '../made-machines.ts';
import { measure } from '../measured.ts';

/** What a worker answers for 1,000 items of 80 numbers. */
const result = machineResult(0, machines(1_000), rowsOf(80));
let bytes = 0;
const measured = await measure(async () => {
  bytes = encodeBatchResult(result, { does: 'read' }).length;
});
assert.ok(bytes > 1_000);
console.log(JSON.stringify({ ...measured, bytes }));
