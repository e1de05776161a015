import { describe, expect, it } from 'vitest';
import { InvokeError } from '../../../lib/platform/invoke.ts';
import type { RunSummary } from '../../../lib/sweep/result/summary.ts';
import type { RunSweepDeps } from '../../../lib/sweep/run/run-sweep.ts';
import { HOSTS, ONE, outcomesOf, startMachine, WELL } from './machine.ts';

const o = { signal: new AbortController().signal };
const fails = (why: string) => async () => {
  throw new Error(why);
};
const bug = (): never => {
  throw new Error('a bug');
};
const BROKE = 'internal error: a bug. Please report it as a bug of vsweep';
const problemsOf = ({ targets }: RunSummary) => targets.map(({ problems }) => problems);
const warningsOf = ({ targets }: RunSummary) => targets.map(({ warnings }) => warnings);
const detailsOf = ({ targets }: RunSummary) =>
  targets.map(({ hosts }) => hosts.map(({ details }) => details));
const lastOf = (machine: ReturnType<typeof startMachine>) =>
  machine.state.runs.readLast('services', 'vc0-x', o);
type Change = (deps: RunSweepDeps) => Partial<RunSweepDeps>;
const oddly = (machine: ReturnType<typeof startMachine>, change: Change) => machine.run({}, o.signal, change);

describe('the record of the last run', () => {
  const readLast: Change = ({ runs }) => ({ runs: { ...runs, readLast: fails('the table is away') } });
  const UNREAD = 'the last run could not be read: the table is away';

  it('that cannot be read costs the run nothing else, and is written by a run that succeeds', async () => {
    const machine = startMachine([{ hosts: ONE, ...WELL }]);
    const startedAt = machine.clock.now();
    const summary = await oddly(machine, readLast);
    expect(summary.exitCode).toBe(0);
    expect(problemsOf(summary)).toEqual([[UNREAD]]);
    expect(await lastOf(machine)).toEqual({
      scheduledAt: startedAt,
      startedAt,
      endedAt: startedAt,
      exitCode: 0,
      lastSuccessAt: startedAt,
      maxBatchHosts: 250,
      objects: { host: 1 },
      sinks: { test: { ok: true, deliveredAt: startedAt } },
      outcomes: { 'host-0': 'ok ok' },
    });
  });

  it('that cannot be read is not overwritten by a run without a success, which would lose the last one', async () => {
    const target = { hosts: ONE, ...WELL };
    const machine = startMachine([target]);
    await machine.run();
    const before = await lastOf(machine);
    machine.breakSink();
    machine.clock.advance(300_000);
    const summary = await oddly(machine, readLast);
    expect(summary.exitCode).toBe(1);
    expect(problemsOf(summary)).toEqual([[UNREAD, expect.stringContaining('the sink is down')]]);
    expect(await lastOf(machine)).toEqual(before);
    // One that could be read is.
    expect((await machine.run()).exitCode).toBe(1);
    expect(await lastOf(machine)).toMatchObject({ exitCode: 1, lastSuccessAt: before?.startedAt });
  });

  it('that lies ahead of the clock is no reason for a duplicate, and the log says so', async () => {
    const machine = startMachine([{ hosts: ONE, ...WELL }]);
    const now = machine.clock.now();
    await machine.run({ scheduledAt: now + 3_600_000 });
    machine.lines.length = 0;
    expect(outcomesOf(await machine.run({ scheduledAt: now }))[0]?.[0]).toBe('swept');
    expect(machine.lines).toEqual([
      expect.stringMatching(
        /^warn {2}sweep services: the recorded time of the last run is in the future; it is ignored scheduledAt="2026-01-02T13:00:00.000Z"$/,
      ),
    ]);
  });

  it('of a dry run makes no run a duplicate', async () => {
    const machine = startMachine([{ hosts: ONE, ...WELL }]);
    const scheduledAt = machine.clock.now();
    await machine.run({ scheduledAt }, o.signal, () => ({ dryRun: true }));
    expect((await lastOf(machine))?.isDry).toBe(true);
    expect(outcomesOf(await machine.run({ scheduledAt }))[0]?.[0]).toBe('swept');
    expect(outcomesOf(await machine.run({ scheduledAt }))[0]?.[0]).toBe('duplicate');
  });
});

