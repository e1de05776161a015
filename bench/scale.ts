import { availableParallelism, cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { ENV } from '../lib/config/env.ts';
import { decodeBatchResult } from '../lib/sweep/batch.ts';
import type { RunSummary } from '../lib/sweep/result/summary.ts';
import { SWEEP, WORKER } from '../test/support/lambda/aws.ts';
import type { Invocation } from '../test/support/lambda/lambda-service.ts';
import { summaryOf } from '../test/support/lambda/reply.ts';
import { type Usage, usageOf } from './sandbox-usage.ts';
import { type ScaleEstate, startScaleEstate } from './scale-estate.ts';

const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0);
const mean = (numbers: readonly number[]) => sum(numbers) / Math.max(1, numbers.length);
const bytesOf = (texts: readonly string[]) => sum(texts.map((text) => Buffer.byteLength(text)));
const pidsOf = (invocations: readonly Invocation[]) => [
  ...new Set(invocations.map(({ sandbox }) => sandbox.pid)),
];

/** What a run took on this machine. */
interface MeasuredRun {
  readonly seconds: number;
  readonly batches: number;
  readonly atOnce: number;
  /** Of all workers. */
  readonly worker: Usage;
  readonly sweep: Usage;
  /** Of a batch in the mean, by the worker's own clock. */
  readonly batchSeconds: number;
  readonly secretReads: number;
  readonly bytes: { readonly request: number; readonly result: number; readonly push: number };
}

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

/** One run; throws with the outcomes when a host did not come out ok. */
async function measureRun({ aws, gateway, sweepNext }: ScaleEstate, hosts: number): Promise<MeasuredRun> {
  const { lambda } = aws;
  const before = new Map(
    [SWEEP, WORKER].flatMap((name) =>
      pidsOf(lambda.invocations(name)).map((pid) => [pid, usageOf(pid).cpuSeconds] as const),
    ),
  );
  const [earlier, pushed] = [lambda.invocations(WORKER).length, gateway.seen.length];
  const read = aws.secrets.reads.length;
  const startedAt = performance.now();
  const summary = summaryOf(await sweepNext());
  const seconds = (performance.now() - startedAt) / 1_000;
  if (okBySsh(summary) !== hosts) throw new Error(`not every host is ok:\n${printOutcomes(summary)}`);

  const batches = lambda.invocations(WORKER).slice(earlier);
  const used = (pids: readonly number[]): Usage => {
    const all = pids.map((pid) => ({ ...usageOf(pid), before: before.get(pid) ?? 0 }));
    return {
      cpuSeconds: sum(all.map(({ cpuSeconds, before: then }) => cpuSeconds - then)),
      peakMb: Math.max(0, ...all.map(({ peakMb }) => peakMb)),
    };
  };
  const answers = (await Promise.all(batches.map(({ answered }) => answered))).map(({ payload }) => payload);
  const results = answers.map((payload) => decodeBatchResult(Buffer.from(payload)));
  return {
    seconds,
    batches: batches.length,
    atOnce: Math.max(0, ...batches.map(({ atOnce }) => atOnce)),
    worker: used(pidsOf(batches)),
    sweep: used(pidsOf(lambda.invocations(SWEEP))),
    batchSeconds: mean(results.map(({ measurements }) => measurements.durationMs)) / 1_000,
    secretReads: aws.secrets.reads.length - read,
    bytes: {
      request: mean(batches.map(({ payload }) => bytesOf([payload]))),
      result: mean(answers.map((answer) => bytesOf([answer]))),
      push: bytesOf(gateway.seen.slice(pushed).map(({ text }) => text)),
    },
  };
}

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

/** As Lambda's own bootstrap sets it: a tenth of the memory for young objects, the rest for old ones. */
function heapOf(memoryMb: number): string {
  const young = Math.floor(memoryMb / 10);
  return `--enable-source-maps --max-semi-space-size=${Math.floor(young / 2)} --max-old-space-size=${memoryMb - young}`;
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
    env: { [ENV.nodeOptions]: heapOf(memoryMb), [ENV.functionMemory]: String(memoryMb) },
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
  for (let run = 0; run < whole('runs', 100); run += 1)
    console.log(printRun(await measureRun(estate, hosts), hosts));
}

await main();
