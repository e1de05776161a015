import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyChange, type Change, type Condition, holds } from '../../../lib/state/conditions.ts';
import type { Item, ItemKey } from '../../../lib/state/item.ts';
import type { Table } from '../../../lib/state/port.ts';

const o = { signal: new AbortController().signal };

/** Few names and values, so that conditions hold as often as not. */
const text = fc.constantFrom('a', 'b', 'ab', '');
const number = fc.integer({ min: -1, max: 2 });
const name = fc.constantFrom('x', 'y', 'z');
const value = fc.oneof(
  text,
  number,
  fc.boolean(),
  fc.array(text, { maxLength: 2 }),
  fc.record({ id: text, at: number }),
  fc.uint8Array({ minLength: 1, maxLength: 3 }),
);
const notEmpty = fc.oneof(fc.constantFrom('a', 'b'), number, fc.constant({ id: 'a' }));
const path = fc.constantFrom('x', 'y', 'z', 'x.id', 'y.at', 'z.none');
const { condition } = fc.letrec<{ condition: Condition }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 2, depthSize: 'small' },
    fc.oneof(path, fc.constant('pk')).map((absent): Condition => ({ absent })),
    path.map((present): Condition => ({ present })),
    fc.tuple(path, value).map((equals): Condition => ({ equals })),
    fc.tuple(path, text).map((differs): Condition => ({ differs })),
    fc.tuple(path, number).map((atMost): Condition => ({ atMost })),
    fc.tuple(path, number).map((atLeast): Condition => ({ atLeast })),
    // dynalite takes an empty text for none, and nothing here writes one where a text is looked for.
    fc.constantFrom('v', 'v.id').map((noText): Condition => ({ noText })),
    // dynalite finds no empty text in a list, and nothing here looks for one.
    fc.tuple(path, fc.constantFrom('a', 'b', 'ab')).map((lacks): Condition => ({ lacks })),
    fc.array(tie('condition'), { minLength: 1, maxLength: 3 }).map((all): Condition => ({ all })),
    fc.array(tie('condition'), { minLength: 1, maxLength: 3 }).map((any): Condition => ({ any })),
  ),
}));
/** Each attribute is named once, and what a change needs of an item it finds there: lists in l, numbers in n. */
const change: fc.Arbitrary<Change> = fc.record(
  {
    set: fc.dictionary(fc.constantFrom('x', 'y'), value, { minKeys: 1 }),
    copy: fc.record({ z: fc.record({ from: name, otherwise: fc.oneof(text, number) }) }),
    append: fc.record({ l: fc.array(text, { maxLength: 2 }) }),
    add: fc.record({ n: number }),
    remove: fc.constant(['w']),
  },
  { requiredKeys: ['set'] },
);
const attributes = fc.record(
  { v: notEmpty, w: value, x: value, y: value, z: value, l: fc.array(text, { maxLength: 2 }), n: number },
  { requiredKeys: [] },
);
const sk = fc.constantFrom('1', '2', 'é', '\u{1f600}', '#', '#1', '#%');
type Step =
  | {
      readonly does: 'replace' | 'putIf';
      readonly sk: string;
      readonly item: object;
      readonly condition: Condition;
    }
  | {
      readonly does: 'update' | 'updateIf';
      readonly sk: string;
      readonly change: Change;
      readonly condition: Condition;
    }
  | { readonly does: 'deleteIf'; readonly sk: string; readonly condition: Condition };
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ does: fc.constantFrom('replace', 'putIf'), sk, item: attributes, condition }),
  fc.record({ does: fc.constantFrom('update', 'updateIf'), sk, change, condition }),
  fc.record({ does: fc.constant('deleteIf'), sk, condition }),
);

