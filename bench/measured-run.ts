import { decodeBatchResult } from '../lib/sweep/batch.ts';
import type { RunSummary } from '../lib/sweep/result/summary.ts';
import type { Gateway } from '../test/integration/sinks/gateway.ts';
import { type Aws, SWEEP, WORKER } from '../test/support/lambda/aws.ts';
import type { Invocation } from '../test/support/lambda/lambda-service.ts';
import { summaryOf } from '../test/support/lambda/reply.ts';
import { type Usage, usageOf } from './sandbox-usage.ts';

const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0);
const mean = (numbers: readonly number[]) => sum(numbers) / Math.max(1, numbers.length);
const bytesOf = (texts: readonly string[]) => sum(texts.map((text) => Buffer.byteLength(text)));
const pidsOf = (invocations: readonly Invocation[]) => [
  ...new Set(invocations.map(({ sandbox }) => sandbox.pid)),
];

/** What a run took on this machine. */
export interface MeasuredRun {
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

/** vsweep deployed on this machine, with something to sweep. */
export interface Deployed {
  readonly aws: Aws;
  readonly gateway: Gateway;
  /** A run that a schedule asks for. */
  sweepNext(): ReturnType<Aws['sweep']>;
}

/** One run. `check` throws when something of it did not come out well. */
export async function measureRun(
  { aws, gateway, sweepNext }: Deployed,
  check: (summary: RunSummary) => void,
): Promise<MeasuredRun> {
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
  check(summary);
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

/** As Lambda's own bootstrap sets it: a tenth of the memory for young objects, the rest for old ones. */
export function heapOf(memoryMb: number): string {
  const young = Math.floor(memoryMb / 10);
  return `--max-semi-space-size=${Math.floor(young / 2)} --max-old-space-size=${memoryMb - young}`;
}
