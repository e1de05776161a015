import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { SWEEP, WORKER } from '../test/support/lambda/aws.ts';
import { type DemoEstate, startDemoEstate } from '../test/support/lambda/demo-estate.ts';
import { healthyHosts } from '../test/support/lambda/demo-hosts.ts';
import type { Invocation } from '../test/support/lambda/lambda-service.ts';
import { summaryOf } from '../test/support/lambda/reply.ts';

/** Hosts of one target: addresses of one /16 of loopback. */
const TARGET_HOSTS = 1_000;
const LONGEST = { every: '15m', timeoutMs: 900_000 };
/** Of the clock by which Linux counts processor time. */
const TICKS_PER_SECOND = 100;

/** What a sandbox has used of the machine since it began. */
interface Used {
  readonly cpuSeconds: number;
  readonly peakMb: number;
}

function usedBy(pid: number): Used {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // Behind the name, which may hold blanks: user and system time are the 12th and 13th field.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]);
  const [, peakKb = '0'] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return { cpuSeconds: ticks / TICKS_PER_SECOND, peakMb: Number(peakKb) / 1_024 };
}

const pidsOf = (invocations: readonly Invocation[]) => [
  ...new Set(invocations.map(({ sandbox }) => sandbox.pid)),
];
const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0);

/** Runs once to have the credential proven everywhere, then measures a run. Throws when a host did not come out ok. */
async function measure(estate: DemoEstate, hosts: number): Promise<string[]> {
  const { lambda } = estate.aws;
  summaryOf(await estate.sweepNext());
  const earlier = new Map(
    [SWEEP, WORKER].flatMap((name) =>
      pidsOf(lambda.invocations(name)).map((pid) => [pid, usedBy(pid).cpuSeconds] as const),
    ),
  );
  const count = lambda.invocations(WORKER).length;
  const startedAt = performance.now();
  const summary = summaryOf(await estate.sweepNext());
  const seconds = (performance.now() - startedAt) / 1_000;
  const ok = sum(summary.targets.map(({ paths }) => paths.ssh?.ok ?? 0));
  if (ok !== hosts) throw new Error(`${ok} of ${hosts} hosts came out ok: the machine is too busy`);

  const batches = lambda.invocations(WORKER).slice(count);
  const used = (pids: readonly number[]) =>
    pids.map((pid) => {
      const now = usedBy(pid);
      return { ...now, cpuSeconds: now.cpuSeconds - (earlier.get(pid) ?? 0) };
    });
  const workers = used(pidsOf(batches));
  const [sweep = { cpuSeconds: 0, peakMb: 0 }] = used(pidsOf(lambda.invocations(SWEEP)));
  const answers = await Promise.all(batches.map(({ answered }) => answered));
  const bytes = (texts: readonly string[]) => sum(texts.map((text) => Buffer.byteLength(text)));
  const workerCpu = sum(workers.map(({ cpuSeconds }) => cpuSeconds));
  const print = (number: number, digits: number) => number.toFixed(digits);
  return [
    `run: ${hosts} hosts, ${batches.length} batches, at most ${Math.max(...batches.map(({ atOnce }) => atOnce))} at once, ${print(seconds, 1)} s here`,
    `worker: ${print(workerCpu, 2)} s of CPU, ${print((1_000 * workerCpu) / hosts, 1)} ms a host, ${print(workerCpu / batches.length, 2)} s a batch; peak memory ${print(Math.max(...workers.map(({ peakMb }) => peakMb)), 0)} MB`,
    `bytes a batch: request ${print(bytes(batches.map(({ payload }) => payload)) / batches.length / 1_024, 1)} KB, result ${print(bytes(answers.map(({ payload }) => payload)) / batches.length / 1_024, 1)} KB`,
    `sweep: ${print(sweep.cpuSeconds, 2)} s of CPU, ${print((1_000 * sweep.cpuSeconds) / hosts, 2)} ms a host; peak memory ${print(sweep.peakMb, 0)} MB`,
    `push: ${print(bytes(estate.gateway.seen.slice(-summary.targets.length).map(({ text }) => text)) / 1_024, 0)} KB of text`,
  ];
}

/** `npm run bench:scale [-- --hosts <number>]`: a fleet through the bundles, as many batches at a time as there are cores. */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { hosts: { type: 'string', default: '10000' } } });
  const hosts = Number(values.hosts);
  if (!Number.isInteger(hosts) || hosts < 1 || hosts > 50_000) throw new RangeError('--hosts 1 to 50000');
  const targets = Object.fromEntries(
    Array.from({ length: Math.ceil(hosts / TARGET_HOSTS) }, (_, index) => [
      `vc${index}.example.org`,
      healthyHosts(Math.min(TARGET_HOSTS, hosts - index * TARGET_HOSTS), { network: 130 + index }),
    ]),
  );
  const { every, timeoutMs } = LONGEST;
  await using estate = await startDemoEstate({
    targets,
    every,
    limits: { maxConcurrentBatches: availableParallelism() },
    sweep: { timeoutMs },
    worker: { timeoutMs },
  });
  const model = cpus()[0]?.model ?? 'unknown processor';
  const load = loadavg()[0]?.toFixed(1);
  console.log(`${model}, ${availableParallelism()} cores, load ${load}, Node ${process.version}`);
  for (const line of await measure(estate, hosts)) console.log(line);
}

await main();
