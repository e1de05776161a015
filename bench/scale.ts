import { availableParallelism, cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { ENV } from '../lib/config/env.ts';
import type { RunSummary } from '../lib/sweep/result/summary.ts';
import { summaryOf } from '../test/support/lambda/reply.ts';
import { heapOf, type MeasuredRun, measureRun } from './measured-run.ts';
import { startScaleEstate } from './scale-estate.ts';

const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0);

/** How many hosts came out how, and what is said of the first few that are not ok. */
function printOutcomes({ targets }: RunSummary): string {
  const counts = new Map<string, number>();
  for (const { paths } of targets) {
    for (const [path, summary] of Object.entries(paths)) {
      for (const [outcome, count] of Object.entries(summary.reasons)) {
        const key = `${path} ${outcome}`;
        counts.set(key, (counts.get(key) ?? 0) + count);
      }
    }
  }
  const details = targets.flatMap(({ target, problems, hosts }) => [
    ...problems,
    ...hosts.slice(0, 3).map(({ name, details: of }) => `${target} ${name}: ${of.join('; ')}`),
  ]);
  return [...Array.from(counts, ([key, count]) => `${key}: ${count}`), ...details].join('\n');
}

const okBySsh = ({ targets }: RunSummary) => sum(targets.map(({ paths }) => paths.ssh?.ok ?? 0));

function printRun(
  { seconds, batches, atOnce, worker, sweep, batchSeconds, secretReads, bytes }: MeasuredRun,
  hosts: number,
) {
  const print = (number: number, digits: number) => number.toFixed(digits);
  const kilobytes = (count: number) => `${print(count / 1_024, 1)} KB`;
  const ofWorkers =
    batches === 0
      ? 'worker: none, the sweep function collects'
      : `worker: ${print(worker.cpuSeconds / batches, 2)} s of CPU a batch, ${print((1_000 * worker.cpuSeconds) / hosts, 2)} ms a host; ${print(batchSeconds, 2)} s a batch; peak memory ${print(worker.peakMb, 0)} MB`;
  return [
    `run: ${hosts} hosts, ${batches} batches, at most ${atOnce} at once, ${print(seconds, 1)} s here`,
    ofWorkers,
    `sweep: ${print(sweep.cpuSeconds, 2)} s of CPU, ${print((1_000 * sweep.cpuSeconds) / hosts, 2)} ms a host; peak memory ${print(sweep.peakMb, 0)} MB`,
    `bytes: request ${kilobytes(bytes.request)} and result ${kilobytes(bytes.result)} a batch, push ${kilobytes(bytes.push)}; ${secretReads} secrets read`,
  ].join('\n');
}

const TIMEOUT_MS = 900_000;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      hosts: { type: 'string', default: '10000' },
      'wait-ms': { type: 'string', default: '0' },
      'at-once': { type: 'string', default: String(Math.max(1, availableParallelism() - 1)) },
      runs: { type: 'string', default: '1' },
      'sweep-mb': { type: 'string', default: '512' },
      'worker-mb': { type: 'string', default: '512' },
      inline: { type: 'boolean', default: false },
    },
  });
  const whole = (name: keyof typeof values, most: number) => {
    const number = Number(values[name]);
    if (!Number.isInteger(number) || number < 0 || number > most)
      throw new RangeError(`--${name} 0 to ${most}`);
    return number;
  };
  const hosts = whole('hosts', 50_000);
  const own = (memoryMb: number) => ({
    timeoutMs: TIMEOUT_MS,
    env: { NODE_OPTIONS: heapOf(memoryMb), [ENV.functionMemory]: String(memoryMb) },
  });
  await using estate = await startScaleEstate({
    hosts,
    waitMs: whole('wait-ms', 60_000),
    maxConcurrentBatches: whole('at-once', 900),
    inlineBelowHosts: values.inline ? hosts + 1 : 0,
    sweep: own(whole('sweep-mb', 10_240)),
    worker: own(whole('worker-mb', 10_240)),
  });
  const model = cpus()[0]?.model ?? 'unknown processor';
  const load = loadavg()[0]?.toFixed(1);
  console.log(`${model}, ${availableParallelism()} cores, load ${load}, Node ${process.version}`);
  const startedAt = performance.now();
  const first = summaryOf(await estate.sweepNext());
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
  console.log(
    `first run, which proves the credential and pins the keys: ${okBySsh(first)} of ${hosts} hosts ok, ${seconds} s`,
  );
  if (okBySsh(first) !== hosts) console.log(printOutcomes(first));
  const check = (summary: RunSummary) => {
    if (okBySsh(summary) !== hosts) throw new Error(`not every host is ok:\n${printOutcomes(summary)}`);
  };
  for (let run = 0; run < whole('runs', 100); run += 1)
    console.log(printRun(await measureRun(estate, check), hosts));
}

await main();
