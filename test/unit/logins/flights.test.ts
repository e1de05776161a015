import { describe, expect, it } from 'vitest';
import type { LoginHost } from '../../../lib/logins/asked-batch.ts';
import { PRINCIPAL } from '../../../lib/logins/rules/principal.ts';
import { countLostFlights, type FlightDeps, openFlights } from '../../../lib/logins/trial/flights.ts';
import { digestOfKeys } from '../../../lib/logins/trial/key-digest.ts';
import { silentLog } from '../../../lib/platform/log.ts';
import { StateError } from '../../../lib/state/errors.ts';
import { malformedItem } from '../../../lib/state/item.ts';
import type { Flight } from '../../../lib/state/stores/flights.ts';
import type { BatchHost, BatchResult } from '../../../lib/sweep/batch.ts';
import type { FinishedBatch } from '../../../lib/sweep/finished-batch.ts';
import { batchHost, batchResult, history } from '../sweep/builders.ts';

const o = { signal: new AbortController().signal };

const RUN = {
  runId: 'run-1',
  sweep: 'services',
  target: 'vc01',
  version: 'v1',
  endsAt: 7,
  keysChange: undefined,
  accountOf: ({ address }: LoginHost) => ({ user: 'root', address }),
  hasKnownKey: ({ hostKey }: BatchHost) => hostKey !== undefined,
};
const FLIGHT = { id: 'run-1#vc01#0', batch: 0, user: 'root', version: 'v1', addresses: [], unproven: [] };

/** A table that keeps flights and notes refusals; `fail` says which calls it refuses. */
function startTable() {
  const kept = new Map<string, Flight>();
  const refused: string[] = [];
  /** The flights of the refusals. */
  const ids = new Set<string | undefined>();
  const fail = new Set<'begin' | 'end' | 'refusal' | 'read'>();
  const unless = (what: 'begin' | 'end' | 'refusal' | 'read') => {
    if (fail.has(what)) throw new Error('no table');
  };
  const deps: FlightDeps = {
    log: silentLog,
    flights: {
      readAll: async () => {
        unless('read');
        return [...kept.values()];
      },
      begin: async (_sweep, _target, flight) => {
        unless('begin');
        kept.set(flight.id, flight);
      },
      end: async (_sweep, _target, ids) => {
        unless('end');
        for (const id of ids) kept.delete(id);
      },
    },
    accounts: {
      recordRefusal: async (user, address, { version, presumed, flight }) => {
        unless('refusal');
        refused.push(`${user} ${address} ${version} ${presumed ? 'presumed' : 'seen'}`);
        ids.add(flight);
        return history();
      },
      recordLost: async (user, address, { flight }) => {
        unless('refusal');
        refused.push(`${user} ${address} lost`);
        ids.add(flight);
      },
    },
  };
  const flights = openFlights(RUN, deps);
  return { deps, flights, kept, refused, fail, ids };
}

const back = (hosts: readonly BatchHost[], logins: BatchResult['logins'] = []): FinishedBatch => ({
  batch: 0,
  hosts,
  started: true,
  result: { status: 'fulfilled', value: batchResult({ logins }) },
});
const lost = (hosts: readonly BatchHost[], started = true): FinishedBatch => ({
  batch: 0,
  hosts,
  started,
  result: { status: 'rejected', reason: new Error('crashed') },
});
const PROVEN = [batchHost(1), batchHost(2)];

