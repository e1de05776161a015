import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../../lib/cli/load-config.ts';
import { silentLog } from '../../../lib/platform/log.ts';
import { createState } from '../../../lib/state/state.ts';
import { printOutcome } from '../../../lib/sweep/outcome.ts';
import type { RunSummary } from '../../../lib/sweep/result/summary.ts';
import { SSH_TURN, takeSshTurn } from '../../../lib/sweep/run/ssh-turn.ts';
import { createEagerClock } from '../../support/eager-clock.ts';
import { createMemoryTable } from '../../support/world/memory-table.ts';
import { type SmallFleet, startSmallFleet } from './small-fleet.ts';

const running = { signal: new AbortController().signal };
const HOSTS = 3;

/** Hosts that take a second for a command, and a second sweep that asks them too. */
async function startFleet(every = '5m'): Promise<SmallFleet> {
  const hosts = Array.from({ length: HOSTS }, () => ({ commandDelayMs: 1_000 }));
  const fleet = await startSmallFleet({ hosts, collectors: 'ssh-services', every });
  const file = join(fleet.folder, 'vsweep.yaml');
  const text = await readFile(file, 'utf8');
  const second = '\n  - { name: checks, every: 15m, collectors: [host-checks] }';
  const both = text.replace(/^sweeps:.*(?:\n +-.*)*/m, (sweeps) => `${sweeps}${second}`);
  expect(both).toContain(second);
  await writeFile(file, both);
  return fleet;
}

const sweepsOf = async ({ folder }: SmallFleet) =>
  (await loadConfig(join(folder, 'vsweep.yaml'))).config.sweeps;

const sshOf = ({ targets }: RunSummary) =>
  targets.flatMap(({ hosts }) => hosts.map(({ outcomes }) => outcomes.ssh && printOutcome(outcomes.ssh)));

describe('two sweeps that ask the hosts of one target by ssh', () => {
  it('run at the same time, ask no host at the same time, and each has what it asked for', async () => {
    await using fleet = await startFleet();
    // Each is a process of its own: nothing but the state is common.
    await using one = await fleet.open();
    await using other = await fleet.open();
    const [services, checks] = await sweepsOf(fleet);
    if (services === undefined || checks === undefined) throw new RangeError('two sweeps');
    await one.runSweep({ sweep: services }, running);
    let most = 0;
    const watching = setInterval(() => {
      most = Math.max(most, fleet.esxi.connections());
    }, 10);
    const before = fleet.esxi.loginAttempts(fleet.addressOf(1)).accepted;
    const summaries = await Promise.all([
      one.runSweep({ sweep: services }, running),
      other.runSweep({ sweep: checks }, running),
    ]).finally(() => clearInterval(watching));
    expect(summaries.map(sshOf)).toEqual([
      Array.from({ length: HOSTS }, () => 'ok'),
      Array.from({ length: HOSTS }, () => 'failed(output)'),
    ]);
    expect(fleet.esxi.loginAttempts(fleet.addressOf(1)).accepted - before).toBe(2);
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThanOrEqual(HOSTS);
  }, 120_000);

  it('leave the hosts alone while a run that died holds the turn, and say until when; then one command ends that', async () => {
    // A run waits for its turn for a quarter of its workers' time.
    await using fleet = await startFleet('40s');
    await using container = await fleet.open();
    const { state } = container;
    const [services] = await sweepsOf(fleet);
    if (services === undefined) throw new RangeError('a sweep');
    const endsAt = fleet.clock.now() + 10 * 60_000;
    await state.runs.acquireLease(SSH_TURN, 'vc1', { holder: 'dead', endsAt }, running);
    const summary = await container.runSweep({ sweep: services }, running);
    expect(sshOf(summary)).toEqual(Array.from({ length: HOSTS }, () => 'skipped(other-process)'));
    expect(JSON.stringify(summary)).toContain(`until ${new Date(endsAt).toISOString()} at the latest`);
    expect(fleet.esxi.loginAttempts(fleet.addressOf(1))).toEqual({ accepted: 0, refused: 0 });
    await state.runs.releaseLease(SSH_TURN, 'vc1', 'dead', running);
    expect(sshOf(await container.runSweep({ sweep: services }, running))).toEqual(
      Array.from({ length: HOSTS }, () => 'ok'),
    );
    expect(await state.runs.readLease(SSH_TURN, 'vc1', running)).toBeUndefined();
  }, 120_000);
});

describe('the turn of asking hosts by ssh', () => {
  const start = (sweeps: number) => {
    const clock = createEagerClock();
    const { runs } = createState({ table: createMemoryTable(), clock });
    const config = {
      targets: [{ name: 'vc1' }],
      sweeps: Array.from({ length: sweeps }, (_, index) => ({
        name: `s${index}`,
        collectors: ['ssh-services'],
      })),
    } as unknown as Parameters<typeof takeSshTurn>[1]['config'];
    const now = clock.now();
    const take = (runId: string, changes: object = {}) =>
      takeSshTurn(
        {
          runId,
          target: { name: 'vc1' },
          times: { leaseEnd: now + 60_000, graceMs: 10_000, workerEnd: now + 40_000 },
          timeline: { msUntil: () => 40_000 },
        },
        { config, runs, clock, log: silentLog, ...changes },
        running,
      );
    return { runs, take, clock, now };
  };

  it('is one run’s at a time, and of a run that died at its lease’s end', async () => {
    const { take, runs, now } = start(2);
    const first = await take('first');
    expect(first.kind).toBe('held');
    expect(await runs.readLease(SSH_TURN, 'vc1', running)).toEqual({ holder: 'first', endsAt: now + 70_000 });
    expect(await take('second')).toEqual({
      kind: 'busy',
      why: expect.stringContaining('another sweep asks'),
    });
    if (first.kind === 'held') await first.release();
    expect((await take('second')).kind).toBe('held');
  });

  it('is not written where one sweep alone asks', async () => {
    const { take, runs } = start(1);
    expect((await take('first')).kind).toBe('held');
    expect(await runs.readLease(SSH_TURN, 'vc1', running)).toBeUndefined();
  });

  it('stops nobody while the table is away: what it would guard has rules of its own then', async () => {
    const { take, runs } = start(2);
    const away = { ...runs, acquireLease: () => Promise.reject(new Error('no table')) };
    expect((await take('first', { runs: away })).kind).toBe('held');
  });
});