/** What each implementation of the port must do. `open` gives an empty table. */
export function tableContract(
  title: string,
  open: () => Promise<{ readonly table: Table } & AsyncDisposable>,
): void {
  let opened: Awaited<ReturnType<typeof open>>;
  let unique = 0;
  const fresh = () => `partition-${++unique}`;

  describe(title, () => {
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened[Symbol.asyncDispose]());

    it('does what conditions and changes say, one after the other', async () => {
      const { table } = opened;
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
          const pk = fresh();
          const model = new Map<string, Item>();
          for (const one of steps) {
            expect(await act(table, pk, one)).toEqual(actOnModel(model, pk, one));
            expect(await table.get({ pk, sk: one.sk }, o)).toEqual(model.get(one.sk));
          }
          const inOrder = [...model.values()].toSorted((a, b) =>
            Buffer.compare(Buffer.from(a.sk), Buffer.from(b.sk)),
          );
          expect(await table.query({ pk }, o)).toEqual(inOrder);
        }),
        { numRuns: 150 },
      );
    });

    it('finds a partition by a prefix, by a range with both ends, and with the attributes that are wanted', async () => {
      const { table } = opened;
      const pk = fresh();
      const keys = ['a', 'a#1', 'a#2', 'a\u{10ffff}', 'b', 'é', '\u{ff5e}', '\u{1f600}'];
      await table.writeAll(
        [...keys.map((one) => ({ put: { pk, sk: one, n: 1 } })), { delete: { pk: fresh(), sk: 'a' } }],
        o,
      );
      await table.writeAll([{ put: { pk: `${pk}0`, sk: 'a', n: 1 } }], o);
      const find = async (by: object) => (await table.query({ pk, ...by }, o)).map((item) => item.sk);
      expect(await find({})).toEqual(keys);
      expect(await find({ skPrefix: 'a' })).toEqual(['a', 'a#1', 'a#2', 'a\u{10ffff}']);
      expect(await find({ skPrefix: 'a#' })).toEqual(['a#1', 'a#2']);
      expect(await find({ skRange: ['a#1', 'b'] })).toEqual(['a#1', 'a#2', 'a\u{10ffff}', 'b']);
      // By bytes, unlike JavaScript: a character of four bytes comes after all others.
      expect(await find({ skRange: ['é', '\u{ff5e}'] })).toEqual(['é', '\u{ff5e}']);
      expect(await table.query({ pk, skPrefix: 'b', only: ['sk', 'n'] }, o)).toEqual([{ sk: 'b', n: 1 }]);
    });

    it('has one winner of 20 that put an item under one condition, and loses none of 50 additions', async () => {
      const { table } = opened;
      const key = { pk: fresh(), sk: 'one' };
      const put = (by: number) => table.putIf({ absent: 'pk' }, { ...key, by }, o);
      const won = await Promise.all(Array.from({ length: 20 }, (_, n) => put(n)));
      expect(won.filter((one) => one)).toHaveLength(1);
      const add = () => table.update(key, { add: { n: 1 }, append: { l: ['x'] } }, o);
      await Promise.all(Array.from({ length: 50 }, add));
      const counted = await table.get(key, o);
      expect(counted).toMatchObject({ n: 50, by: won.indexOf(true) });
      expect(counted?.['l']).toHaveLength(50);
    });

    it('gives the reason of the signal after an abort', async () => {
      const { table } = opened;
      const reason = new Error('enough');
      const aborted = { signal: AbortSignal.abort(reason) };
      const key = { pk: fresh(), sk: 'one' };
      await expect(table.get(key, aborted)).rejects.toBe(reason);
      await expect(table.replace(key, aborted)).rejects.toBe(reason);
      expect(await table.get(key, o)).toBeUndefined();
    });
  });
}

function act(table: Table, pk: string, one: Step): Promise<unknown> {
  const key: ItemKey = { pk, sk: one.sk };
  switch (one.does) {
    case 'replace':
      return table.replace({ ...one.item, ...key }, o);
    case 'putIf':
      return table.putIf(one.condition, { ...one.item, ...key }, o);
    case 'update':
      return table.update(key, one.change, o);
    case 'updateIf':
      return table.updateIf(one.condition, key, one.change, o);
    case 'deleteIf':
      return table.deleteIf(one.condition, key, o);
  }
}

function actOnModel(model: Map<string, Item>, pk: string, one: Step): unknown {
  const key: Item = { pk, sk: one.sk };
  const before = model.get(one.sk);
  if (one.does === 'replace') {
    model.set(one.sk, { ...one.item, ...key });
    return before;
  }
  const isAllowed = one.does === 'update' || holds(one.condition, before);
  if (!isAllowed) return one.does === 'updateIf' ? undefined : false;
  if (one.does === 'putIf') model.set(one.sk, { ...one.item, ...key });
  if (one.does === 'deleteIf') model.delete(one.sk);
  if (!('change' in one)) return true;
  const after = applyChange(before ?? key, one.change);
  model.set(one.sk, after);
  return after;
}
