import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../../lib/cli/load-config.ts';
import { printOutcome } from '../../../lib/sweep/outcome.ts';
import type { RunSummary } from '../../../lib/sweep/result/summary.ts';
import { SSH_TURN } from '../../../lib/sweep/run/kept-turn.ts';
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

  it('leave the hosts alone while another run has the turn, and say until when', async () => {
    // A run waits for its turn for half of its workers' time.
    await using fleet = await startFleet('20s');
    await using container = await fleet.open();
    const { state } = container;
    const [services] = await sweepsOf(fleet);
    if (services === undefined) throw new RangeError('a sweep');
    const endsAt = fleet.clock.now() + 100_000;
    await state.runs.acquireLease(SSH_TURN, 'vc1', { holder: 'other', endsAt }, running);
    const summary = await container.runSweep({ sweep: services }, running);
    expect(sshOf(summary)).toEqual(Array.from({ length: HOSTS }, () => 'skipped(other-process)'));
    expect(JSON.stringify(summary)).toContain(`until ${new Date(endsAt).toISOString()} unless it goes on`);
    expect(fleet.esxi.loginAttempts(fleet.addressOf(1))).toEqual({ accepted: 0, refused: 0 });
    await state.runs.releaseLease(SSH_TURN, 'vc1', 'other', running);
    expect(sshOf(await container.runSweep({ sweep: services }, running))).toEqual(
      Array.from({ length: HOSTS }, () => 'ok'),
    );
    expect(await state.runs.readLease(SSH_TURN, 'vc1', running)).toBeUndefined();
  }, 120_000);

  it('leave only those hosts alone at which a worker of a run may be that lost its turn, and count it when its lease is over', async () => {
    await using fleet = await startFleet();
    await using container = await fleet.open();
    const { runs, flights, accounts } = container.state;
    const [services] = await sweepsOf(fleet);
    if (services === undefined) throw new RangeError('a sweep');
    const endsAt = fleet.clock.now() + 10 * 60_000;
    const dead = { id: 'dead#vc1#0', batch: 0, user: 'root', version: 'v1', unproven: [], endsAt };
    await runs.acquireLease('checks', 'vc1', { holder: 'dead', endsAt }, running);
    await flights.begin('checks', 'vc1', { ...dead, addresses: [fleet.addressOf(1)] }, running);
    const summary = await container.runSweep({ sweep: services }, running);
    expect(sshOf(summary).toSorted()).toEqual(['ok', 'ok', 'skipped(other-process)']);
    expect(fleet.esxi.loginAttempts(fleet.addressOf(1))).toEqual({ accepted: 0, refused: 0 });
    expect(await flights.readAll('checks', 'vc1', { ...running, onMalformed: () => undefined })).toHaveLength(
      1,
    );
    expect((await accounts.read('root', fleet.addressOf(1), running))?.refusals ?? 0).toBe(0);
    await runs.releaseLease('checks', 'vc1', 'dead', running);
    await container.runSweep({ sweep: services }, running);
    expect(await flights.readAll('checks', 'vc1', { ...running, onMalformed: () => undefined })).toEqual([]);
    expect((await accounts.read('root', fleet.addressOf(1), running))?.refusals).toBe(1);
  }, 120_000);
});
