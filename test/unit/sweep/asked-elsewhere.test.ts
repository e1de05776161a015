import { describe, expect, it } from 'vitest';
import { KNOWN_COLLECTORS } from '../../../lib/collectors/known-collectors.ts';
import { parseConfig } from '../../../lib/config/parse-config.ts';
import type { RollElsewhere } from '../../../lib/state/stores/rolls.ts';
import { askedElsewhere } from '../../../lib/sweep/listing/asked-elsewhere.ts';
import { createRunLists } from '../../../lib/sweep/listing/run-lists.ts';
import { normalDial } from '../../../lib/sweep/plan/address.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { listedHost, T0 } from './builders.ts';

const o = { signal: new AbortController().signal };
const HOUR = 3_600_000;
const NAMES = ['first', 'second', 'third'];

/** The lists of three targets, by the numbers of their hosts, and how often each was read. */
function start(lists: Record<string, { numbers: number[]; hours?: number }>) {
  const clock = createManualClock(T0);
  const world = { change: 'one', domain: 'example.org', read: [] as string[], clock, lists };
  const ask = async (
    name: string,
    numbers: readonly number[],
    kept?: RollElsewhere,
    more: { onUnreadable?: (error: unknown) => undefined } = {},
  ) => {
    const config = parseConfig(
      JSON.stringify({
        targets: NAMES.map((one) => ({ name: one, credentials: { env: 'X' } })),
        esxi: { credentials: { env: 'X' }, domain: world.domain },
        sweeps: [{ name: 'services', every: '1m', collectors: ['ssh-services'] }],
      }),
      { file: 'test', collectors: KNOWN_COLLECTORS },
    );
    const { esxi } = config;
    if (esxi === undefined) throw new RangeError('no esxi');
    world.read.length = 0;
    return await askedElsewhere(
      {
        target: { name },
        esxi,
        hosts: numbers.map((one) => normalDial(listedHost(one), esxi)),
        lists: createRunLists(),
      },
      kept,
      {
        config,
        clock,
        stamps: { read: async () => world.change },
        hostLists: {
          async read(target, schema) {
            world.read.push(target);
            const list = world.lists[target];
            if (list === undefined) throw new Error(`no list of ${target}`);
            const hosts = list.numbers.map((one) => listedHost(one));
            const listedAt = T0 - (list.hours ?? 1) * HOUR;
            return { listedAt, hosts: schema.parse({ hosts, unreadable: [] }) };
          },
          write: async () => undefined,
        },
      },
      { ...o, ...more },
    );
  };
  return { world, ask };
}

const LISTS = { first: { numbers: [1, 2, 9] }, second: { numbers: [2, 3] } };

describe('which hosts other targets ask', () => {
  it('are those of this target that the list of an earlier one has, and the first one reads nothing', async () => {
    const { world, ask } = start(LISTS);
    expect([...(await ask('third', [2, 3, 4])).addresses].toSorted()).toEqual([
      'esx2.example.org',
      'esx3.example.org',
    ]);
    expect(world.read).toEqual(['first', 'second']);
    expect([...(await ask('second', [2, 3])).addresses]).toEqual(['esx2.example.org']);
    expect(await ask('first', [1, 2])).toEqual({ addresses: new Set(), toKeep: undefined });
    expect(world.read).toEqual([]);
  });

  it('are kept: no list is read until any target lists other addresses', async () => {
    const { world, ask } = start(LISTS);
    const { addresses, toKeep } = await ask('third', [2, 3, 4]);
    expect(await ask('third', [2, 3, 4], toKeep)).toEqual({ addresses, toKeep });
    expect(world.read).toEqual([]);
    world.change = 'two';
    await ask('third', [2, 3, 4], toKeep);
    expect(world.read).toEqual(['first', 'second']);
  });

  it('are read again for other hosts of its own, and with another configuration', async () => {
    const { world, ask } = start(LISTS);
    const { toKeep } = await ask('third', [2, 3]);
    expect((await ask('third', [2, 3, 9], toKeep)).addresses.size).toBe(3);
    world.domain = 'elsewhere.example.org';
    await ask('third', [2, 3], toKeep);
    expect(world.read).toEqual(['first', 'second']);
  });

  it('are asked by this target again once the list of the other one is a day old', async () => {
    const { world, ask } = start({ first: { numbers: [1], hours: 23 }, second: { numbers: [] } });
    const { toKeep } = await ask('third', [1]);
    await world.clock.advance(HOUR - 1);
    expect((await ask('third', [1], toKeep)).addresses.size).toBe(1);
    expect(world.read).toEqual([]);
    await world.clock.advance(2);
    expect((await ask('third', [1], toKeep)).addresses.size).toBe(0);
  });

  it('are not kept when a list could not be read', async () => {
    const { ask } = start({ second: { numbers: [3] } });
    await expect(ask('third', [3])).rejects.toThrow('no list of first');
    const told: unknown[] = [];
    const onUnreadable = (error: unknown) => void told.push(error);
    const { addresses, toKeep } = await ask('third', [3], undefined, { onUnreadable });
    expect({ addresses, toKeep, told: told.length }).toEqual({
      addresses: new Set(['esx3.example.org']),
      toKeep: undefined,
      told: 1,
    });
  });
});
