import { describe, expect, it } from 'vitest';
import {
  keepKnownOfHosts,
  type LearnedOfHosts,
  readKnownOfHosts,
} from '../../../lib/logins/history/known-of-hosts.ts';
import { silentLog } from '../../../lib/platform/log.ts';
import { createSeals } from '../../../lib/platform/seal.ts';
import { createChunkedValues } from '../../../lib/state/chunked-value.ts';
import { StateError } from '../../../lib/state/errors.ts';
import { createItemSeals } from '../../../lib/state/item-seals.ts';
import type { Table } from '../../../lib/state/port.ts';
import { createAccountStore } from '../../../lib/state/stores/accounts.ts';
import { createHostKeyStore } from '../../../lib/state/stores/host-keys.ts';
import { createRollStore } from '../../../lib/state/stores/rolls.ts';
import { createStamps } from '../../../lib/state/stores/stamps.ts';
import { createBreakableTable } from '../state/breakable-table.ts';

const T0 = Date.UTC(2026, 0, 1);
const DAY = 24 * 3_600_000;
const o = { signal: new AbortController().signal };
const KEY = { type: 'ssh-rsa', blob: 'AAAA' };
const OTHER = { type: 'ssh-rsa', blob: 'BBBB' };
const at = (...numbers: number[]) => numbers.map((one) => ({ address: `esx0${one}`, port: 22 }));
const NOTHING: LearnedOfHosts = { accepted: [], version: 'v1', pinned: [] };

/** The table, and what a process reads of single items in it. */
function start({ sealed = false, scope = 'host' as 'host' | 'domain' } = {}) {
  const { table: bare, control } = createBreakableTable();
  const got: string[] = [];
  const table: Table = {
    ...bare,
    get: (key, options) => bare.get(key, options),
    getAll(keys, options) {
      got.push(...keys.map(({ pk, sk }) => `${pk} ${sk}`));
      return bare.getAll(keys, options);
    },
    query: (from, options) => bare.query(from, options),
    replace: (item, options) => bare.replace(item, options),
    putIf: (condition, item, options) => bare.putIf(condition, item, options),
    update: (key, update, options) => bare.update(key, update, options),
    updateIf: (condition, key, update, options) => bare.updateIf(condition, key, update, options),
    deleteIf: (condition, key, options) => bare.deleteIf(condition, key, options),
    writeAll: (writes, options) => bare.writeAll(writes, options),
  };
  const clock = { ms: T0, now: () => clock.ms };
  const now = clock.now;
  let ids = 0;
  const randomId = () => `id-${++ids}`;
  const seals = sealed ? { seals: createItemSeals(async () => createSeals('x'.repeat(64))) } : {};
  const stamps = createStamps({ table, randomId, now });
  const deps = {
    clock,
    log: silentLog,
    accounts: createAccountStore({ table, now }),
    hostKeys: createHostKeyStore({ table, now, stamps, ...seals }),
    rolls: createRollStore({ values: createChunkedValues({ table, now, randomId, ...seals }) }),
  };
  const of = (...numbers: number[]) => ({
    target: 'vc01',
    username: 'root',
    scope,
    hosts: at(...numbers),
  });
  const problems: string[] = [];
  const read = async (...numbers: number[]) => {
    got.length = 0;
    return await readKnownOfHosts(of(...numbers), deps, {
      ...o,
      onMalformed: (key) => problems.push(key),
      onProblem: ({ code }) => problems.push(code),
    });
  };
  const run = async (learned: LearnedOfHosts, ...numbers: number[]) => {
    const known = await read(...numbers);
    await keepKnownOfHosts(of(...numbers), { known, learned }, deps, o);
    return known;
  };
  return { ...deps, table, control, got, problems, read, run };
}

type World = Awaited<ReturnType<typeof startKept>>;

/** A target of two hosts, proven and pinned, of which a run has kept what it learned. */
async function startKept(options = {}) {
  const world = start(options);
  await world.run(NOTHING, 1, 2);
  for (const { address } of at(1, 2)) {
    await world.accounts.recordSuccess('root', address, { version: 'v1' }, o);
    await world.hostKeys.pin(`${address}:22`, { key: KEY, target: 'vc01' }, o);
  }
  await world.run({ accepted: at(1, 2), version: 'v1', pinned: at(1, 2) }, 1, 2);
  return world;
}

