import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { joined, type List, listOf, mapped, picked } from '../../../lib/metrics/list.ts';

/** A list with what it has to hold: arrays, and what others are made of, some of them empty. */
const { list } = fc.letrec<{ list: { list: List<number>; holds: number[] } }>((tie) => ({
  list: fc.oneof(
    { depthSize: 'small' },
    fc.array(fc.nat()).map((numbers) => ({ list: numbers as List<number>, holds: numbers })),
    fc.nat(5).map((length) => ({
      list: listOf(length, (index) => index * 2),
      holds: Array.from({ length }, (_, index) => index * 2),
    })),
    fc.array(tie('list'), { maxLength: 4 }).map((lists) => ({
      list: joined(lists.map((one) => one.list)),
      holds: lists.flatMap(({ holds }) => holds),
    })),
    tie('list').map((one) => ({
      list: mapped(one.list, (number) => number + 1),
      holds: one.holds.map((number) => number + 1),
    })),
    fc.tuple(tie('list'), fc.infiniteStream(fc.boolean())).map(([one, choice]) => {
      const indexes = [...one.holds.keys()].filter(() => choice.next().value);
      return {
        list: picked(one.list, indexes),
        holds: indexes.map((index) => one.holds[index] as number),
      };
    }),
  ),
}));

describe('a list', () => {
  it('holds the same each time somebody goes through it, and at each place, in whatever order', () => {
    fc.assert(
      fc.property(list, fc.array(fc.nat(30)), ({ list: made, holds }, places) => {
        expect(made.length).toBe(holds.length);
        expect([...made]).toEqual(holds);
        for (const place of places) expect(made.at(place)).toBe(holds[place]);
        expect([...made]).toEqual(holds);
      }),
    );
  });

  it('holds nothing before its first place, nor behind its last one', () => {
    const numbers = listOf(2, (index) => index);
    expect([-1, 0, 1, 2].map((place) => numbers.at(place))).toEqual([undefined, 0, 1, undefined]);
  });

  it('holds none of what it is made of, and makes no more than is asked for', () => {
    let made = 0;
    const numbers = listOf(1_000, (index) => {
      made += 1;
      return index;
    });
    expect(joined([numbers, numbers]).length).toBe(2_000);
    expect(made).toBe(0);
    expect(picked(mapped(numbers, String), [7]).at(0)).toBe('7');
    expect(made).toBe(1);
  });
});
