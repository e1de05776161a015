import { PerformanceObserver } from 'node:perf_hooks';
import { getHeapSpaceStatistics, getHeapStatistics } from 'node:v8';
import type { Worker } from 'node:worker_threads';

/**
 * Loaded into the process that is soaked (`--import`): answers each message of its parent with what its heaps hold. It
 * forces no collection, because that would make the process smaller than it is for others.
 */
export interface HeapReport {
  /** Of the vsweep clock, in milliseconds since the process began; that of the machine unless time is fast. */
  readonly atMs: number;
  /** What was left on the heap of the main thread after its last whole collection, in bytes; 0 before the first. */
  readonly live: number;
  /** Of the young generation of the main thread, in bytes: what V8 has taken from the system for it. */
  readonly young: number;
  readonly heap: number;
  /** Of all other threads of JavaScript, in bytes. */
  readonly threads: number;
  /** Buffers and other memory outside the heap that objects of it hold, in bytes. */
  readonly external: number;
}

const MAJOR = 4;
const workers = new Set<Worker>();
let live = 0;

process.on('worker', (worker) => {
  workers.add(worker);
  worker.once('exit', () => workers.delete(worker));
});
new PerformanceObserver((list) => {
  const kinds = list.getEntries().map((entry) => (entry as { detail?: { kind?: number } }).detail?.kind);
  if (kinds.includes(MAJOR)) live = process.memoryUsage().heapUsed;
}).observe({ entryTypes: ['gc'] });

process.on('message', async () => {
  const statistics = await Promise.all([...workers].map((worker) => worker.getHeapStatistics()));
  const report: HeapReport = {
    atMs: performance.now() + (globalThis.skippedMs ?? 0),
    live,
    young:
      getHeapSpaceStatistics().find((space) => space.space_name === 'new_space')?.physical_space_size ?? 0,
    heap: getHeapStatistics().total_physical_size,
    threads: statistics.reduce((sum, one) => sum + one.total_physical_size, 0),
    external: process.memoryUsage().external,
  };
  process.send?.(report);
});
process.channel?.unref();

declare global {
  /** Milliseconds by which a process in fast time has moved its clock. */
  var skippedMs: number | undefined;
}
