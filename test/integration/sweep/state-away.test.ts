import { describe, expect, it } from 'vitest';
import { parseExposition } from '../../support/exposition.ts';
import { answer, type Gateway, startGateway } from '../sinks/gateway.ts';
import { outcomesOf, type SmallFleet, startSmallFleet, toVcenterHost } from './small-fleet.ts';
import { openProcess } from './table-process.ts';

const o = { signal: new AbortController().signal };
const away = () => Promise.reject(new Error('the table is away'));

const attempts = (fleet: SmallFleet, number: number) => fleet.esxi.loginAttempts(fleet.addressOf(number));
const stateUp = ({ seen }: Gateway) =>
  parseExposition(seen.at(-1)?.text ?? '').find(({ name }) => name === 'vsweep_state_up')?.value;

describe('a process whose state table is away', () => {
  it('goes on with the hosts that it saw proven and pinned, pushes, and takes up the others again later', async () => {
    await using gateway = await startGateway([answer(200)]);
    await using fleet = await startSmallFleet({ every: '1m', hosts: [{}, {}, {}], pushUrl: gateway.url });
    fleet.vcenter.setHosts([1, 2].map((number) => toVcenterHost(number)));
    await using running = await openProcess(fleet);
    await running.sweep();
    expect(outcomesOf(await running.sweep())).toEqual(['esx1: ok ok', 'esx2: ok ok']);

    running.table.answer = away;
    fleet.vcenter.setHosts([1, 2, 3].map((number) => toVcenterHost(number)));
    const pushes = gateway.seen.length;
    const run = await running.sweep();
    expect(outcomesOf(run)).toEqual(['esx1: ok ok', 'esx2: ok ok', 'esx3: ok skipped(state)']);
    expect(run).toMatchObject({
      exitCode: 3,
      targets: [{ listing: 'fresh', deliveries: [{ sink: 'pushgateway', outcome: 'delivered' }] }],
    });
    expect(attempts(fleet, 3)).toEqual({ accepted: 0, refused: 0 });
    expect(gateway.seen.slice(pushes).map(({ method }) => method)).toEqual(['PUT']);
    expect(stateUp(gateway)).toBe(0);

    running.table.answer = undefined;
    const back = await running.sweep();
    expect(outcomesOf(back)).toEqual(['esx1: ok ok', 'esx2: ok ok', 'esx3: ok ok']);
    expect(stateUp(gateway)).toBe(1);
  });

  it('asks no single host, as a poll does, although a run of it would', async () => {
    await using fleet = await startSmallFleet({ hosts: [{}, {}] });
    await using running = await openProcess(fleet);
    await running.sweep();
    await running.sweep();
    const host = 'host-1';
    expect(outcomesOf(await running.sweep({ host }))[0]).toBe('esx1: ok ok');
    const before = attempts(fleet, 1);

    running.table.answer = away;
    expect(outcomesOf(await running.sweep({ host }))).toEqual([
      'esx1: ok skipped(state)',
      'esx2: ok skipped(state)',
    ]);
    running.table.answer = (forward, { isWrite }) => (isWrite ? away() : forward());
    expect(outcomesOf(await running.sweep({ host }))[0]).toBe('esx1: ok skipped(state)');
    expect(attempts(fleet, 1)).toEqual(before);

    running.table.answer = away;
    expect(outcomesOf(await running.sweep())).toEqual(['esx1: ok ok', 'esx2: ok ok']);
  });

  it('tries a host that refuses once, and writes the refusal down before it goes on with the table', async () => {
    await using fleet = await startSmallFleet({ every: '1m', hosts: [{}, {}] });
    await using running = await openProcess(fleet);
    await running.sweep();
    await running.sweep();
    await fleet.esxi.setBehaviour(fleet.addressOf(1), 'refuses-login');

    running.table.answer = away;
    const seen: string[] = [];
    for (let run = 0; run < 3; run++) {
      const outcomes = outcomesOf(await running.sweep());
      seen.push(`${outcomes[0]} ${attempts(fleet, 1).refused}`);
    }
    expect(seen).toEqual([
      'esx1: ok failed(auth) 1',
      'esx1: ok skipped(state) 1',
      'esx1: ok skipped(state) 1',
    ]);

    running.table.answer = undefined;
    expect(outcomesOf(await running.sweep())).toEqual(['esx1: ok skipped(blacklist)', 'esx2: ok ok']);
    expect(await running.state.accounts.read('vsweep', fleet.addressOf(1), o)).toMatchObject({ refusals: 1 });
  });

  it('that has read nothing before logs in nowhere', async () => {
    await using fleet = await startSmallFleet({ every: '1m', hosts: [{}] });
    {
      await using first = await openProcess(fleet);
      await first.sweep();
    }
    const before = { ...fleet.vcenter.stats };
    await using running = await openProcess(fleet);
    running.table.answer = away;
    expect(await running.sweep()).toMatchObject({ exitCode: 1, targets: [{ status: 'unlisted' }] });
    expect(attempts(fleet, 1)).toEqual({ accepted: 1, refused: 0 });
    expect(fleet.vcenter.stats.logins).toBe(before.logins);
  });

  it('goes by the last list where vCenter is away too', async () => {
    await using fleet = await startSmallFleet({ every: '1m', hosts: [{}] });
    await using running = await openProcess(fleet);
    await running.sweep();
    await running.sweep();
    running.table.answer = away;
    fleet.vcenter.misbehave({ kind: 'down' });
    const summary = await running.sweep();
    expect(outcomesOf(summary)).toEqual(['esx1: failed(target) ok']);
    expect(summary.targets[0]).toMatchObject({ listing: 'last' });
  });

  it('that can be read and not written: goes on with proven and pinned hosts, leaves the others, and owes what it saw', async () => {
    await using fleet = await startSmallFleet({ every: '1m', hosts: [{}, {}, {}, {}] });
    fleet.vcenter.setHosts([1, 2, 3].map((number) => toVcenterHost(number)));
    await using running = await openProcess(fleet);
    await running.sweep();
    expect(outcomesOf(await running.sweep())).toEqual(['esx1: ok ok', 'esx2: ok ok', 'esx3: ok ok']);

    running.table.answer = (forward, { isWrite }) => (isWrite ? away() : forward());
    fleet.vcenter.setHosts([1, 2, 3, 4].map((number) => toVcenterHost(number)));
    await fleet.esxi.setBehaviour(fleet.addressOf(2), 'refuses-login');
    expect(outcomesOf(await running.sweep())).toEqual([
      'esx1: ok ok',
      'esx2: ok failed(auth)',
      'esx3: ok ok',
      'esx4: ok skipped(state)',
    ]);
    expect(attempts(fleet, 4)).toEqual({ accepted: 0, refused: 0 });
    await running.sweep();
    expect(attempts(fleet, 2).refused).toBe(1);

    running.table.answer = undefined;
    expect(outcomesOf(await running.sweep())[1]).toBe('esx2: ok skipped(blacklist)');
    expect(await running.state.accounts.read('vsweep', fleet.addressOf(2), o)).toMatchObject({ refusals: 1 });
    expect(await running.state.accounts.read('vsweep', fleet.addressOf(1), o)).toMatchObject({ refusals: 0 });
  });

  it('that can be read and not written, from its first run on, logs in nowhere', async () => {
    await using fleet = await startSmallFleet({ every: '1m', hosts: [{}] });
    {
      await using first = await openProcess(fleet);
      await first.sweep();
      await first.sweep();
    }
    const before = attempts(fleet, 1);
    await using running = await openProcess(fleet);
    running.table.answer = (forward, { isWrite }) => (isWrite ? away() : forward());
    const { targets } = await running.sweep();
    expect(targets[0]?.paths.ssh).toMatchObject({ reasons: { 'skipped(state)': 1 } });
    expect(attempts(fleet, 1)).toEqual(before);
  });
});
