import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createTemporaryFolder } from '../test/support/peers/temporary-folder.ts';
import { startSimulatedFleet } from './processes.ts';
import { writeSweepFolder } from './sweep-folder.ts';

/**
 * `vsweep run` for `SOAK_MINUTES` (default 60): twelve sweeps of a vCenter with 60 hosts every 10 s, and one that asks
 * them by ssh. Prints what the process holds, ten seconds after ten seconds, and how fast each grows after the first
 * sixth of the time; exits with 1 when memory or disk grow by more than 1 MB an hour, or handles and threads at all.
 */
const MINUTES = Number(process.env['SOAK_MINUTES'] ?? 60);
const HOSTS = 60;
const SWEEPS = 12;
const SAMPLE_MS = 10_000;
const BY_SSH = '  - { name: services, every: 10s, collectors: [ssh-services] }\n';

interface Sample {
  readonly atMs: number;
  readonly rssMb: number;
  readonly handles: number;
  readonly threads: number;
  readonly diskMb: number;
}

const LIMITS: Readonly<Record<Exclude<keyof Sample, 'atMs'>, number>> = {
  rssMb: 1,
  handles: 6,
  threads: 1,
  diskMb: 1,
};

await using fleet = await startSimulatedFleet({
  hosts: HOSTS,
  network: 67,
  commandDelayMs: 50,
  withSsh: true,
});
await using folder = await createTemporaryFolder('soak');
await writeSweepFolder(folder.path, fleet.fleet);
const file = join(folder.path, 'vsweep.yaml');
const sweeps = Array.from(
  { length: SWEEPS },
  (_, n) => `  - { name: status-${n}, every: 10s, collectors: [overall-status] }\n`,
);
const configuration = await readFile(file, 'utf8');
await writeFile(
  file,
  `${configuration.replace(/sweeps:\n.*\n/, `sweeps:\n${sweeps.join('')}${BY_SSH}`)}exporter: { listen: "127.0.0.1:19667" }\n`,
);
const child = spawn(process.execPath, ['lib/cli/main.ts', 'run', '--config', file], {
  stdio: 'ignore',
});
const samples: Sample[] = [];
const endsAt = performance.now() + MINUTES * 60_000;
console.log('minute   rss MB  handles  threads  disk MB');
try {
  while (performance.now() < endsAt) {
    await delay(SAMPLE_MS);
    if (child.exitCode !== null) throw new Error(`vsweep run ended with ${child.exitCode}`);
    const sample = await look(child, join(folder.path, 'state'));
    samples.push(sample);
    if (samples.length % 6 === 0) print(sample);
  }
} finally {
  child.kill('SIGTERM');
  await once(child, 'exit');
}
const settled = samples.slice(Math.floor(samples.length / 6));
let isFlat = true;
for (const [what, limit] of Object.entries(LIMITS)) {
  const slope = slopeOf(settled, what as keyof typeof LIMITS);
  isFlat &&= slope <= limit;
  console.log(`${what}: ${slope.toFixed(2)} an hour (limit ${limit})`);
}
process.exitCode = isFlat ? 0 : 1;

async function look({ pid = 0 }: ChildProcess, state: string): Promise<Sample> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const numberOf = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1]);
  const files = await readdir(state).catch(() => []);
  const sizes = await Promise.all(
    files.map(async (name) => (await stat(join(state, name)).catch(() => undefined))?.blocks ?? 0),
  );
  return {
    atMs: performance.now(),
    rssMb: numberOf('VmRSS') / 1_024,
    handles: (await readdir(`/proc/${pid}/fd`)).length,
    threads: numberOf('Threads'),
    diskMb: (sizes.reduce((sum, blocks) => sum + blocks, 0) * 512) / 1_048_576,
  };
}

function print({ atMs, rssMb, handles, threads, diskMb }: Sample): void {
  const minute = (atMs / 60_000).toFixed(0);
  console.log(
    `${minute.padStart(6)}  ${rssMb.toFixed(1).padStart(7)}  ${String(handles).padStart(7)}  ${String(threads).padStart(7)}  ${diskMb.toFixed(2).padStart(7)}`,
  );
}

/** Least squares, an hour. */
function slopeOf(some: readonly Sample[], what: keyof typeof LIMITS): number {
  const mean = (values: readonly number[]) => values.reduce((sum, one) => sum + one, 0) / values.length;
  const hours = some.map(({ atMs }) => atMs / 3_600_000);
  const values = some.map((sample) => sample[what]);
  const [meanHour, meanValue] = [mean(hours), mean(values)];
  const above = hours.reduce((sum, hour, n) => sum + (hour - meanHour) * ((values[n] ?? 0) - meanValue), 0);
  const below = hours.reduce((sum, hour) => sum + (hour - meanHour) ** 2, 0);
  return below === 0 ? 0 : above / below;
}
