import type { Config } from '../../../lib/config/schema.ts';
import { createLineLog } from '../../../lib/platform/log.ts';
import type { RunSeries, Sink } from '../../../lib/sinks/sink.ts';
import { printOutcome } from '../../../lib/sweep/outcome.ts';
import type { RunSummary } from '../../../lib/sweep/result/summary.ts';
import { type RunOrder, type RunSweepDeps, runSweep } from '../../../lib/sweep/run/run-sweep.ts';
import { createEagerClock } from '../../support/eager-clock.ts';
import {
  type BatchWhim,
  createEstate,
  createMemoryState,
  type FakeTarget,
} from '../../support/fake-estate.ts';

export const WELL = {
  login: 'well',
  listing: 'well',
  ticket: 'well',
  clone: 'well',
  retrieval: 'well',
  close: 'well',
} as const;
export const HOSTS = [
  { address: '10.0.0.1', ssh: 'well' },
  { address: '10.0.0.2', ssh: 'fails' },
  { address: '10.0.0.3', ssh: 'well', off: true },
] as const;
export const ONE = [{ address: '10.0.1.1', ssh: 'well' }] as const;

/** A machine with its state and its time, on which one run follows another. */
export function startMachine(
  targets: readonly FakeTarget[],
  {
    batch = () => 'well',
    configure = (config) => config,
  }: { batch?: BatchWhim; configure?: (config: Config) => Config } = {},
) {
  const clock = createEagerClock(Date.UTC(2026, 0, 2, 12));
  const state = createMemoryState(clock);
  const lines: string[] = [];
  const delivered: RunSeries[] = [];
  let sinkFails = false;
  const sink: Sink = {
    name: 'test',
    async deliver(series) {
      if (sinkFails) throw new Error('the sink is down');
      delivered.push(series);
      return 'delivered';
    },
    forget: async () => false,
  };
  const progress: string[] = [];
  let run = 0;
  const estate = createEstate({ targets, state, clock, batch, run: 'x' });
  return {
    clock,
    state,
    lines,
    delivered,
    progress,
    logins: estate.logins,
    sessions: estate.sessions,
    breakSink: () => {
      sinkFails = true;
    },
    /** `change` gives what is otherwise than usual in this run. */
    async run(
      order: Partial<RunOrder> = {},
      signal = new AbortController().signal,
      change: (deps: RunSweepDeps) => Partial<RunSweepDeps> = () => ({}),
    ): Promise<RunSummary> {
      const config = configure(estate.sweep.config);
      const [sweep] = config.sweeps;
      if (sweep === undefined) throw new RangeError('no sweep');
      const log = createLineLog({ level: 'info', write: (line) => lines.push(line) });
      const randomId = () => `run-${++run}`;
      const onProgress = (one: { target: string; done: number; hosts: number }) =>
        progress.push(`${one.target} ${one.done}/${one.hosts}`);
      const deps = { ...estate.sweep, config, log, randomId, sinks: [sink], onProgress };
      return await runSweep({ sweep, ...order }, { ...deps, ...change(deps) }, { signal });
    },
  };
}

/** Of each target its status and, of each host, its outcomes by path. */
export const outcomesOf = ({ targets }: RunSummary) =>
  targets.map(({ status, hosts }) => [
    status,
    ...hosts.map(({ moref, outcomes }) =>
      [moref, ...Object.entries(outcomes).map(([path, one]) => `${path} ${printOutcome(one)}`)].join(' '),
    ),
  ]);
