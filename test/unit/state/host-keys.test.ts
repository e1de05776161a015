import { describe, expect, it } from 'vitest';
import { createSeals } from '../../../lib/platform/seal.ts';
import type { Item } from '../../../lib/state/item.ts';
import { createItemSeals } from '../../../lib/state/item-seals.ts';
import type { Table } from '../../../lib/state/port.ts';
import { createHostKeyStore } from '../../../lib/state/stores/host-keys.ts';
import { createStamps } from '../../../lib/state/stores/stamps.ts';
import { createMemoryTable } from '../../support/world/memory-table.ts';

const o = { signal: new AbortController().signal };
const T0 = Date.UTC(2026, 0, 1);
const ENDPOINT = 'esx1:22';
const WHERE = { pk: 'hostkeys', sk: ENDPOINT };
const key = (text: string) => ({ type: 'ssh-ed25519', blob: btoa(text) });

/** The sealed keys in a table, of which a test may change what it answers. */
function start(change: (table: Table) => Partial<Table> = () => ({})) {
  const memory = createMemoryTable();
  const table = { ...memory, ...change(memory) };
  const stamps = createStamps({ table: memory, now: () => T0, randomId: () => crypto.randomUUID() });
  const seals = createItemSeals(async () => createSeals('s'.repeat(64)));
  const keys = createHostKeyStore({ table, now: () => T0, stamps, seals });
  return { memory, keys };
}

/** What stands there was not written by this stack. */
const foreign = (more: object): Item => ({ ...WHERE, ...key('false'), pinnedAt: T0, target: 'vc1', ...more });

describe('a first pin', () => {
  it.each([
    ['a false seal', { seal: 'false' }],
    ['no seal', {}],
    ['a seal that is no text', { seal: 7 }],
  ])('replaces a key that has %s', async (_what, more) => {
    const { memory, keys } = start();
    await memory.replace(foreign(more), o);
    expect(await keys.read(ENDPOINT, o)).toBeUndefined();
    expect(await keys.pin(ENDPOINT, { key: key('true'), target: 'vc1' }, o)).toBe('pinned');
    expect(await keys.read(ENDPOINT, o)).toEqual({ ...key('true'), pinnedAt: T0, target: 'vc1' });
  });

  it.each([
    ['a false seal', { seal: 'false' }],
    ['no seal', {}],
  ])(
    'does not replace a true key that came meanwhile in the place of one that has %s',
    async (_what, more) => {
      const { memory, keys } = start((table) => {
        let looked = 0;
        return {
          get: async (where, options) => {
            const seen = await table.get(where, options);
            looked += 1;
            if (looked === 1) await table.replace(trueKey as Item, options);
            return seen;
          },
        };
      });
      const other = start();
      await other.keys.pin(ENDPOINT, { key: key('theirs'), target: 'vc1' }, o);
      const trueKey = await other.memory.get(WHERE, o);
      await memory.replace(foreign(more), o);
      expect(await keys.pin(ENDPOINT, { key: key('ours'), target: 'vc1' }, o)).toMatchObject(key('theirs'));
    },
  );

  it('gives up when what stands there is another one each time, after three looks', async () => {
    let looks = 0;
    const { keys } = start(() => ({
      putIf: async () => false,
      get: async () => {
        looks += 1;
        return foreign({ seal: `false ${looks}` });
      },
    }));
    await expect(keys.pin(ENDPOINT, { key: key('true'), target: 'vc1' }, o)).rejects.toMatchObject({
      code: 'unavailable',
      message: 'The host key of esx1:22 kept changing in the state table while it was updated. Try again.',
    });
    expect(looks).toBe(3);
  });
});

describe('keys that are read', () => {
  it('leave out those that are not believed, and tell of them', async () => {
    const { memory, keys } = start();
    await keys.pin(ENDPOINT, { key: key('true'), target: 'vc1' }, o);
    const pinned = await memory.get(WHERE, o);
    const forged = [
      { ...pinned, sk: 'moved:22' },
      { ...pinned, sk: 'typed:22', type: 7 },
      { ...foreign({}), sk: 'new:22' },
    ];
    await memory.writeAll(
      forged.map((put) => ({ put: put as Item })),
      o,
    );
    const told: string[] = [];
    const read = await keys.readAll({ ...o, onUnsealed: (endpoint) => told.push(endpoint) });
    expect([...read.keys()]).toEqual([ENDPOINT]);
    expect(told).toEqual(['moved:22', 'new:22', 'typed:22']);
    expect([...(await keys.readAll(o)).keys()]).toEqual([ENDPOINT]);
  });

  it('are none any more when an operator has accepted another one, which no first pin is', async () => {
    const { memory, keys } = start();
    await keys.pin(ENDPOINT, { key: key('old'), target: 'vc1' }, o);
    const seen = await keys.read(ENDPOINT, o);
    expect(await keys.replace(ENDPOINT, { key: key('new'), target: 'vc1', seen }, o)).toBe(true);
    expect(await keys.read(ENDPOINT, o)).toMatchObject({ ...key('new'), isAccepted: true });
    const { isAccepted: _accepted, ...first } = (await memory.get(WHERE, o)) ?? foreign({});
    await memory.replace(first as Item, o);
    expect(await keys.read(ENDPOINT, o)).toBeUndefined();
  });

  it('are malformed where they are longer than any key', async () => {
    const memory = createMemoryTable();
    const stamps = createStamps({ table: memory, now: () => T0, randomId: () => 'x' });
    const keys = createHostKeyStore({ table: memory, now: () => T0, stamps });
    const read = async (part: object) => {
      await memory.replace({ ...foreign({}), ...part }, o);
      return await keys.read(ENDPOINT, o).then(
        () => 'read',
        (error: { code: string }) => error.code,
      );
    };
    expect(await read({ type: 'x'.repeat(256), blob: 'A'.repeat(16_384) })).toBe('read');
    expect(await read({ type: 'x'.repeat(257) })).toBe('malformed');
    expect(await read({ blob: 'A'.repeat(16_388) })).toBe('malformed');
    expect(await read({ blob: '?' })).toBe('malformed');
  });
});
