import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import type { RunSummary } from '../lib/sweep/result/summary.ts';
import { answer, type Gateway, startGateway } from '../test/integration/sinks/gateway.ts';
import { missingFor } from '../test/support/peers/peer-requirements.ts';
import type { Vcsim } from '../test/support/peers/vcsim.ts';
import { startVmwareExporter } from '../test/support/peers/vmware-exporter.ts';
import { buildVsweep, type Contestant, type Missing, nodeContestant, WARM_TIMES } from './clients.ts';
import type { Measured } from './measured.ts';
import { startRecordingProxy } from './recording-proxy.ts';
import type { ReplayOrder } from './replay-order.ts';
import { usageOf } from './sandbox-usage.ts';

/** All that vmware_exporter collects by default, and what the same collectors have besides. */
export const INVENTORY_COLLECTORS = [
  'hosts',
  'host-hardware',
  'host-performance',
  'vms',
  'vm-guests',
  'vm-performance',
  'snapshots',
  'datastores',
] as const;

const run = promisify(execFile);
const VSWEEP = resolve(import.meta.dirname, '../bin/vsweep.cjs');
const REPORT = resolve(import.meta.dirname, 'report-usage.cjs');

/** Of an inventory that was collected whole. */
export interface InventoryMeasured extends Measured {
  readonly series: number;
}

/** Of a download: bytes of the answers. */
export interface DownloadMeasured extends Measured {
  readonly bytes: number;
}

/** Where vsweep finds its configuration, and what it asked of the vCenter in one sweep. */
interface Prepared extends AsyncDisposable {
  readonly ours: Contestant<InventoryMeasured>;
  /** As `ours`, without its series, in a process that swept before: vmware_exporter is one, too. */
  readonly warm: Contestant;
  readonly download: Contestant<DownloadMeasured>;
}

/**
 * Builds vsweep and lets it sweep once, by way of a proxy that keeps what it asks; so the runs that count have a state,
 * as all but the first of an operator do.
 */
export async function prepareInventory(vcsim: Vcsim, folder: string): Promise<Prepared> {
  await buildVsweep();
  await using resources = new AsyncDisposableStack();
  const gateway = resources.use(await startGateway([answer(200)]));
  const { user: username, password, url, sha256 } = vcsim;
  await writeFile(join(folder, 'vcenter.yaml'), stringify({ username, password }), { mode: 0o600 });
  const file = join(folder, 'recording.json');
  {
    await using proxy = await startRecordingProxy(vcsim);
    await writeConfig(folder, proxy, gateway);
    await sweepOnce(folder, gateway);
    await writeFile(file, JSON.stringify(proxy.recording()));
  }
  await writeConfig(folder, vcsim, gateway);
  const order: ReplayOrder = { url, sha256, username, password, file };
  const release = resources.move();
  return {
    [Symbol.asyncDispose]: () => release.disposeAsync(),
    ours: { name: 'vsweep', run: () => sweepOnce(folder, gateway) },
    warm: nodeContestant('vsweep', 'sweep.ts', { folder, times: WARM_TIMES, push: true }),
    download: nodeContestant('download', 'replay.ts', order) as Contestant<DownloadMeasured>,
  };
}

/** Sweeps once, so that the runs that count have a state. Several may share a build and a gateway. */
export async function prepareSweeps(
  vcenter: Pick<Vcsim, 'url' | 'sha256' | 'user' | 'password'>,
  { name, folder, gateway, collectors, metrics }: SweepOrder,
): Promise<Contestant<InventoryMeasured>> {
  const { user: username, password } = vcenter;
  await writeFile(join(folder, 'vcenter.yaml'), stringify({ username, password }), { mode: 0o600 });
  await writeConfig(folder, vcenter, gateway, collectors, metrics);
  await sweepOnce(folder, gateway);
  return { name, run: () => sweepOnce(folder, gateway) };
}

interface SweepOrder {
  readonly name: string;
  readonly folder: string;
  readonly gateway: Gateway;
  readonly collectors: readonly string[];
  /** The section `metrics`. */
  readonly metrics?: object;
}

/** `vsweep sweep`, from its start to its end, with a push. Throws unless everything was read. */
async function sweepOnce(folder: string, gateway: Gateway): Promise<InventoryMeasured> {
  gateway.seen.length = 0;
  const args = [
    '--require',
    REPORT,
    VSWEEP,
    'sweep',
    'inventory',
    '--json',
    '--config',
    join(folder, 'vsweep.yaml'),
  ];
  const startedAt = performance.now();
  const { stdout, stderr } = await run(process.execPath, args, { maxBuffer: MOST_OUTPUT });
  const ms = performance.now() - startedAt;
  const { targets } = JSON.parse(stdout) as RunSummary;
  const isWhole = targets.every(
    ({ kinds, warnings, problems }) =>
      (kinds?.['vm']?.ok ?? 0) > 0 && warnings.length === 0 && problems.length === 0,
  );
  if (!isWhole) throw new Error(`not all was read: ${stdout.slice(0, 2_000)}`);
  const usage = JSON.parse(stderr.trim().split('\n').at(-1) ?? '') as Pick<Measured, 'cpuMs' | 'rssMb'>;
  return { ms, ...usage, series: gateway.seen.reduce((sum, { text }) => sum + seriesIn(text), 0) };
}

const MOST_OUTPUT = 64 * 1024 * 1024;

const seriesIn = (text: string): number =>
  text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length;

const writeConfig = (
  folder: string,
  { url, sha256 }: { readonly url: string; readonly sha256: string },
  gateway: Gateway,
  collectors: readonly string[] = INVENTORY_COLLECTORS,
  metrics: object = {},
) =>
  writeFile(
    join(folder, 'vsweep.yaml'),
    stringify({
      targets: [
        {
          name: 'vc-bench.example.org',
          url,
          credentials: { file: 'vcenter.yaml' },
          tls: { sha256: [sha256] },
        },
      ],
      sweeps: [{ name: 'inventory', every: '5m', collectors }],
      metrics,
      state: { path: 'state' },
      push: { url: gateway.url },
    }),
  );

/** Several minutes on a busy machine. */
const SCRAPE_MS = 900_000;

/** One scrape of vmware_exporter itself, of a process that was just started; its start is not measured. */
export function vmwareExporter(vcsim: Vcsim): Contestant<InventoryMeasured> | Missing {
  const name = 'vmware_exporter';
  const missing = missingFor('vmware-exporter');
  if (missing.length > 0) return { name, missing: missing.join('; ') };
  return {
    name,
    async run() {
      await using exporter = await startVmwareExporter(vcsim, { scrapeMs: SCRAPE_MS });
      const before = usageOf(exporter.pid).cpuSeconds;
      const startedAt = performance.now();
      const text = await exporter.scrape();
      const ms = performance.now() - startedAt;
      const { cpuSeconds, peakMb } = usageOf(exporter.pid);
      return { ms, cpuMs: (cpuSeconds - before) * 1_000, rssMb: peakMb, series: seriesIn(text) };
    },
  };
}