describe('what is known of the hosts of a target', () => {
  it('has with the one account of a domain who accepted it, and that account, which no roll has', async () => {
    const { got, accounts, read, run } = start({ scope: 'domain' });
    await run(NOTHING, 1, 2);
    await accounts.recordSuccess('root', 'esx01', { version: 'v1' }, o);
    await accounts.recordRefusal('root', 'esx02', { version: 'v1' }, o);
    await accounts.recordSuccess('root', '*', { version: 'v1' }, o);
    await run({ ...NOTHING, accepted: at(1) }, 1, 2);
    const known = await read(1, 2);
    expect(got.filter((key) => key.startsWith('proven'))).toEqual(['proven#root *']);
    expect([known.accounts.get('*'), known.accounts.get('esx01')]).toMatchObject([
      { provenVersion: 'v1' },
      { provenVersion: 'v1' },
    ]);
    expect(known.accounts.get('esx02')).toMatchObject({ refusals: 1 });
  });

  it('is read item by item once, and of the roll from then on', async () => {
    const { got, read, run } = start();
    await run(NOTHING, 1, 2);
    expect(got.toSorted()).toEqual([
      'hostkeys esx01:22',
      'hostkeys esx02:22',
      'proven#root esx01',
      'proven#root esx02',
    ]);
    await read(1, 2);
    // That there is no key is asked again.
    expect(got.toSorted()).toEqual(['hostkeys esx01:22', 'hostkeys esx02:22']);
    await read(1, 2, 3);
    expect(got.toSorted()).toEqual([
      'hostkeys esx01:22',
      'hostkeys esx02:22',
      'hostkeys esx03:22',
      'proven#root esx03',
    ]);
  });

  it('has what the run before learned', async () => {
    const { got, read } = await startKept();
    const known = await read(1, 2);
    expect(got).toEqual([]);
    expect([...known.keys]).toEqual([
      ['esx01:22', KEY],
      ['esx02:22', KEY],
    ]);
    expect([...known.accounts.values()].map(({ provenVersion }) => provenVersion)).toEqual(['v1', 'v1']);
  });

  it('has each refusal and attempt, whatever the roll says', async () => {
    const { accounts, read } = await startKept();
    await accounts.recordRefusal('root', 'esx01', { version: 'v1' }, o);
    await accounts.beginAttempt('root', 'esx02', { id: 'a', version: 'v1', seen: undefined }, o);
    const known = await read(1, 2);
    expect(known.accounts.get('esx01')).toMatchObject({ refusals: 1, provenVersion: 'v1' });
    expect(known.accounts.get('esx02')).toMatchObject({ openAttempt: { id: 'a' }, provenVersion: 'v1' });
  });

  it('has another key from the moment at which the pinned one was replaced or forgotten', async () => {
    const { hostKeys, read } = await startKept();
    const seen = await hostKeys.read('esx01:22', o);
    await hostKeys.replace('esx01:22', { key: OTHER, target: 'vc01', seen }, o);
    expect((await read(1, 2)).keys.get('esx01:22')).toEqual(OTHER);
    await hostKeys.forget({ endpoint: 'esx01:22' }, o);
    expect((await read(1, 2)).keys.get('esx01:22')).toBeUndefined();
  });

  it('holds no key that was read while another one was being written', async () => {
    const { hostKeys, rolls, run, read, table } = await startKept();
    const seen = await hostKeys.read('esx01:22', o);
    const { putIf } = table;
    // A run of another process reads after the change was announced, and before it is written.
    table.putIf = async (condition, item, options) => {
      table.putIf = putIf;
      await run(NOTHING, 1, 2);
      return await putIf(condition, item, options);
    };
    await hostKeys.replace('esx01:22', { key: OTHER, target: 'vc01', seen }, o);
    expect((await rolls.read('vc01', o))?.keys.size).toBe(0);
    expect((await read(1, 2)).keys.get('esx01:22')).toEqual(OTHER);
  });

  it('has the key that a host showed in the run, as it was pinned', async () => {
    const { hostKeys, got, read, ...world } = start();
    const known = await read(1);
    await hostKeys.pin('esx01:22', { key: KEY, target: 'vc01' }, o);
    const of = { target: 'vc01', username: 'root', scope: 'host' as const, hosts: at(1) };
    const learned = { ...NOTHING, pinned: at(1) };
    await keepKnownOfHosts(of, { known, learned }, { ...world, hostKeys }, o);
    expect((await read(1)).keys.get('esx01:22')).toEqual(KEY);
    expect(got).toEqual([]);
  });

  it('says nothing of a host whose key cannot be read: not that it has none', async () => {
    const { table, problems, read } = start();
    await table.replace({ pk: 'hostkeys', sk: 'esx01:22', type: 7 }, o);
    const { keys } = await read(1, 2);
    expect([...keys]).toEqual([['esx02:22', undefined]]);
    expect(problems).toEqual(['esx01:22']);
  });

  it('has which hosts other targets ask, as long as that was found out', async () => {
    const { rolls, read, ...world } = start();
    const of = { target: 'vc01', username: 'root', scope: 'host' as const, hosts: at(1) };
    const known = await read(1);
    const elsewhere = { change: 'c', by: 'b', addresses: ['esx01'], until: T0 };
    for (const found of [elsewhere, undefined]) {
      const how = { known: { ...known, elsewhere: found }, learned: NOTHING };
      await keepKnownOfHosts(of, how, { ...world, rolls }, o);
      expect((await rolls.read('vc01', o))?.elsewhere).toEqual(found);
    }
  });

  it.each([
    ['accepts another key', OTHER],
    ['forgets the key', undefined],
  ])(
    'has no key of before when whoever %s ended between its write and what follows',
    async (_what, expected) => {
      const { clock, hostKeys, run, read, table } = await startKept();
      const seen = await hostKeys.read('esx01:22', o);
      const { putIf, update, writeAll } = table;
      /** Another process has a run before the write, and this one ends after it. */
      const between =
        <Args extends unknown[], T>(write: (...args: Args) => Promise<T>) =>
        async (...args: Args): Promise<T> => {
          Object.assign(table, { putIf, writeAll });
          await run(NOTHING, 1, 2);
          await write(...args);
          table.update = () => Promise.reject(new Error('it ended'));
          throw new Error('it ended');
        };
      Object.assign(table, { putIf: between(putIf), writeAll: between(writeAll) });
      const change =
        expected === undefined
          ? hostKeys.forget({ endpoint: 'esx01:22' }, o)
          : hostKeys.replace('esx01:22', { key: expected, target: 'vc01', seen }, o);
      await expect(change).rejects.toThrow('it ended');
      table.update = update;
      for (const minutes of [0, 59, 2, 60]) {
        clock.ms += minutes * 60_000;
        expect((await run(NOTHING, 1, 2)).keys.get('esx01:22')).toEqual(expected);
      }
      const { keys } = await read(1, 2);
      expect(keys.get('esx02:22')).toEqual(KEY);
    },
  );

  it('has no key of before either when no run began for an hour', async () => {
    const { clock, hostKeys, read, table } = await startKept();
    const { writeAll } = table;
    table.writeAll = async (writes, options) => {
      await writeAll(writes, options);
      throw new Error('it ended');
    };
    await expect(hostKeys.forget({ endpoint: 'esx01:22' }, o)).rejects.toThrow('it ended');
    table.writeAll = writeAll;
    clock.ms += 61 * 60_000;
    expect((await read(1, 2)).keys.get('esx01:22')).toBeUndefined();
  });

  it('asks for no key of hosts that nobody asks, and keeps what it has of them', async () => {
    const world = await startKept();
    const hosts = [...at(1), ...at(2, 3).map((host) => ({ ...host, isLeftOut: true }))];
    const of = { target: 'vc01', username: 'root', scope: 'host' as const, hosts };
    world.got.length = 0;
    const known = await readKnownOfHosts(of, world, {
      ...o,
      onMalformed: () => undefined,
      onProblem: () => undefined,
    });
    expect(world.got).toEqual(['proven#root esx03']);
    expect([...known.keys]).toEqual([
      ['esx01:22', KEY],
      ['esx02:22', KEY],
    ]);
    await keepKnownOfHosts(of, { known, learned: NOTHING }, world, o);
    // With power again.
    expect((await world.read(1, 2, 3)).keys.get('esx02:22')).toEqual(KEY);
    expect(world.got).toEqual(['hostkeys esx03:22']);
  });

  it('has the first key of a host that another target pinned, though the run before found none', async () => {
    const { hostKeys, run, read } = await startKept();
    expect((await run(NOTHING, 1, 2, 7)).keys.get('esx07:22')).toBeUndefined();
    await hostKeys.pin('esx07:22', { key: OTHER, target: 'vc09' }, o);
    expect((await read(1, 2, 7)).keys.get('esx07:22')).toEqual(OTHER);
  });

  it('finds the key of a host that another target had before', async () => {
    const { hostKeys, read } = await startKept();
    await hostKeys.pin('esx07:22', { key: OTHER, target: 'vc09' }, o);
    expect((await read(1, 2, 7)).keys.get('esx07:22')).toEqual(OTHER);
  });

  it('is of one user: for another one all is read anew', async () => {
    const world = await startKept();
    world.got.length = 0;
    const of = { target: 'vc01', username: 'sweeper', scope: 'host' as const, hosts: at(1) };
    const known = await readKnownOfHosts(of, world, {
      ...o,
      onMalformed: () => undefined,
      onProblem: () => undefined,
    });
    expect(world.got.toSorted()).toEqual(['hostkeys esx01:22', 'proven#sweeper esx01']);
    expect(known.accounts.get('esx01')).toBeUndefined();
  });

  it('is read anew once a day', async () => {
    const { clock, got, read } = await startKept();
    clock.ms += DAY - 1;
    await read(1, 2);
    expect(got).toEqual([]);
    clock.ms += 1;
    await read(1, 2);
    expect(got).toHaveLength(4);
    clock.ms = T0 - DAY;
    await read(1, 2);
    expect(got).toHaveLength(4);
  });

  it.each([
    ['its hosts change', (world: World, hour: number) => world.run(NOTHING, 1, 2, 10 + hour)],
    [
      'a host accepts another version',
      (world: World, hour: number) => world.run({ accepted: at(2), version: `v${hour}`, pinned: [] }, 1, 2),
    ],
  ])(
    'is read anew once a day, though each hour %s: a key that was deleted by hand is not believed on',
    async (_what, run) => {
      const world = await startKept();
      await world.table.deleteIf({ present: 'pk' }, { pk: 'hostkeys', sk: 'esx01:22' }, o);
      for (let hour = 1; hour < 24; hour += 1) {
        world.clock.ms = T0 + hour * 3_600_000;
        const known = await run(world, hour);
        expect(known.keys.get('esx01:22')).toEqual(KEY);
      }
      world.clock.ms = T0 + DAY;
      expect((await run(world, 24)).keys.get('esx01:22')).toBeUndefined();
      world.clock.ms += DAY - 1;
      const { keys } = await world.read(1, 2);
      expect(keys.get('esx02:22')).toEqual(KEY);
      expect(world.got).toEqual(['hostkeys esx01:22']);
    },
  );

  it('is written only where it changed', async () => {
    const { rolls, run, clock, table } = await startKept();
    const writtenAt = async () => (await table.get({ pk: 'target#vc01', sk: 'roll' }, o))?.['writtenAt'];
    clock.ms += 1_000;
    await run(NOTHING, 1, 2);
    expect(await writtenAt()).toBe(T0);
    await run({ accepted: at(1), version: 'v2', pinned: [] }, 1, 2);
    expect(await writtenAt()).toBe(T0 + 1_000);
    await run(NOTHING, 1);
    expect([...((await rolls.read('vc01', o))?.keys ?? [])]).toHaveLength(1);
  });

  it('is not believed of a roll that nobody of the deployment wrote, and that is told and mended', async () => {
    const { table, got, problems, run, read } = await startKept({ sealed: true });
    const [head] = await table.query({ pk: 'target#vc01', skPrefix: 'roll' }, o);
    if (head === undefined) throw new RangeError('no roll');
    await table.replace({ ...head, seal: 'forged' }, o);
    const known = await run(NOTHING, 1, 2);
    expect(problems).toEqual(['malformed']);
    expect(known.keys.get('esx01:22')).toEqual(KEY);
    expect(got).toHaveLength(4);
    await read(1, 2);
    expect(got).toEqual([]);
  });

  it('leaves a key that nobody of the deployment wrote out of the roll, so that each run tells of it', async () => {
    const { table, run } = await startKept({ sealed: true });
    const forged = { ...KEY, pinnedAt: 0, target: 'vc01' };
    await table.replace({ pk: 'hostkeys', sk: 'esx03:22', ...forged }, o);
    for (let runs = 0; runs < 2; runs += 1) {
      const known = await run(NOTHING, 1, 2, 3);
      expect(known.unsealed).toEqual(['esx03:22']);
      expect(known.keys.get('esx03:22')).toBeUndefined();
    }
  });

  it('costs nothing but a line in the log when it cannot be kept, and rejects when it cannot be read', async () => {
    const { control, read, run, ...world } = await startKept();
    const known = await read(1, 2);
    const lines: string[] = [];
    const log = { ...silentLog, warn: (line: string) => void lines.push(line) };
    const of = { target: 'vc01', username: 'root', scope: 'host' as const, hosts: at(1, 2) };
    control.fails = 'unavailable';
    await keepKnownOfHosts(of, { known, learned: { ...NOTHING, accepted: at(1) } }, { ...world, log }, o);
    await keepKnownOfHosts(of, { known, learned: { ...NOTHING, pinned: at(1) } }, { ...world, log }, o);
    expect(lines).toEqual(Array(2).fill(expect.stringMatching(/vc01.*could not be written/)));
    await expect(run(NOTHING, 1, 2)).rejects.toThrow('no table');
    control.fails = undefined;
    expect(await read(1, 2)).toEqual(known);
    const rolls = {
      ...world.rolls,
      read: () => Promise.reject(new StateError('away', { code: 'unavailable' })),
    };
    const ask = readKnownOfHosts(
      of,
      { ...world, rolls },
      {
        ...o,
        onMalformed: () => undefined,
        onProblem: () => undefined,
      },
    );
    await expect(ask).rejects.toThrow('away');
  });
});
