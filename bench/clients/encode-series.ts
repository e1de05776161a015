import { strict as assert } from 'node:assert';
import { Gauge, Registry } from 'prom-client';
import { SSH_SERVICES } from '../../lib/catalogue/host.ts';
import { collector } from '../../lib/collectors/collector.ts';
import { deduplicate } from '../../lib/metrics/deduplicate.ts';
import { encodeExposition } from '../../lib/metrics/encode-exposition.ts';
import { groupIntoFamilies } from '../../lib/metrics/group-into-families.ts';
import { mergeBatches } from '../../lib/sweep/result/merge.ts';
import { makeBatch } from '../made-batch.ts';
import { measure } from '../measured.ts';

/** 10,000 hosts with 15 services, two series each, out of 40 batches: merged, de-duplicated, encoded as text. */
const { by } = JSON.parse(process.argv[2] ?? '{}') as { by: 'vsweep' | 'prom-client' };
const SERIES = 300_000;
const sshServices = collector('ssh-services', SSH_SERVICES);
const batches = Array.from({ length: 40 }, (_, batch) => makeBatch(batch, { hosts: 250, services: 15 }));

async function encode(): Promise<string> {
  const finished = batches.map(({ hosts, result }) => ({
    hosts,
    result: { status: 'fulfilled' as const, value: result },
  }));
  const merged = mergeBatches(finished, { collectors: [sshServices], overSsh: true });
  const { samples } = deduplicate(merged.samples);
  return await encodeExposition(groupIntoFamilies(sshServices.metrics, samples));
}

/** The peer: a Gauge a family and one `set` a series, which is less work: nothing is de-duplicated or checked. */
async function setAndEncode(): Promise<string> {
  const registry = new Registry();
  for (const { name, help, labels } of sshServices.metrics) {
    const gauge = new Gauge({ name, help, labelNames: labels, registers: [registry] });
    for (const { result } of batches) {
      const rows = result.families.find(({ metric }) => metric === name)?.rows ?? [];
      for (const [, values, value] of rows) {
        gauge.set(Object.fromEntries(labels.map((label, index) => [label, values[index] ?? ''])), value);
      }
    }
  }
  return await registry.metrics();
}

let text = '';
const measured = await measure(async () => {
  text = by === 'vsweep' ? await encode() : await setAndEncode();
});
assert.equal(text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length, SERIES);
console.log(JSON.stringify(measured));
