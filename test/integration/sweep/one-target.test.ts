import { describe, expect, it } from 'vitest';
import { type Clock, systemClock } from '../../../lib/platform/clock.ts';
import { silentLog } from '../../../lib/platform/log.ts';
import { createState } from '../../../lib/state/state.ts';
import { type RunSweepDeps, runSweep } from '../../../lib/sweep/run/run-sweep.ts';
import { createEstate, type FakeTarget, type SshWhim } from '../../support/fake-estate.ts';
import { createMemoryTable } from '../../support/world/memory-table.ts';

const running = { signal: new AbortController().signal };
/** Of the sweeps of the estate. */
const EVERY_MS = 300_000;
const WELL = {
  login: 'well',
  listing: 'well',
  ticket: 'well',
  clone: 'well',
  retrieval: 'well',
  close: 'well',
} as const;
const hostsOf = (...whims: SshWhim[]) => whims.map((ssh, index) => ({ address: `10.0.0.${index + 1}`, ssh }));

/** A sweep over one target, with its state in memory; what it logs, and how its session is asked and closed. */
function start(hosts: FakeTarget['hosts'], clock: Clock = systemClock) {
  const state = createState({ table: createMemoryTable(), clock });
  const target = { ...WELL, hosts };
  const estate = createEstate({ targets: [target], state, clock, batch: () => 'well' });
  const { sweep: deps } = estate;
  const [sweep] = deps.config.sweeps;
  const [{ name } = { name: '' }] = deps.config.targets;
  if (sweep === undefined) throw new RangeError('no sweep');
  const lines: { level: string; message: string; fields: unknown }[] = [];
  const note = (level: string) => (message: string, fields?: unknown) =>
    void lines.push({ level, message, fields });
  const log = { ...silentLog, info: note('info'), warn: note('warn'), error: note('error') };
  const queries: unknown[] = [];
  const closed: number[] = [];
  const login: RunSweepDeps['login'] = async (...of) => {
    const session = await deps.login(...of);
    return {
      ...session,
      list: async (query, options) => {
        queries.push(query);
        return await session.list(query, options);
      },
      close: async ({ ms }) => {
        closed.push(ms);
        await session.close({ ms });
      },
    };
  };
  return {
    name,
    state,
    lines,
    queries,
    closed,
    sessions: estate.sessions,
    lease: () => state.runs.readLease(sweep.name, name, running),
    last: () => state.runs.readLast(sweep.name, name, running),
    async run(order: { scheduledAt?: number; target?: string } = {}, changes: Partial<RunSweepDeps> = {}) {
      lines.length = 0;
      const work = { ...deps, log, login, ...changes };
      const { targets } = await runSweep({ sweep, ...order }, work, running);
      return targets.map(({ status }) => status);
    },
  };
}

describe('a sweep of one target', () => {
  it('lists it in one session, asks what it needs, closes the session in time and gives the lease back', async () => {
    const { run, queries, closed, sessions, lease } = start(hostsOf('well'));
    expect(await run()).toEqual(['swept']);
    expect(queries).toEqual([
      { kinds: [], machineIdentity: false, managementAddress: false, sshService: true },
    ]);
    expect(sessions).toEqual({ opened: 2, closed: 2 });
    expect(closed[0]).toBeGreaterThanOrEqual(1_000);
    expect(closed[0]).toBeLessThanOrEqual(5_000);
    expect(await lease()).toBeUndefined();
  });

  it('leaves it to another run that is under way there', async () => {
    const { run, state, name, sessions } = start(hostsOf('well'));
    const endsAt = systemClock.now() + EVERY_MS;
    await state.runs.acquireLease('services', name, { holder: 'another', endsAt }, running);
    expect(await run()).toEqual(['lease']);
    expect(sessions.opened).toBe(0);
    expect(await state.runs.readLease('services', name, running)).toMatchObject({ holder: 'another' });
  });

  it('goes over a target that is named, and over no other', async () => {
    const { run, name } = start(hostsOf('well'));
    expect(await run({ target: 'another' })).toEqual([]);
    expect(await run({ target: name })).toEqual(['swept']);
  });

  it('takes a run for a time that was swept already, or for an earlier one, for a duplicate', async () => {
    const { run, last, sessions } = start(hostsOf('well'));
    const at = systemClock.now();
    expect(await run({ scheduledAt: at })).toEqual(['swept']);
    expect((await last())?.scheduledAt).toBe(at);
    const { opened } = sessions;
    expect(await run({ scheduledAt: at })).toEqual(['duplicate']);
    expect(await run({ scheduledAt: at - 1 })).toEqual(['duplicate']);
    expect(sessions.opened).toBe(opened);
    expect(await run({ scheduledAt: at + 1 })).toEqual(['swept']);
  });

  it('takes a run that was asked for by hand for none, and records its start as its time', async () => {
    const { run, last } = start(hostsOf('well'));
    await run({ scheduledAt: systemClock.now() + 5_000 });
    expect(await run()).toEqual(['swept']);
    const kept = await last();
    expect(kept?.scheduledAt).toBe(kept?.startedAt);
  });

  it('ignores a run that is recorded for a time that lies ahead, and says so', async () => {
    const { run, lines } = start(hostsOf('well'));
    const ahead = systemClock.now() + 10 * EVERY_MS;
    expect(await run({ scheduledAt: ahead })).toEqual(['swept']);
    expect(await run({ scheduledAt: systemClock.now() })).toEqual(['swept']);
    expect(lines).toContainEqual({
      level: 'warn',
      message: 'sweep services: the recorded time of the last run is in the future; it is ignored',
      fields: { scheduledAt: new Date(ahead).toISOString() },
    });
  });

  it('has a line in the log for each host that came out otherwise, 50 at most, and for nothing else', async () => {
    const hosts = Array.from({ length: 53 }, (_, index) => ({
      address: `10.0.1.${index}`,
      ssh: 'well' as SshWhim,
    }));
    const { run, lines } = start(hosts);
    const told = () => lines.filter(({ message }) => /host outcomes? changed/.test(message));
    await run();
    expect(told()).toEqual([]);
    await run();
    expect(told()).toEqual([]);
    for (const host of hosts) host.ssh = 'fails';
    await run();
    expect(told()).toHaveLength(51);
    expect(told()[0]?.fields).toMatchObject({
      before: 'vcenter ok, ssh ok',
      now: 'vcenter ok, ssh failed(connection-refused)',
    });
    expect(told().at(-1)).toMatchObject({
      message: 'more host outcomes changed',
      fields: { hosts: 3 },
    });
    for (const host of hosts.slice(0, 50)) host.ssh = 'well';
    await run();
    expect(told()).toHaveLength(50);
  });

  it('remembers how large a batch of the next run may be, and that a run could not be remembered', async () => {
    const { run, last, lines, state } = start(hostsOf('well'));
    await run();
    expect(await last()).toMatchObject({
      exitCode: 0,
      maxBatchHosts: 250,
      outcomes: { 'host-0': 'ok ok' },
    });
    const runs = { ...state.runs, writeLast: () => Promise.reject(new Error('no table')) };
    expect(await run({}, { runs })).toEqual(['swept']);
    expect(lines.map(({ message }) => message)).toContain('the result of the run could not be recorded');
  });
});