describe('a fault in vsweep', () => {
  it('while hosts are asked loses the hosts of their target with its message, and nothing that was read', async () => {
    const machine = startMachine([{ hosts: HOSTS, ...WELL }]);
    const summary = await oddly(machine, () => ({ allowanceOf: bug }));
    expect(summary.exitCode).toBe(3);
    expect(outcomesOf(summary)).toEqual([
      ['swept', ...[0, 1, 2].map((host) => `host-${host} vcenter ok ssh failed(worker)`)],
    ]);
    expect(problemsOf(summary)).toEqual([[BROKE]]);
    expect(warningsOf(summary)).toEqual([[{ text: 'a batch of 3 hosts was lost: a bug', count: 1 }]]);
    expect(detailsOf(summary)).toEqual([[['ssh: a bug'], ['ssh: a bug'], ['ssh: a bug']]]);
    expect(machine.lines[0]).toBe(
      'error target vc0-x: asking its hosts ended by an internal error error="a bug"',
    );
    expect([...machine.logins]).toEqual([]);
    expect(machine.sessions.closed).toBe(machine.sessions.opened);
  });

  it('while a target is listed leaves its last list, with every host asked', async () => {
    const machine = startMachine([{ hosts: ONE, ...WELL }]);
    await machine.run();
    machine.clock.advance(300_000);
    machine.lines.length = 0;
    const unreadable = Object.defineProperty(new Error('down'), 'message', { get: bug });
    const summary = await oddly(machine, () => ({ login: () => Promise.reject(unreadable) }));
    expect(summary.targets[0]).toMatchObject({ status: 'swept', listing: 'last', problems: [BROKE] });
    expect(outcomesOf(summary)).toEqual([['swept', 'host-0 vcenter failed(target) ssh ok']]);
    expect(machine.lines[0]).toBe('error target vc0-x: the run ended by an internal error error="a bug"');
  });

  it('in one target costs no other its result', async () => {
    const machine = startMachine([
      { hosts: HOSTS, ...WELL },
      { hosts: ONE, ...WELL },
    ]);
    let looks = 0;
    const summary = await oddly(machine, ({ config }) => ({
      config: Object.defineProperty({ ...config }, 'metrics', {
        get: () => (looks++ === 0 ? bug() : config.metrics),
      }),
    }));
    expect(outcomesOf(summary)[1]).toEqual(['swept', 'host-0 vcenter ok ssh ok']);
    expect(problemsOf(summary)).toEqual([[BROKE], []]);
    expect(summary.targets[0]).toEqual({
      target: 'vc0-x',
      status: 'unlisted',
      listing: 'none',
      problems: [BROKE],
      paths: {},
      hosts: [],
      warnings: [],
      samples: 0,
      droppedDuplicates: 0,
      deliveries: [],
      durationMs: 0,
    });
    expect(machine.lines[0]).toBe('error target vc0-x: the run ended by an internal error error="a bug"');
  });
});

describe('hosts of a worker that ended', () => {
  const lost: Change = ({ invoke }) => {
    let sent = 0;
    return {
      invoke: async (name, payload, options) => {
        sent += 1;
        if (sent <= 2) throw new InvokeError('it ended', { code: 'function-error' });
        return await invoke(name, payload, options);
      },
    };
  };

  it('are asked once more in the same run, which says so, and are counted once', async () => {
    const machine = startMachine([{ hosts: HOSTS, ...WELL }]);
    await machine.run();
    machine.clock.advance(300_000);
    machine.progress.length = 0;
    const summary = await oddly(machine, lost);
    expect(outcomesOf(summary)).toEqual([
      [
        'swept',
        'host-0 vcenter failed(worker) ssh ok',
        'host-1 vcenter failed(worker) ssh failed(connection-refused)',
        'host-2 vcenter failed(worker) ssh skipped(poweredoff)',
      ],
    ]);
    expect(problemsOf(summary)).toEqual([
      [
        'a worker ended before it reported on 1 hosts: it ended. Its hosts were retried one at a time, at most 8 per worker. If this repeats, look for the cause in the log of collect-batch',
      ],
    ]);
    expect(warningsOf(summary)).toEqual([[{ text: 'a batch of 3 hosts was lost: it ended', count: 1 }]]);
    expect(detailsOf(summary)).toEqual([
      [['vcenter: it ended'], ['vcenter: it ended', 'ssh: closed'], ['vcenter: it ended']],
    ]);
    expect([...machine.logins.values()]).toEqual([2, 2]);
    expect(machine.progress[0]).toBe('vc0-x 0/3');
    expect(new Set(machine.progress.slice(-2))).toEqual(new Set(['vc0-x 3/3']));
    // What was put on record of them is struck off.
    expect(
      await machine.state.flights.readAll('services', 'vc0-x', { ...o, onMalformed: () => undefined }),
    ).toEqual([]);
  });

  it('are asked no more in this run where their accounts cannot be read, and the log says why', async () => {
    const machine = startMachine([{ hosts: ONE, ...WELL }]);
    await machine.run();
    machine.clock.advance(300_000);
    machine.lines.length = 0;
    const summary = await oddly(machine, (deps) => {
      const { invoke } = { ...deps, ...lost(deps) };
      let sent = 0;
      const readSome: typeof deps.accounts.readSome = (...of) =>
        sent === 2 ? fails('the table is away')() : deps.accounts.readSome(...of);
      return {
        accounts: { ...deps.accounts, readSome },
        invoke: (...batch) => {
          sent += 1;
          return invoke(...batch);
        },
      };
    });
    expect(outcomesOf(summary)).toEqual([['swept', 'host-0 vcenter failed(worker) ssh failed(worker)']]);
    expect(problemsOf(summary)).toEqual([[]]);
    expect(machine.lines[0]).toBe(
      'warn  hosts of a lost worker are not retried in this run error="the table is away"',
    );
    expect([...machine.logins.values()]).toEqual([1]);
  });
});
