import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { compress } from 'snappyjs';
import type { Family } from '../../lib/metrics/family.ts';
import { createSigV4 } from '../../lib/sinks/http/sigv4.ts';
import { writeBatches } from '../../lib/sinks/remote-write/batches.ts';
import { missingFor, remoteWriteClient } from '../../test/support/peers/peer-requirements.ts';
import type { Peer, Row } from '../row.ts';

const run = promisify(execFile);
const MACHINES = 5_000;
const METRICS = 60;
/** About what 1 MB holds, so that the peer has requests of the same size. */
const PER_REQUEST = 4_000;
const ROUNDS = 7;
const WRITES = {
  timeMs: 1_767_225_600_000,
  group: { job: 'vsweep_inventory', instance: 'vc01.example.org' },
  external: {},
  maxBytes: 2_000_000,
  maxSamples: PER_REQUEST,
};
const URL_OF_WORKSPACE = new URL(
  'https://aps-workspaces.eu-central-1.amazonaws.com/workspaces/ws-1/api/v1/remote_write',
);

/** Requests as they leave for a workspace of Amazon's, without the network; the first round compiles. */
export async function measureRemoteWrite(): Promise<Row[]> {
  const families = familiesOf();
  const sign = createSigV4({
    service: 'aps',
    region: 'eu-central-1',
    credentials: async () => ({ accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' }),
    now: () => WRITES.timeMs,
  });
  const { signal } = new AbortController();
  const seconds: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const startedAt = performance.now();
    for (const { message } of writeBatches(families, WRITES)) {
      await sign({ method: 'POST', url: URL_OF_WORKSPACE, headers: {}, body: compress(message) }, { signal });
    }
    seconds.push((performance.now() - startedAt) / 1_000);
  }
  const [first, ...others] = seconds as [number, ...number[]];
  const what = 'encoded, compressed and signed';
  return [
    {
      what: `${what}, first round of a process`,
      unit: 's',
      ours: [first],
      target: { atMost: 0.5, of: 'unit' },
    },
    { what, unit: 's', ours: others, peer: await measurePeer(), target: { atMost: 0.5, of: 'unit' } },
  ];
}

/** Prometheus' own packages, in Go. */
async function measurePeer(): Promise<Peer> {
  const name = 'prompb and snappy of Prometheus 2.42 (Go)';
  const [missing] = missingFor('remote-write');
  if (missing !== undefined) return { name, missing };
  const { stdout } = await run(remoteWriteClient, [MACHINES, METRICS, PER_REQUEST, ROUNDS].map(String));
  const rounds = stdout
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { seconds: number }).seconds);
  return { name, runs: rounds.slice(1) };
}

/** As those of the peer. The metrics of a machine have one array of labels, as in a run. */
function familiesOf(): Family[] {
  const labels = ['vm_name', 'host_name', 'cluster_name', 'dc_name', 'ds_name'];
  const machines = Array.from({ length: MACHINES }, (_, index) => [
    `vm-${index}-app-${index % 17}.example.org`,
    `esx${index % 97}.example.org`,
    `cluster-${index % 9}`,
    'dc1',
    `ds-${index % 31}`,
  ]);
  return Array.from({ length: METRICS }, (_, metric) => {
    const name = `vmware_vm_metric_${metric}_average`;
    return {
      definition: { name, help: 'A number of a virtual machine', labels },
      isTimed: false,
      samples: machines.map((values, index) => ({
        metric: name,
        labels: values,
        value: ((index * 7_919 * (metric + 1)) % 100_000) / 8,
      })),
    };
  });
}