describe('openFlights', () => {
  it('puts the hosts of a batch on record that are asked, and no batch without any or with care', async () => {
    const { flights, kept } = startTable();
    const hosts = [...PROVEN, batchHost(3, { proven: false }), batchHost(4, { ssh: { skip: 'lockdown' } })];
    await flights.begin({ batch: 0, hosts }, o);
    await flights.begin({ batch: 1, hosts: hosts.slice(3) }, o);
    await flights.begin({ batch: 2, hosts, care: 'slice' }, o);
    expect([...kept.values()]).toEqual([
      {
        id: 'run-1#vc01#0',
        batch: 0,
        user: 'root',
        version: 'v1',
        endsAt: 7,
        addresses: ['10.0.0.1', '10.0.0.2'],
        unproven: ['10.0.0.3'],
      },
    ]);
  });

  it('puts on record by which keys the asked hosts are believed, where it is known since when they hold', async () => {
    const { deps, kept } = startTable();
    const hosts = [...PROVEN, batchHost(3, { ssh: { skip: 'lockdown' } })];
    await openFlights({ ...RUN, keysChange: 'c7' }, deps).begin({ batch: 0, hosts }, o);
    expect(kept.get(FLIGHT.id)?.keys).toEqual({ digest: digestOfKeys(PROVEN), change: 'c7' });
  });

  it('takes off the record what came back, and nothing else', async () => {
    const { deps, flights } = startTable();
    const ended: unknown[] = [];
    const end = async (...of: unknown[]) => void ended.push(of.slice(0, 3));
    Object.assign(deps.flights, { end });
    await flights.begin({ batch: 0, hosts: PROVEN }, o);
    await flights.land([back(PROVEN), { ...back(PROVEN), batch: 1 }], o);
    expect(ended).toEqual([['services', 'vc01', ['run-1#vc01#0']]]);
  });

  it('puts an account of a directory on record once, however many hosts are asked with it', async () => {
    const { deps, kept } = startTable();
    const flights = openFlights(
      {
        runId: 'run-1',
        sweep: 'services',
        target: 'vc01',
        version: 'v1',
        endsAt: 7,
        keysChange: undefined,
        accountOf: () => ({ user: 'sweeper', address: PRINCIPAL }),
        hasKnownKey: RUN.hasKnownKey,
      },
      deps,
    );
    await flights.begin({ batch: 0, hosts: PROVEN }, o);
    expect(kept.get(FLIGHT.id)).toMatchObject({ user: 'sweeper', addresses: [PRINCIPAL] });
  });

  it("puts no attempt of a directory's account on record that has a record of its own", async () => {
    const { deps, kept } = startTable();
    const accountOf = () => ({ user: 'sweeper', address: PRINCIPAL });
    const run = {
      runId: 'run-1',
      sweep: 'services',
      target: 'vc01',
      version: 'v1',
      endsAt: 7,
      keysChange: undefined,
      accountOf,
      hasKnownKey: RUN.hasKnownKey,
    };
    await openFlights(run, deps).begin({ batch: 0, hosts: [batchHost(1, { proven: false })] }, o);
    expect(kept.size).toBe(0);
  });

  it('has as many proven as unproven hosts on record, and says whether all batches came back', async () => {
    const { flights, kept, fail } = startTable();
    const hosts = [batchHost(1), batchHost(2, { proven: false })];
    await flights.begin({ batch: 0, hosts }, o);
    await flights.begin({ batch: 1, hosts }, o);
    expect(kept.get(FLIGHT.id)).toMatchObject({ addresses: ['10.0.0.1'], unproven: ['10.0.0.2'] });
    fail.add('refusal');
    expect(await flights.land([back(hosts), { ...lost(hosts), batch: 1 }], o)).toBe(false);
    fail.delete('refusal');
    expect(await flights.land([{ ...lost(hosts), batch: 1 }], o)).toBe(true);
  });

  it('logs what stays for the next run, and what an earlier one left', async () => {
    const { deps, flights, kept, fail } = startTable();
    const lines: string[] = [];
    const write = (message: string) => void lines.push(message);
    Object.assign(deps, { log: { ...silentLog, warn: write, error: write } });
    await flights.begin({ batch: 0, hosts: PROVEN }, o);
    fail.add('refusal').add('end');
    await flights.land([lost(PROVEN)], o);
    expect(lines.map((line) => /refusals|record/.exec(line)?.[0])).toEqual(['refusals', 'record']);
    fail.clear();
    await countLostFlights({ sweeps: ['services'], target: 'vc01' }, deps, o);
    expect(lines.at(-1)).toContain('earlier run');
    expect(kept.size).toBe(0);
  });

  it('strikes off what came back, and counts nothing', async () => {
    const { flights, kept, refused } = startTable();
    await flights.begin({ batch: 0, hosts: PROVEN }, o);
    await flights.land(
      [
        back(PROVEN, [
          ['host-1', 'refused'],
          ['host-2', 'accepted'],
        ]),
      ],
      o,
    );
    expect({ kept: kept.size, refused }).toEqual({ kept: 0, refused: [] });
  });

  it('strikes off with the next call what could not be struck off before, also one without batches', async () => {
    const { flights, kept, fail, refused } = startTable();
    for (const batch of [0, 1]) await flights.begin({ batch, hosts: PROVEN }, o);
    fail.add('end');
    expect(await flights.land([back(PROVEN)], o)).toBe(true);
    expect(kept.size).toBe(2);
    fail.delete('end');
    await flights.land([], o);
    // The other one is still under way.
    expect([...kept.keys()]).toEqual(['run-1#vc01#1']);
    expect(refused).toEqual([]);
    // What is struck off is not written any more.
    kept.set(FLIGHT.id, FLIGHT);
    await flights.land([], o);
    expect(kept.size).toBe(2);
  });

  it('counts what the worker could not write, and every proven host of a batch that is lost', async () => {
    const unwritten = startTable();
    await unwritten.flights.begin({ batch: 0, hosts: PROVEN }, o);
    const ends: BatchResult['logins'] = [
      ['host-1', 'unrecorded'],
      ['host-2', 'presumed-unrecorded'],
    ];
    await unwritten.flights.land([back(PROVEN, ends)], o);
    expect(unwritten.refused).toEqual(['root 10.0.0.1 v1 seen', 'root 10.0.0.2 v1 presumed']);

    const gone = startTable();
    await gone.flights.begin({ batch: 0, hosts: PROVEN }, o);
    await gone.flights.land([lost(PROVEN)], o);
    expect(gone.refused).toEqual(['root 10.0.0.1 v1 presumed', 'root 10.0.0.2 v1 presumed']);
    expect(gone.kept.size).toBe(0);
  });

  it('counts no refusal of an unproven host of a batch that is lost, and notes that it was asked', async () => {
    const { flights, refused, ids } = startTable();
    const hosts = [...PROVEN, batchHost(3, { proven: false })];
    await flights.begin({ batch: 0, hosts }, o);
    expect(await flights.land([lost(hosts)], o)).toBe(true);
    expect(refused.slice(2)).toEqual(['root 10.0.0.3 lost']);
    expect([...ids]).toEqual(['run-1#vc01#0']);
  });

  it('counts a lost batch once, and says whether all could be counted', async () => {
    const { flights, refused, fail } = startTable();
    await flights.begin({ batch: 0, hosts: PROVEN }, o);
    fail.add('refusal');
    expect(await flights.land([lost(PROVEN)], o)).toBe(false);
    fail.delete('refusal');
    expect(await flights.land([lost(PROVEN)], o)).toBe(true);
    expect(await flights.land([lost(PROVEN)], o)).toBe(true);
    expect(refused).toHaveLength(2);
  });

  it('counts nothing of a batch that no worker began with', async () => {
    const { flights, kept, refused } = startTable();
    await flights.begin({ batch: 0, hosts: PROVEN }, o);
    await flights.land([lost(PROVEN, false)], o);
    expect({ kept: kept.size, refused }).toEqual({ kept: 0, refused: [] });
  });

  it('lets nobody go whose record cannot be written, and takes it back where only its answer was lost', async () => {
    const { deps, flights, kept, fail } = startTable();
    const skip = { ssh: { skip: 'state', why: 'no table' } };
    const lockdown = { ssh: { skip: 'lockdown' } } as const;
    fail.add('begin');
    const lines: string[] = [];
    Object.assign(deps, { log: { ...silentLog, warn: (line: string) => void lines.push(line) } });
    const hosts = [...PROVEN, batchHost(3, lockdown)];
    expect(await flights.begin({ batch: 0, hosts }, o)).toMatchObject([skip, skip, lockdown]);
    expect(lines).toEqual([expect.stringContaining('could not be written')]);
    // It was written all the same.
    kept.set(FLIGHT.id, FLIGHT);
    await flights.land([back(PROVEN)], o);
    expect(kept.size).toBe(0);
  });

  it('lets proven hosts with a known key go where the memory of this process stands for the record', async () => {
    const hostKey = { type: 'ssh-rsa', blob: 'AAAA' };
    const hasKnownKey = ({ address }: BatchHost) => ['10.0.0.1', '10.0.0.3', '10.0.0.4'].includes(address);
    const hosts = [
      batchHost(1, { hostKey }),
      batchHost(2),
      batchHost(3, { hostKey, proven: false }),
      batchHost(4),
      batchHost(5, { hostKey }),
    ];
    const asked = async (error: Error, hasFlown: boolean) => {
      const { deps, refused } = startTable();
      const begin = () => Promise.reject(error);
      const memory = { hasFlown: (...run: string[]) => hasFlown && run.join() === 'services,vc01' };
      const flights = openFlights(
        { ...RUN, hasKnownKey },
        { ...deps, flights: { ...deps.flights, begin }, memory },
      );
      const left = await flights.begin({ batch: 0, hosts }, o);
      // Its end is in that memory too: nothing is counted here.
      const isLanded = await flights.land([lost(left)], o);
      expect(refused).toEqual([]);
      // Of one that came back, or never began, nothing is lost.
      expect(await flights.land([back(left)], o)).toBe(true);
      expect(await flights.land([lost(left, false)], o)).toBe(true);
      return {
        left: left.map(({ ssh }) => (ssh === 'try' ? ssh : ssh.skip)),
        isRemembered: flights.isRemembered(0),
        // A loss that is nowhere on record must not be asked again.
        isLanded,
      };
    };
    const away = new StateError('no table', { code: 'unavailable' });
    const nobody = { left: hosts.map(() => 'state'), isRemembered: false, isLanded: true };
    expect(await asked(away, true)).toEqual({
      left: ['try', 'state', 'state', 'try', 'state'],
      isRemembered: true,
      isLanded: false,
    });
    expect(await asked(away, false)).toEqual(nobody);
    expect(await asked(new Error('odd'), true)).toEqual(nobody);
  });

  it('says why in words that a request can hold', async () => {
    const { deps } = startTable();
    const begin = () => Promise.reject(new Error('x'.repeat(5_000)));
    const flights = openFlights(RUN, { ...deps, flights: { ...deps.flights, begin } });
    expect(await flights.begin({ batch: 0, hosts: [batchHost(1)] }, o)).toMatchObject([
      { ssh: { skip: 'state', why: 'x'.repeat(600) } },
    ]);
  });

  it('lets no host go with the one account of a directory where the record cannot be written', async () => {
    const { deps } = startTable();
    const away = new StateError('no table', { code: 'unavailable' });
    const accountOf = () => ({ user: 'sweeper', address: PRINCIPAL });
    const flights = openFlights(
      { ...RUN, accountOf, hasKnownKey: () => true },
      {
        ...deps,
        flights: { ...deps.flights, begin: () => Promise.reject(away) },
        memory: { hasFlown: () => true },
      },
    );
    const left = await flights.begin({ batch: 0, hosts: PROVEN }, o);
    expect(left.map(({ ssh }) => ssh)).toMatchObject([{ skip: 'state' }, { skip: 'state' }]);
    expect(flights.isRemembered(0)).toBe(false);
  });

  it('owes nothing, and writes nothing, where no batch came back', async () => {
    const { flights, fail } = startTable();
    fail.add('end');
    expect(await flights.land([], o)).toBe(true);
  });

  it('leaves the record to the next run when its end cannot be written', async () => {
    const { flights, kept, fail } = startTable();
    await flights.begin({ batch: 0, hosts: PROVEN }, o);
    fail.add('refusal');
    await flights.land([lost(PROVEN)], o);
    fail.add('end');
    await flights.land([back(PROVEN)], o);
    expect(kept.size).toBe(1);
  });
});

