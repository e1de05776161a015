import { strict as assert } from 'node:assert';
import { Gauge, Registry } from 'prom-client';
import { SSH_SERVICES } from '../../lib/catalogue/host.ts';
import { collector } from '../../lib/collectors/collector.ts';
import { distinctFamilies } from '../../lib/metrics/distinct-families.ts';
import { encodeExposition } from '../../lib/metrics/encode-exposition.ts';
import type { Sample } from '../../lib/metrics/family.ts';
import type { SourcedSamples } from '../../lib/metrics/sourced-samples.ts';
import { labelsAt } from '../../lib/sweep/columns.ts';
import { mergeBatches } from '../../lib/sweep/result/merge.ts';
import { nameItems } from '../../lib/sweep/result/named-items.ts';
import { createNaming } from '../../lib/sweep/result/naming.ts';
import { type MadeBatch, makeBatch } from '../made-batch.ts';
import { measure } from '../measured.ts';

/**
 * 10,000 hosts with 15 services, two series each, out of 40 batches: merged, or what comes after it, as a push sink
 * has it: named, de-duplicated, sorted into families, encoded as text.
 */
const { by } = JSON.parse(process.argv[2] ?? '{}') as { by: 'merge' | 'vsweep' | 'prom-client' };
const SERIES = 300_000;
const TARGET = { name: 'vc-bench.example.org', site: 'qa-de-1a' };
const sshServices = collector('ssh-services', SSH_SERVICES);
const batches = Array.from({ length: 40 }, (_, batch) => makeBatch(batch, { hosts: 250, services: 15 }));

const named = nameItems(TARGET, {
  hosts: batches.flatMap(({ hosts }) => hosts),
  listed: [],
  others: new Map(),
});
/** What the peer is given, made before the time begins. */
const given =
  by === 'prom-client'
    ? Map.groupBy(batches.flatMap(samplesOf), ({ metric }) => metric)
    : new Map<string, Sample[]>();

function samplesOf({ result }: MadeBatch): Sample[] {
  const naming = createNaming(named);
  return SSH_SERVICES.flatMap((row) => {
    const family = result.families.find(({ metric }) => metric === row.name);
    const { ofPoint } = naming(row);
    return (family?.items ?? []).flatMap((item, index) => {
      const [moref = ''] = result.outcomes[item] ?? [];
      const labels = family === undefined ? [] : labelsAt(family, index);
      return ofPoint(moref, labels, family?.values[index] ?? 0)?.sample ?? [];
    });
  });
}

const merge = () => {
  const finished = batches.map(({ hosts, result }) => ({
    hosts,
    result: { status: 'fulfilled' as const, value: result },
  }));
  return mergeBatches(
    { asked: finished, read: [] },
    { collectors: [sshServices], overSsh: true, unread: 'not-needed', named },
  ).samples;
};

function encode(samples: SourcedSamples): Buffer[] {
  return Array.from(encodeExposition(distinctFamilies(sshServices.metrics, samples).families));
}

/** The peer: a Gauge a family and one `set` a series, which is less work: nothing is de-duplicated or checked. */
async function setAndEncode(): Promise<string> {
  const registry = new Registry();
  for (const { name, help, labels } of sshServices.metrics) {
    const gauge = new Gauge({ name, help, labelNames: labels, registers: [registry] });
    for (const { labels: values, value } of given.get(name) ?? []) {
      gauge.set(Object.fromEntries(labels.map((label, index) => [label, values[index] ?? ''])), value);
    }
  }
  return await registry.metrics();
}

async function measureText(make: () => Promise<Buffer[]>) {
  let chunks: Buffer[] = [];
  const measured = await measure(async () => {
    chunks = await make();
  });
  const text = Buffer.concat(chunks).toString();
  assert.equal(text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length, SERIES);
  return measured;
}

async function measureVsweep() {
  const rows = merge();
  return await measureText(async () => encode(rows));
}

const measureMerge = () => measure(async () => assert.equal(merge().length, SERIES));

const MEASURES = {
  merge: measureMerge,
  vsweep: measureVsweep,
  'prom-client': () => measureText(async () => [Buffer.from(await setAndEncode())]),
};
console.log(JSON.stringify(await MEASURES[by]()));
