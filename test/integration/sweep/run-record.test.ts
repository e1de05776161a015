import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../../lib/platform/clock.ts';
import { exporterSink } from '../../../lib/sinks/exporter/exporter-sink.ts';
import { runSweep } from '../../../lib/sweep/run/run-sweep.ts';
import type { SweepTargetDeps } from '../../../lib/sweep/run/sweep-target.ts';
import { createEstate, openState, type SshWhim, type Whim } from '../../support/fake-estate.ts';
import { createTemporaryFolder } from '../../support/peers/temporary-folder.ts';

const running = { signal: new AbortController().signal };
const EVERY_MS = 300_000;

describe('what is kept and served of a run', () => {
  const opening = new AsyncDisposableStack();
  let opened: Awaited<ReturnType<typeof openState>>;
  beforeAll(async () => {
    const folder = opening.use(await createTemporaryFolder('run-record'));
    opened = opening.use(await openState(folder.path));
  });
  afterAll(() => opening.disposeAsync());

  /** One target with one host that does as it is told. */
  function startRuns() {
    const host = { address: '10.0.0.1', ssh: 'well' as SshWhim };
    const fake = {
      login: 'well',
      listing: 'well',
      ticket: 'well',
      retrieval: 'well',
      close: 'well',
      clone: 'well' as Whim,
      hosts: [host],
    } as const;
    const target = { ...fake, clone: 'well' as Whim };
    const estate = createEstate({
      targets: [target],
      state: opened.state,
      clock: systemClock,
      batch: () => 'well',
    });
    const [services] = estate.sweep.config.sweeps;
    const [{ name } = { name: '' }] = estate.sweep.config.targets;
    if (services === undefined) throw new RangeError('no sweep');
    return {
      host,
      target,
      run: async (changes: Partial<SweepTargetDeps> = {}) => {
        const summary = await runSweep({ sweep: services }, { ...estate.sweep, ...changes }, running);
        const last = await estate.sweep.runs.readLast(services.name, name, running);
        if (last === undefined) throw new RangeError('the run was not remembered');
        return { summary, last };
      },
      login: estate.sweep.login,
    };
  }

  it('a run in which a host fails is a success, one of which nothing came is none', async () => {
    const { host, target, run } = startRuns();
    const well = await run();
    expect(well.summary.exitCode).toBe(0);
    expect(well.last.lastSuccessAt).toBe(well.last.startedAt);
    host.ssh = 'fails';
    const partly = await run();
    expect(partly.summary.exitCode).toBe(3);
    expect(partly.last.lastSuccessAt).toBe(partly.last.startedAt);
    expect(partly.last.startedAt).toBeGreaterThan(well.last.startedAt);
    target.clone = 'fails';
    const nothing = await run();
    expect(nothing.summary.exitCode).toBe(1);
    expect(nothing.last).toMatchObject({ exitCode: 1, lastSuccessAt: partly.last.startedAt });
  });

  it('is served for three intervals from the start of the run', async () => {
    const { run } = startRuns();
    const served: number[] = [];
    const exporter = exporterSink({
      publish: (_group, { validUntil }) => void served.push(validUntil),
      withdraw: () => false,
    });
    const { last } = await run({ sinks: [exporter] });
    expect(served).toEqual([last.startedAt + 3 * EVERY_MS]);
  });

  it('a list of hosts whose names cannot be read is a list: they are counted, and none that stands in is used', async () => {
    const { run, login } = startRuns();
    await run();
    const nameless: SweepTargetDeps['login'] = async (...of) => ({
      ...(await login(...of)),
      list: async () => ({ hosts: [], unreadable: ['host-7', 'host-8'], others: new Map() }),
    });
    const { summary } = await run({ login: nameless });
    expect(summary.targets[0]).toMatchObject({
      listing: 'fresh',
      paths: { vcenter: { hosts: 2, reasons: { 'failed(unreadable)': 2 } } },
    });
    const empty: SweepTargetDeps['login'] = async (...of) => ({
      ...(await login(...of)),
      list: async () => ({ hosts: [], unreadable: [], others: new Map() }),
    });
    expect((await run({ login: empty })).summary.targets[0]).toMatchObject({
      listing: 'last',
      problems: [expect.stringContaining('lists no hosts')],
    });
  });
});
