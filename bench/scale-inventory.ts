import { availableParallelism, cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { ENV } from '../lib/config/env.ts';
import type { RunSummary } from '../lib/sweep/result/summary.ts';
import { answer, startGateway } from '../test/integration/sinks/gateway.ts';
import { startAws } from '../test/support/lambda/aws.ts';
import { summaryOf } from '../test/support/lambda/reply.ts';
import { scheduleTimes } from '../test/support/lambda/schedule-times.ts';
import type { Vcsim } from '../test/support/peers/vcsim.ts';
import { HOSTS, MACHINES, openBigVcsim } from './big-vcsim.ts';
import { INVENTORY_COLLECTORS } from './inventory-contestants.ts';
import { heapOf, type MeasuredRun, measureRun } from './measured-run.ts';

/**
 * The deployed bundles read a whole inventory with its counters from vcsim, and push it: what workers and the sweep
 * function take. `npm run bench:scale:inventory -- --machines 4000 --sweep-mb 768`
 */
const TIMEOUT_MS = 900_000;
const SWEEP_NAME = 'inventory';

/** One run after the first, in warm sandboxes, as those of a run per minute are. */
export async function scaleInventory(
  vcsim: Pick<Vcsim, 'url' | 'sha256' | 'user' | 'password'>,
  order: { readonly atOnce: number; readonly sweepMb: number; readonly workerMb: number },
): Promise<{ readonly run: MeasuredRun; readonly summary: RunSummary }> {
  await using gateway = await startGateway([answer(200)]);
  const own = (memoryMb: number) => ({
    timeoutMs: TIMEOUT_MS,
    env: { NODE_OPTIONS: heapOf(memoryMb), [ENV.functionMemory]: String(memoryMb) },
  });
  await using aws = await startAws({
    config: {
      targets: [
        {
          name: 'vc-bench.example.org',
          url: vcsim.url,
          site: 'bench-1a',
          credentials: { secret: 'vsweep/vc' },
          tls: { sha256: [vcsim.sha256] },
        },
      ],
      sweeps: [{ name: SWEEP_NAME, every: '15m', collectors: [...INVENTORY_COLLECTORS] }],
      push: { url: gateway.url, credentials: { secret: 'vsweep/push' } },
      aws: { maxConcurrentBatches: order.atOnce, inlineBelowHosts: 0 },
    },
    secrets: {
      'vsweep/vc': { username: vcsim.user, password: vcsim.password },
      'vsweep/push': { username: 'vsweep', password: 'bench-password' },
    },
    sweep: own(order.sweepMb),
    worker: own(order.workerMb),
    accountConcurrency: order.atOnce + 1,
  });
  const nextTime = scheduleTimes();
  const sweepNext = () => aws.sweep({ sweep: SWEEP_NAME, scheduledAt: nextTime() });
  summaryOf(await sweepNext());
  gateway.seen.length = 0;
  let last: RunSummary | undefined;
  const run = await measureRun({ aws, gateway, sweepNext }, (summary) => {
    last = summary;
    if (!isWhole(summary)) throw new Error(`not all was read: ${JSON.stringify(summary).slice(0, 2_000)}`);
  });
  return { run, summary: last as RunSummary };
}

const isWhole = ({ targets }: RunSummary): boolean =>
  targets.every(
    ({ kinds = {}, warnings, problems }) =>
      Object.values(kinds).every(({ hosts, ok }) => hosts === ok) && warnings.length + problems.length === 0,
  );

export function printInventoryRun({
  run: { seconds, batches, worker, sweep, batchSeconds, bytes },
  summary,
}: Awaited<ReturnType<typeof scaleInventory>>): string {
  const samples = summary.targets.reduce((sum, target) => sum + target.samples, 0);
  const megabytes = (count: number) => `${(count / 1_000_000).toFixed(2)} MB`;
  return [
    `${samples} series, ${batches} batches, ${seconds.toFixed(1)} s here`,
    `worker: ${(worker.cpuSeconds / batches).toFixed(2)} s of CPU and ${batchSeconds.toFixed(2)} s a batch; peak memory ${worker.peakMb.toFixed(0)} MB`,
    `sweep: ${sweep.cpuSeconds.toFixed(2)} s of CPU; peak memory ${sweep.peakMb.toFixed(0)} MB`,
    `bytes: request ${megabytes(bytes.request)} and result ${megabytes(bytes.result)} a batch, push ${megabytes(bytes.push)}`,
  ].join('\n');
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      machines: { type: 'string', default: String(MACHINES) },
      'at-once': { type: 'string', default: '8' },
      'sweep-mb': { type: 'string', default: '768' },
      'worker-mb': { type: 'string', default: '512' },
    },
  });
  await using vcenter = openBigVcsim({ hosts: HOSTS, machines: Number(values.machines) });
  if (vcenter.missing !== undefined) throw new Error(vcenter.missing);
  const vcsim = await vcenter.start();
  const model = cpus()[0]?.model ?? 'unknown processor';
  console.log(
    `${model}, ${availableParallelism()} cores, load ${loadavg()[0]?.toFixed(1)}, Node ${process.version}`,
  );
  const order = {
    atOnce: Number(values['at-once']),
    sweepMb: Number(values['sweep-mb']),
    workerMb: Number(values['worker-mb']),
  };
  console.log(printInventoryRun(await scaleInventory(vcsim, order)));
}

if (import.meta.main) await main();
