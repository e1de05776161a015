import { describe, expect, it } from 'vitest';
import { ABSENT, applyChange, type Condition, holds } from '../../../lib/state/conditions.ts';

const ITEM = {
  pk: 'p',
  sk: 's',
  none: null,
  text: 'a',
  empty: '',
  zero: 0,
  number: 5,
  list: ['a', 'b'],
  inside: { id: 'x', at: 7, deeper: { id: 'y' } },
};

describe('a condition', () => {
  it.each<[Condition, boolean, boolean]>([
    [ABSENT, false, true],
    [{ absent: 'text' }, false, true],
    [{ absent: 'zero' }, false, true],
    [{ absent: 'other' }, true, true],
    [{ absent: 'inside.id' }, false, true],
    [{ absent: 'inside.deeper.id' }, false, true],
    [{ absent: 'inside.other' }, true, true],
    [{ absent: 'text.id' }, true, true],
    [{ absent: 'none.id' }, true, true],
    [{ absent: 'text.length' }, true, true],
    [{ absent: 'toString' }, true, true],
    [{ absent: 'inside.constructor' }, true, true],
    [{ present: 'text' }, true, false],
    [{ present: 'empty' }, true, false],
    [{ present: 'other' }, false, false],
    [{ equals: ['text', 'a'] }, true, false],
    [{ equals: ['text', 'b'] }, false, false],
    [{ equals: ['zero', 0] }, true, false],
    [{ equals: ['zero', '0'] }, false, false],
    [{ equals: ['list', ['a', 'b']] }, true, false],
    [{ equals: ['list', ['b', 'a']] }, false, false],
    [{ equals: ['inside.at', 7] }, true, false],
    [{ equals: ['other', undefined] }, false, false],
    [{ differs: ['text', 'a'] }, false, true],
    [{ differs: ['text', 'b'] }, true, true],
    [{ differs: ['other', 'a'] }, true, true],
    [{ atMost: ['number', 5] }, true, false],
    [{ atMost: ['number', 6] }, true, false],
    [{ atMost: ['number', 4] }, false, false],
    [{ atMost: ['empty', 4] }, false, false],
    [{ atMost: ['inside.at', 7] }, true, false],
    [{ atLeast: ['number', 5] }, true, false],
    [{ atLeast: ['number', 4] }, true, false],
    [{ atLeast: ['number', 6] }, false, false],
    [{ atLeast: ['text', -1] }, false, false],
    [{ noText: 'text' }, false, true],
    [{ noText: 'empty' }, false, true],
    [{ noText: 'number' }, true, true],
    [{ noText: 'other' }, true, true],
    [{ lacks: ['list', 'a'] }, false, true],
    [{ lacks: ['list', 'c'] }, true, true],
    [{ lacks: ['text', 'a'] }, true, true],
    [{ lacks: ['other', 'a'] }, true, true],
    [{ all: [{ present: 'text' }, { present: 'zero' }] }, true, false],
    [{ all: [{ present: 'text' }, { present: 'other' }] }, false, false],
    [{ all: [] }, true, true],
    [{ any: [{ present: 'other' }, { present: 'zero' }] }, true, false],
    [{ any: [{ present: 'other' }, { absent: 'zero' }] }, false, true],
    [{ any: [] }, false, false],
  ])('%j holds of an item: %s, of none: %s', (condition, ofItem, ofNone) => {
    expect(holds(condition, ITEM)).toBe(ofItem);
    expect(holds(condition, undefined)).toBe(ofNone);
  });
});

describe('a change', () => {
  const before = { pk: 'p', sk: 's', a: 1, list: ['x'], n: 2, old: 'o' };

  it('does all that it says, by what stood there before', () => {
    const after = applyChange(before, {
      set: { a: 2, b: 'new' },
      copy: { was: { from: 'a', otherwise: 9 }, none: { from: 'missing', otherwise: 9 } },
      append: { list: ['y', 'z'], fresh: ['w'] },
      add: { n: 3, m: 4 },
      remove: ['old', 'missing'],
    });
    expect(after).toEqual({
      pk: 'p',
      sk: 's',
      a: 2,
      b: 'new',
      was: 1,
      none: 9,
      list: ['x', 'y', 'z'],
      fresh: ['w'],
      n: 5,
      m: 4,
    });
    expect(before).toEqual({ pk: 'p', sk: 's', a: 1, list: ['x'], n: 2, old: 'o' });
  });

  it('of nothing changes nothing', () => {
    expect(applyChange(before, {})).toEqual(before);
  });

  it('leaves an item under its keys', () => {
    expect(applyChange(before, { set: { pk: 'other', sk: 'other' }, remove: ['pk'] })).toEqual(before);
  });

  it('throws where it does not fit what stands there', () => {
    expect(() => applyChange(before, { append: { a: ['x'] } })).toThrow(new TypeError('a is not a list'));
    expect(() => applyChange(before, { add: { old: 1 } })).toThrow(new TypeError('old is not a number'));
  });
});
