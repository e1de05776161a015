import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openContainer } from '../../../lib/cli/container.ts';
import { loadConfig } from '../../../lib/cli/load-config.ts';
import { systemClock } from '../../../lib/platform/clock.ts';
import { silentLog } from '../../../lib/platform/log.ts';
import { printOutcome } from '../../../lib/sweep/outcome.ts';
import type { RunSummary } from '../../../lib/sweep/result/summary.ts';

/** What a run came to, and what stands in the table after it. */
export interface SweptOnce {
  readonly summary: RunSummary;
  /** Outcomes by ssh with their counts. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** Refusals and attempts without an end, over all accounts. */
  readonly refusals: number;
}

type Order = { readonly busyAfterMs?: number; readonly busyMs?: number };

/** A process that sweeps when it is told to, on the configuration in a folder. */
export interface SweepingProcess extends AsyncDisposable {
  readonly pid: number;
  /** With `busyMs` the process computes so long in one piece, `busyAfterMs` after the run began. */
  sweep(order?: Order): Promise<SweptOnce>;
}

export async function startSweepingProcess(folder: string): Promise<SweepingProcess> {
  const child = fork(fileURLToPath(import.meta.url), [folder], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const ended = once(child, 'exit');
  await nextMessage(child);
  return {
    pid: child.pid ?? 0,
    async sweep(order = {}) {
      child.send(order);
      return await nextMessage<SweptOnce>(child);
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGCONT');
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** The child's end in the place of its answer is a failure of the test. */
async function nextMessage<T>(child: ChildProcess): Promise<T> {
  const ended = new AbortController();
  const onExit = (code: number | null) => ended.abort(new Error(`the process ended with ${code}`));
  child.once('exit', onExit);
  try {
    const [message] = await once(child, 'message', { signal: ended.signal });
    return message as T;
  } finally {
    child.off('exit', onExit);
  }
}

async function serve(folder: string): Promise<void> {
  const options = { signal: new AbortController().signal };
  const loaded = await loadConfig(join(folder, 'vsweep.yaml'));
  const container = await openContainer(
    { loaded, env: {}, clock: systemClock, log: silentLog, push: false },
    options,
  );
  const [sweep] = loaded.config.sweeps;
  if (sweep === undefined) throw new RangeError('the configuration has no sweep');
  process.on('message', async ({ busyAfterMs = 0, busyMs = 0 }: Order) => {
    if (busyMs > 0) setTimeout(() => compute(busyMs), busyAfterMs);
    const summary = await container.runSweep({ sweep }, options);
    const hosts = summary.targets.flatMap((target) => target.hosts);
    const outcomes = Object.groupBy(hosts, ({ outcomes: { ssh } }) => (ssh ? printOutcome(ssh) : 'none'));
    const accounts = await container.state.accounts.list(options);
    const told: SweptOnce = {
      summary,
      outcomes: Object.fromEntries(
        Object.entries(outcomes).map(([outcome, of = []]) => [outcome, of.length]),
      ),
      refusals: accounts.reduce(
        (sum, { refusals, openAttempt }) => sum + refusals + (openAttempt ? 1 : 0),
        0,
      ),
    };
    process.send?.(told);
  });
  process.send?.('ready');
}

function compute(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await serve(process.argv[2] ?? '');
