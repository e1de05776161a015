import { join } from 'node:path';
import { missingFor } from '../../test/support/peers/peer-requirements.ts';
import { createTemporaryFolder } from '../../test/support/peers/temporary-folder.ts';
import { startVcsim } from '../../test/support/peers/vcsim.ts';
import { type Contestant, nodeContestant, pythonContestant } from '../clients.ts';
import { runContest, timeRow } from '../contest.ts';
import type { Row } from '../row.ts';
import type { VcenterOrder } from '../vcenter-order.ts';

const ROUNDS = { rounds: 3 };

/** What a sweep does besides ssh, at the size of large fleets. */
export async function measureParts(): Promise<Row[]> {
  return [
    await readVcenter(),
    await mergeSeries(),
    await encodeSeries(),
    await passBatches(),
    await openState(),
    await readState(),
    await writeState(),
    await loadTypes(),
  ];
}

async function readVcenter(): Promise<Row> {
  const what = '1,000 hosts of a vcsim listed and read';
  const missing = missingFor('vcsim');
  if (missing.length > 0) return { what, unit: 's', ours: [], missing: missing.join('; ') };
  await using vcsim = await startVcsim({ clusters: 10, hostsPerCluster: 100 });
  const { url, sha256, user: username, password, hosts } = vcsim;
  const order: VcenterOrder = { url, sha256, username, password, hosts: hosts.length };
  const peer = pythonContestant('pyVmomi', { file: 'pyvmomi_client.py', library: 'pyVmomi' }, order);
  const entries = await runContest({ ours: ours('read-vcenter.ts', order), peer }, ROUNDS);
  return timeRow(what, entries.ours, entries.peer);
}

async function mergeSeries(): Promise<Row> {
  const entries = await runContest({ ours: ours('encode-series.ts', { by: 'merge' }) }, ROUNDS);
  return timeRow('300,000 rows of 40 batches merged', entries.ours);
}

async function encodeSeries(): Promise<Row> {
  const peer = nodeContestant('prom-client', 'encode-series.ts', { by: 'prom-client' });
  const entries = await runContest({ ours: ours('encode-series.ts', { by: 'vsweep' }), peer }, ROUNDS);
  const target = { atMost: 0.3, of: 'unit' } as const;
  return timeRow('300,000 series named, de-duplicated and encoded', entries.ours, entries.peer, target);
}

async function passBatches(): Promise<Row> {
  const peer = nodeContestant('JSON and gzip, unchecked', 'batch-bytes.ts', { by: 'json' });
  const entries = await runContest({ ours: ours('batch-bytes.ts', { by: 'vsweep' }), peer }, ROUNDS);
  return timeRow('40 batches, 300,000 rows, to bytes and back', entries.ours, entries.peer);
}

/** Of 10,000 hosts: 20,000 items. */
async function openState(): Promise<Row> {
  await using folder = await createTemporaryFolder('bench');
  const path = join(folder.path, 'state');
  await ours('read-state.ts', { path, prepare: true }).run();
  const client = ours('open-state.ts', { path });
  const runs: number[] = [];
  while (runs.length < 9) runs.push((await client.run()).ms);
  const what = 'the state of 10,000 hosts opened, one item read, closed';
  return { what, unit: 'ms', ours: runs, target: { atMost: 20, of: 'unit' } };
}

async function readState(): Promise<Row> {
  await using folder = await createTemporaryFolder('bench');
  const path = join(folder.path, 'state');
  await ours('read-state.ts', { path, prepare: true }).run();
  const entries = await runContest({ ours: ours('read-state.ts', { path, prepare: false }) }, ROUNDS);
  return timeRow('accounts and host keys of 10,000 hosts read', entries.ours);
}

async function writeState(): Promise<Row> {
  await using folder = await createTemporaryFolder('bench');
  const runs: number[] = [];
  while (runs.length < ROUNDS.rounds) {
    const path = join(folder.path, `state-${runs.length}`);
    runs.push((await ours('write-state.ts', { path }).run()).ms / 1_000);
  }
  return { what: 'attempts and successes of 5,000 hosts, 64 at once, on the disk', unit: 's', ours: runs };
}

async function loadTypes(): Promise<Row> {
  const client = ours('load-vim25.ts', {});
  const runs: number[] = [];
  while (runs.length < 9) runs.push((await client.run()).ms);
  const what = 'the vim25 table unpacked, its first types read';
  return { what, unit: 'ms', ours: runs, target: { atMost: 20, of: 'unit' } };
}

const ours = (file: string, order: unknown): Contestant => nodeContestant('vsweep', file, order);
