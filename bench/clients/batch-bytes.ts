import { strict as assert } from 'node:assert';
import { gunzipSync, gzipSync } from 'node:zlib';
import { decodeBatchResult, encodeBatchResult } from '../../lib/sweep/batch.ts';
import { makeBatch } from '../made-batch.ts';
import { measure } from '../measured.ts';

/** The results of 40 batches of 250 hosts, made into the bytes of the contract and read again. */
const { by } = JSON.parse(process.argv[2] ?? '{}') as { by: 'vsweep' | 'json' };
const batches = Array.from({ length: 40 }, (_, batch) => makeBatch(batch, { hosts: 250, services: 15 }));

const viaContract = (result: (typeof batches)[number]['result']) =>
  decodeBatchResult(encodeBatchResult(result, { does: 'ask' }));
/** The peer: the same compression, and nothing checked. */
const viaJson = (result: unknown) =>
  JSON.parse(gunzipSync(gzipSync(JSON.stringify(result), { level: 4 })).toString());

let hosts = 0;
const measured = await measure(async () => {
  for (const { result } of batches) {
    const read = by === 'vsweep' ? viaContract(result) : viaJson(result);
    hosts += read.outcomes.length;
  }
});
assert.equal(hosts, 10_000);
console.log(JSON.stringify(measured));
