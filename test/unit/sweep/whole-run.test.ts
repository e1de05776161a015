import { describe, expect, it } from 'vitest';
import type { Family } from '../../../lib/metrics/family.ts';
import { HOSTS, ONE, outcomesOf, startMachine, WELL } from './machine.ts';

const ENDS = [
  'swept',
  'host-0 vcenter ok ssh ok',
  'host-1 vcenter ok ssh failed(connection-refused)',
  'host-2 vcenter ok ssh skipped(poweredoff)',
];
const countsOf = (families: readonly Family[]) =>
  Object.fromEntries(
    families.map(({ definition, samples }) => [definition.name, Array.from(samples).length]),
  );

describe('a run of a sweep', () => {
  it('says what became of each host, delivers once and closes its sessions', async () => {
    const machine = startMachine([{ hosts: HOSTS, ...WELL }]);
    const start = machine.clock.now();
    const summary = await machine.run();
    expect(outcomesOf(summary)).toEqual([ENDS]);
    expect(summary).toMatchObject({
      runId: 'run-1',
      sweep: 'services',
      scheduledAt: start,
      startedAt: start,
      exitCode: 3,
      targets: [
        {
          target: 'vc0-x',
          listing: 'fresh',
          problems: [],
          paths: {
            vcenter: { hosts: 3, ok: 3, failed: 0, skipped: 0 },
            ssh: { hosts: 3, ok: 1, failed: 1, skipped: 1 },
          },
          credential: { id: 'env:X-x', ok: true },
          deliveries: [{ sink: 'test', outcome: 'delivered' }],
        },
      ],
    });
    expect(summary.targets[0]?.hosts.map(({ details }) => details)).toEqual([[], ['ssh: closed'], []]);
    const [series] = machine.delivered;
    expect(machine.delivered).toHaveLength(1);
    expect(series?.group).toEqual({ job: 'vsweep_services', instance: 'vc0-x' });
    expect(series?.validUntil).toBe(start + 15 * 60_000);
    expect(countsOf(series?.families ?? [])).toMatchObject({ esxi_overall_status: 3, esxi_ssh_up: 2 });
    expect(machine.sessions.closed).toBe(machine.sessions.opened);
    expect(machine.progress[0]).toBe('vc0-x 0/3');
    expect(machine.progress.at(-1)).toBe('vc0-x 3/3');
  });

  it('has a line in the log for a host that is not ok, and later only for one that changed', async () => {
    const machine = startMachine([{ hosts: HOSTS, ...WELL }]);
    await machine.run();
    const of = (lines: readonly string[]) => lines.filter((line) => line.includes('host'));
    expect(of(machine.lines)).toEqual([
      expect.stringMatching(
        /^info {2}host is not ok target="vc0-x" host="vc0-x-esx1" now="vcenter ok, ssh failed\(connection-refused\)" why="ssh: closed"$/,
      ),
      expect.stringMatching(
        /^info {2}host is not ok target="vc0-x" host="vc0-x-esx2" now="vcenter ok, ssh skipped/,
      ),
    ]);
    machine.lines.length = 0;
    machine.clock.advance(300_000);
    await machine.run();
    expect(of(machine.lines)).toEqual([]);
  });

  it('asks one host alone where it is told which, by a run with a name of its own', async () => {
    const machine = startMachine([
      { hosts: HOSTS, ...WELL },
      { hosts: ONE, ...WELL },
    ]);
    const summary = await machine.run({ target: 'vc0-x', host: 'host-0' });
    expect(summary.targets.map(({ target }) => target)).toEqual(['vc0-x']);
    expect(summary.runId).not.toBe('run-1');
    expect(summary.runId).toContain('run-1');
    expect([...machine.logins]).toEqual([['10.0.0.1', 1]]);
  });

  it('leaves targets alone that it is not asked for, and costs none its result by another', async () => {
    const machine = startMachine([
      { hosts: HOSTS, ...WELL, login: 'fails' },
      { hosts: ONE, ...WELL },
    ]);
    const all = await machine.run();
    expect(outcomesOf(all)).toEqual([['unlisted'], ['swept', 'host-0 vcenter ok ssh ok']]);
    expect(all.targets[0]?.problems).toEqual([expect.stringContaining('it is down')]);
    machine.clock.advance(300_000);
    const one = await machine.run({ target: 'vc1-x' });
    expect(outcomesOf(one)).toEqual([['swept', 'host-0 vcenter ok ssh ok']]);
    expect(one.exitCode).toBe(0);
  });

  it('is a duplicate where a run for that time or a later one is done, and not by a record ahead of the clock', async () => {
    const machine = startMachine([{ hosts: ONE, ...WELL }]);
    const scheduledAt = machine.clock.now();
    expect((await machine.run({ scheduledAt })).scheduledAt).toBe(scheduledAt);
    for (const at of [scheduledAt, scheduledAt - 1]) {
      const again = await machine.run({ scheduledAt: at });
      expect(again.targets).toEqual([
        expect.objectContaining({ target: 'vc0-x', status: 'duplicate', hosts: [], problems: [] }),
      ]);
    }
    expect(machine.delivered).toHaveLength(1);
    expect(outcomesOf(await machine.run({ scheduledAt: scheduledAt + 1 }))[0]?.[0]).toBe('swept');
    // Without a time it is an operator who asks.
    expect(outcomesOf(await machine.run())[0]?.[0]).toBe('swept');
  });

  it('is left to the other run where one holds the lease', async () => {
    const machine = startMachine([{ hosts: ONE, ...WELL, retrieval: 'hangs' }]);
    const first = machine.run();
    const second = await machine.run();
    expect(second.targets.map(({ status }) => status)).toEqual(['lease']);
    expect(outcomesOf(await first)).toEqual([['swept', 'host-0 vcenter failed(deadline) ssh ok']]);
  });

  it('uses the last known list where the target cannot be listed, and asks its hosts all the same', async () => {
    const target = { hosts: ONE, ...WELL, listing: 'well' as 'well' | 'fails' };
    const machine = startMachine([target]);
    await machine.run();
    target.listing = 'fails';
    machine.clock.advance(300_000);
    const summary = await machine.run();
    expect(summary.targets[0]).toMatchObject({ status: 'swept', listing: 'last' });
    expect(summary.targets[0]?.hosts[0]?.outcomes.ssh).toEqual({ kind: 'ok' });
    expect(machine.sessions.closed).toBe(machine.sessions.opened);
  });

  it('says that nobody took its result, and is stopped where a signal ends it before', async () => {
    const machine = startMachine([{ hosts: ONE, ...WELL }]);
    const stopped = await machine.run({}, AbortSignal.abort(new Error('stop')));
    expect(stopped.targets).toEqual([
      expect.objectContaining({ target: 'vc0-x', status: 'stopped', hosts: [], deliveries: [] }),
    ]);
    machine.breakSink();
    const failed = await machine.run();
    expect(failed.targets[0]).toMatchObject({
      status: 'swept',
      deliveries: [{ sink: 'test', outcome: 'failed' }],
      problems: [expect.stringContaining('the sink is down')],
    });
  });

  it('loses the hosts of a batch whose worker crashed, and nothing that was read', async () => {
    let sent = 0;
    const machine = startMachine([{ hosts: ONE, ...WELL }], {
      batch: () => (sent++ === 0 ? 'fails' : 'well'),
    });
    const summary = await machine.run();
    const lost = outcomesOf(summary)[0]?.join(' ') ?? '';
    // Which of the two batches is handed over first is not promised.
    expect(lost).toMatch(
      /^swept host-0 (?:vcenter failed\(worker\) ssh ok|vcenter ok ssh failed\(worker\))$/,
    );
    expect(summary.exitCode).toBe(3);
  });
});