describe('countLostFlights', () => {
  it('counts a refusal of each account in flight, in the version it was tried with, and strikes it off', async () => {
    const { deps, kept, refused, ids } = startTable();
    kept.set('run-0#3', {
      id: 'run-0#3',
      batch: 3,
      user: 'Old',
      version: 'v0',
      addresses: ['esx1', 'esx2'],
      unproven: [],
    });
    await countLostFlights({ sweeps: ['services'], target: 'vc01' }, deps, o);
    expect({ refused, kept: kept.size, ids: [...ids] }).toEqual({
      refused: ['Old esx1 v0 presumed', 'Old esx2 v0 presumed'],
      kept: 0,
      ids: ['run-0#3'],
    });
    await countLostFlights({ sweeps: ['services'], target: 'vc01' }, deps, o);
    expect(refused).toHaveLength(2);
  });

  it('counts no batch of the run that asks, which came back and could only not be struck off; the next run does', async () => {
    const { deps, flights, kept, refused, fail } = startTable();
    await flights.begin({ batch: 0, hosts: PROVEN }, o);
    fail.add('end');
    await flights.land([back(PROVEN)], o);
    fail.clear();
    const of = { sweeps: ['services'], target: 'vc01' };
    expect(await countLostFlights({ ...of, asking: 'run-1' }, deps, o)).toBe(0);
    expect({ refused, kept: kept.size }).toEqual({ refused: [], kept: 1 });
    expect(await countLostFlights({ ...of, asking: 'run-2' }, deps, o)).toBe(1);
    expect(refused).not.toEqual([]);
  });

  it('counts the batches of a run that are lost with the one account of a directory as one, and those of two as two', async () => {
    const { deps, kept, ids } = startTable();
    for (const [run, batch] of [
      ['run-0', 1],
      ['run-0', 2],
      ['run-1', 1],
    ] as const) {
      const id = `${run}#vc01#${batch}`;
      kept.set(id, { ...FLIGHT, id, batch, addresses: [PRINCIPAL] });
    }
    await countLostFlights({ sweeps: ['services'], target: 'vc01' }, deps, o);
    expect(ids).toEqual(new Set(['run-0', 'run-1']));
  });

  it('counts what stands beside a malformed one, and then rejects with its error', async () => {
    const { deps, kept, refused } = startTable();
    kept.set(FLIGHT.id, { ...FLIGHT, addresses: ['esx1'] });
    const error = malformedItem({ pk: 'run#services#vc01', sk: 'flight#odd' }, 'batch: not a number');
    const { readAll } = deps.flights;
    const flights: FlightDeps['flights'] = {
      ...deps.flights,
      async readAll(sweep, target, options) {
        options.onMalformed?.('flight#odd', error);
        return await readAll(sweep, target, options);
      },
    };
    const of = { sweeps: ['services'], target: 'vc01' };
    await expect(countLostFlights(of, { ...deps, flights }, o)).rejects.toBe(error);
    expect({ refused, kept: kept.size }).toEqual({ refused: ['root esx1 v1 presumed'], kept: 0 });
  });

  it('keeps the record, and rejects, when a refusal cannot be written', async () => {
    for (const what of ['read', 'refusal', 'end'] as const) {
      const { deps, kept, fail } = startTable();
      kept.set('run-0#3', {
        id: 'run-0#3',
        batch: 3,
        user: 'root',
        version: 'v0',
        addresses: ['esx1'],
        unproven: [],
      });
      fail.add(what);
      await expect(countLostFlights({ sweeps: ['services'], target: 'vc01' }, deps, o)).rejects.toThrow(
        'no table',
      );
      expect(kept.size).toBe(1);
    }
  });
});
