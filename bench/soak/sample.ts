import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { HeapReport } from './report-memory.ts';

const MIB = 2 ** 20;

/** What the process held at one moment; memory and disk in MiB. */
export interface Sample {
  /** Since the process began, by vsweep's clock. */
  readonly minute: number;
  /** Resident in all, with the pages of files that the kernel keeps and takes as it likes. */
  readonly rss: number;
  /** Resident and the process's own: in no file. */
  readonly anon: number;
  /** The heaps of all threads, of which `young` is the main thread's young generation. */
  readonly heap: number;
  readonly young: number;
  /** What the last whole collection left on the main thread's heap; 0 before the first. */
  readonly live: number;
  readonly handles: number;
  readonly threads: number;
  /** The files of the state. */
  readonly disk: number;
}

/** Asks a process that has report-memory.ts loaded; throws when it does not answer for a minute. */
export async function takeSample(child: ChildProcess, { state }: { state: string }): Promise<Sample> {
  const signal = AbortSignal.timeout(60_000);
  child.send('report');
  const [report] = (await once(child, 'message', { signal })) as [HeapReport];
  const status = await readFile(`/proc/${child.pid}/status`, 'utf8');
  const numberOf = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1]);
  return {
    minute: report.atMs / 60_000,
    rss: numberOf('VmRSS') / 1_024,
    anon: numberOf('RssAnon') / 1_024,
    heap: (report.heap + report.threads) / MIB,
    young: report.young / MIB,
    live: report.live / MIB,
    handles: (await readdir(`/proc/${child.pid}/fd`)).length,
    threads: numberOf('Threads'),
    disk: await sizeOf(state),
  };
}

async function sizeOf(folder: string): Promise<number> {
  const files = await readdir(folder).catch(() => []);
  const blocks = await Promise.all(
    files.map(async (name) => (await stat(join(folder, name)).catch(() => undefined))?.blocks ?? 0),
  );
  return (blocks.reduce((sum, one) => sum + one, 0) * 512) / MIB;
}

const COLUMNS = ['rss', 'anon', 'heap', 'young', 'live', 'handles', 'threads', 'disk'] as const;

export const HEADING = ['minute', ...COLUMNS].map((name) => name.padStart(7)).join('  ');

export const printSample = (sample: Sample): string =>
  [sample.minute.toFixed(0), ...COLUMNS.map((name) => printNumber(name, sample[name]))]
    .map((text) => text.padStart(7))
    .join('  ');

const printNumber = (name: keyof Sample, value: number): string =>
  name === 'handles' || name === 'threads' ? String(value) : value.toFixed(1);
