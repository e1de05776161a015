import { describe, expect, it } from 'vitest';
import type { Config } from '../../../lib/config/schema.ts';
import type { RunSummary } from '../../../lib/sweep/result/summary.ts';
import type { RunSweepDeps } from '../../../lib/sweep/run/run-sweep.ts';
import { HOSTS, outcomesOf, startMachine, WELL } from './machine.ts';

const o = { signal: new AbortController().signal };
const problemsOf = ({ targets }: RunSummary) => targets.map(({ problems }) => problems);
const withNetbox = (config: Config): Config => ({
  ...config,
  netbox: { whenDown: 'use-stale' } as Config['netbox'],
});
const withTwo = (config: Config): Config => ({
  ...config,
  sweeps: config.sweeps.flatMap((one) => [one, { ...one, name: 'other', everyMs: 60_000 }]),
});

describe('a run with NetBox', () => {
  type Active = ReturnType<NonNullable<RunSweepDeps['startActiveDevices']>>;
  const saying = (now: Promise<unknown>, notes: readonly string[] = []) => ({
    startActiveDevices: () => ({ now, before: Promise.resolve(undefined), notes }) as unknown as Active,
  });
  const NO_DEVICE =
    'ssh: NetBox has no device with its name or address among those that netbox.filter selects';

  it('asks the hosts with an active device, found by name or by the address that is dialled, under its sites, which it keeps', async () => {
    const machine = startMachine([{ hosts: HOSTS, ...WELL }], { configure: withNetbox });
    const devices = [
      { name: 'vc0-x-esx0', addresses: [], site: 'north' },
      { name: 'another', addresses: ['10.0.0.2'], site: 'south' },
    ];
    const known = { readAt: machine.clock.now(), devices };
    const summary = await machine.run({}, o.signal, () => saying(Promise.resolve(known), ['a note']));
    expect(outcomesOf(summary)).toEqual([
      [
        'swept',
        'host-0 vcenter ok ssh ok',
        'host-1 vcenter ok ssh failed(connection-refused)',
        'host-2 vcenter ok ssh skipped(poweredoff)',
      ],
    ]);
    expect(problemsOf(summary)).toEqual([['a note']]);
    expect(summary.targets[0]?.warnings).toEqual([
      { text: 'NetBox has no active device for vc0-x-esx2', count: 1 },
    ]);
    const sites = machine.delivered[0]?.families.find(({ definition }) => definition.name === 'esxi_ssh_up');
    expect(Array.from(sites?.samples ?? [], ({ labels, value }) => [...labels, value].join(' '))).toEqual([
      'vc0-x north vc0-x-esx0 1',
      'vc0-x south vc0-x-esx1 0',
    ]);
    machine.clock.advance(300_000);
    const later = await machine.run({}, o.signal, () =>
      saying(Promise.resolve({ ...known, devices: devices.slice(1) })),
    );
    expect(outcomesOf(later)[0]?.[1]).toBe('host-0 vcenter ok ssh skipped(netbox)');
    expect(later.targets[0]?.hosts[0]?.details).toEqual([NO_DEVICE]);
    // The site that NetBox gave last is used on.
    const status = machine.delivered[1]?.families.find(
      ({ definition }) => definition.name === 'esxi_overall_status',
    );
    expect(Array.from(status?.samples ?? [], ({ labels }) => labels[1])).toEqual(['north', 'south', '']);
  });

  it('asks all hosts where NetBox is down and nothing is known, and says so', async () => {
    const machine = startMachine([{ hosts: HOSTS, ...WELL }], { configure: withNetbox });
    const summary = await machine.run({}, o.signal, () => saying(Promise.reject(new Error('down.'))));
    expect(outcomesOf(summary)[0]?.[1]).toBe('host-0 vcenter ok ssh ok');
    expect(problemsOf(summary)).toEqual([
      ['NetBox: down. Every host is asked by ssh, active or not (netbox.whenDown).'],
    ]);
    expect(summary.targets[0]?.warnings).toEqual([]);
  });
});

describe('runs of two sweeps that ask the hosts of one target', () => {
  it('take turns: the turn is held while hosts are asked, and given back', async () => {
    const machine = startMachine([{ hosts: HOSTS, ...WELL }], { configure: withTwo });
    const holders: unknown[] = [];
    const summary = await machine.run({}, o.signal, ({ invoke, runs }) => ({
      invoke: async (...of) => {
        holders.push((await runs.readLease('#ssh', 'vc0-x', o))?.holder);
        return await invoke(...of);
      },
    }));
    expect(summary.exitCode).toBe(3);
    expect(holders).toContain('run-1');
    expect(await machine.state.runs.readLease('#ssh', 'vc0-x', o)).toBeUndefined();
    expect(machine.progress[0]).toBe('vc0-x 0/3');
    expect(machine.progress.at(-1)).toBe('vc0-x 3/3');
  });

  it('ask nobody while the other one has the turn, and say who is asked when', async () => {
    const machine = startMachine([{ hosts: HOSTS, ...WELL }], { configure: withTwo });
    const lease = { holder: 'else', endsAt: machine.clock.now() + 100_000 };
    await machine.state.runs.acquireLease('#ssh', 'vc0-x', lease, o);
    const summary = await machine.run({}, o.signal, () => ({
      runs: {
        ...machine.state.runs,
        acquireLease: async (sweep, ...of) =>
          sweep === '#ssh'
            ? { heldBy: 'else', endsAt: lease.endsAt }
            : await machine.state.runs.acquireLease(sweep, ...of),
      },
    }));
    expect(outcomesOf(summary)).toEqual([
      [
        'swept',
        'host-0 vcenter ok ssh skipped(other-process)',
        'host-1 vcenter ok ssh skipped(other-process)',
        'host-2 vcenter ok ssh skipped(poweredoff)',
      ],
    ]);
    expect([...machine.logins]).toEqual([]);
    expect(summary.targets[0]?.hosts[0]?.details).toEqual([
      expect.stringMatching(
        /^ssh: no login was tried: another sweep asks the hosts of this target by ssh at the moment, until 2026-01-02T/,
      ),
    ]);
  });
});

describe('a run of one host', () => {
  it('leaves the other hosts alone, and says why', async () => {
    const machine = startMachine([{ hosts: HOSTS, ...WELL }]);
    const summary = await machine.run({ host: 'host-1' });
    expect(outcomesOf(summary)).toEqual([
      [
        'swept',
        'host-0 vcenter ok ssh skipped(other-process)',
        'host-1 vcenter ok ssh failed(connection-refused)',
        'host-2 vcenter ok ssh skipped(poweredoff)',
      ],
    ]);
    expect(summary.targets[0]?.hosts[0]?.details).toEqual(['ssh: this run asks one other host']);
  });

  it('asks nobody while a run of its sweep waits for the lease', async () => {
    const machine = startMachine([{ hosts: HOSTS, ...WELL }]);
    let sent = 0;
    const summary = await machine.run({ host: 'host-0' }, o.signal, ({ runs }) => ({
      runs: {
        ...runs,
        readLease: async (...of) => {
          sent += of[0] === '#first:services' ? 1 : 0;
          return sent > 2
            ? { holder: 'waits', endsAt: machine.clock.now() + 10_000 }
            : await runs.readLease(...of);
        },
      },
    }));
    expect(outcomesOf(summary)[0]?.[1]).toBe('host-0 vcenter ok ssh skipped(other-process)');
    expect(summary.targets[0]?.hosts[0]?.details).toEqual([
      expect.stringContaining('a run of the sweep services waits for its lease, and goes first'),
    ]);
    expect([...machine.logins]).toEqual([]);
  });
});
