import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { freePort } from '../test/support/peers/free-port.ts';
import { createTemporaryFolder } from '../test/support/peers/temporary-folder.ts';
import { startSimulatedFleet } from './processes.ts';
import { HEADING, printSample, type Sample, takeSample } from './soak/sample.ts';
import { slopeOf, verdictOn } from './soak/slope.ts';
import { writeSweepFolder } from './sweep-folder.ts';

/**
 * `vsweep run` with twelve sweeps of a vCenter with 60 hosts `--every` 10 s, and one that asks them by ssh: for
 * `--minutes` (60), or for `--hours` of vsweep's clock in fast time, which jumps to the next runs when all have ended.
 * Prints what the process holds, and how fast each of it grew after the first sixth of the time, ten minutes at most;
 * exits with 1 when something grew for sure. It is scraped at each sample. `--no-opt` switches V8's optimizing compilers
 * off. Ctrl-C ends it early, with what was found by then.
 */
const { values: order } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    hours: { type: 'string' },
    every: { type: 'string', default: '10s' },
    'no-opt': { type: 'boolean', default: false },
  },
});
const inFastTime = order.hours !== undefined;
const MINUTES = inFastTime ? Number(order.hours) * 60 : Number(order.minutes);
const HOSTS = 60;
const SWEEPS = 12;
const SAMPLE_MS = inFastTime ? 2_000 : 10_000;
const PRINT_MINUTES = MINUTES / 30;
/** What V8 compiles comes on top for as long as it finds something to compile, which is not what vsweep keeps. */
const COMPILERS = order['no-opt'] ? ['--no-opt', '--no-maglev'] : [];
const LISTEN = `127.0.0.1:${await freePort()}`;
const BY_SSH = `  - { name: services, every: ${order.every}, collectors: [ssh-services] }\n`;

/** What may be gained an hour: MiB, or their number. */
const LIMITS = { rss: 1, anon: 1, heap: 1, live: 1, handles: 1, threads: 1, disk: 1 } as const;

await using fleet = await startSimulatedFleet({
  hosts: HOSTS,
  network: 67,
  commandDelayMs: inFastTime ? 0 : 50,
  withSsh: true,
});
await using folder = await createTemporaryFolder('soak');
await writeConfiguration(folder.path);
const child = startRun(folder.path);
const runs = countRuns(child);
const interrupted = new AbortController();
process.once('SIGINT', () => interrupted.abort());
const samples: Sample[] = [];
console.log(HEADING);
try {
  let printed = Number.NEGATIVE_INFINITY;
  while (!interrupted.signal.aborted && (samples.at(-1)?.minute ?? 0) < MINUTES) {
    await delay(SAMPLE_MS, undefined, interrupted).catch(() => undefined);
    if (child.exitCode !== null) throw new Error(`vsweep run ended with ${child.exitCode}`);
    await scrape();
    const sample = await takeSample(child, { state: join(folder.path, 'state') });
    samples.push(sample);
    if (sample.minute < printed + PRINT_MINUTES) continue;
    printed = sample.minute;
    console.log(printSample(sample));
  }
} finally {
  if (child.exitCode === null) {
    child.kill('SIGTERM');
    await once(child, 'exit');
  }
}
console.log(`${runs.whole} runs were whole, ${runs.others} were not`);
process.exitCode = judge(samples) ? 0 : 1;

async function writeConfiguration(path: string): Promise<void> {
  await writeSweepFolder(path, fleet.fleet);
  const file = join(path, 'vsweep.yaml');
  const sweeps = Array.from(
    { length: SWEEPS },
    (_, n) => `  - { name: status-${n}, every: ${order.every}, collectors: [overall-status] }\n`,
  );
  const configuration = await readFile(file, 'utf8');
  await writeFile(
    file,
    `${configuration.replace(/sweeps:\n.*\n/, `sweeps:\n${sweeps.join('')}${BY_SSH}`)}exporter: { listen: "${LISTEN}" }\n`,
  );
}

function startRun(path: string): ChildProcess {
  const [file, args] = inFastTime
    ? ['bench/soak/run-in-fast-time.ts', [path]]
    : ['lib/cli/main.ts', ['run', '--config', join(path, 'vsweep.yaml')]];
  return fork(file, args, {
    execArgv: [...COMPILERS, '--import', join(import.meta.dirname, 'soak/report-memory.ts')],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
}

/** As Prometheus does; it may not listen yet. */
function scrape(): Promise<unknown> {
  return fetch(`http://${LISTEN}/metrics`, { signal: AbortSignal.timeout(5_000) })
    .then((response) => response.arrayBuffer())
    .catch(() => undefined);
}

/** By the log, which has a line a run and target, a warning where something is wrong. */
function countRuns({ stderr }: ChildProcess): { whole: number; others: number } {
  const counts = { whole: 0, others: 0 };
  if (stderr === null) throw new RangeError('the log is not piped');
  createInterface({ input: stderr }).on('line', (line) => {
    const [, level] = /\b(info|warn) +sweep \S+ on /.exec(line) ?? [];
    if (level === 'info') counts.whole += 1;
    if (level === 'warn') counts.others += 1;
    if (/\berror /.test(line)) console.error(line);
  });
  return counts;
}

/** Prints how fast each grew; false when one did for sure. */
function judge(all: readonly Sample[]): boolean {
  const settled = all.filter(({ minute }) => minute > Math.min(10, MINUTES / 6));
  return Object.entries(LIMITS)
    .map(([what, limit]) => {
      const points = settled.map((sample) => ({
        minute: sample.minute,
        value: sample[what as keyof typeof LIMITS],
      }));
      const slope = slopeOf(points);
      const verdict = verdictOn(slope, limit);
      const [perHour, halfWidth] = [slope.perHour.toFixed(2), slope.halfWidth.toFixed(2)];
      console.log(`${what}: ${perHour} ± ${halfWidth} an hour (limit ${limit}): ${verdict}`);
      return verdict !== 'grows';
    })
    .every(Boolean);
}
