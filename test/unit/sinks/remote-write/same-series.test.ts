import { describe, expect, it } from 'vitest';
import { toGroupLabels, toOtherNames } from '../../../../lib/sinks/remote-write/same-series.ts';

const ADDED = { group: { job: 'j', instance: 'i' }, external: { site: 'lab' } };

describe('a series under other label names', () => {
  it.each<[string[], string[], string[], string[] | undefined]>([
    [
      ['a', 'b'],
      ['b', 'a'],
      ['1', '2'],
      ['2', '1'],
    ],
    [['a', 'b'], ['a'], ['1', ''], ['1']],
    [['a', 'b'], ['a'], ['1', '2'], undefined],
    [['a'], ['a', 'c'], ['1'], ['1', '']],
    // Those of the configuration, but where a family has them itself; those of the group always.
    [['site', 'a'], ['a'], ['lab', '1'], ['1']],
    [['site', 'a'], ['a'], ['own', '1'], undefined],
    [['a'], ['a', 'site'], ['1'], ['1', 'lab']],
    [['a'], ['instance', 'a'], ['1'], ['i', '1']],
    [['instance', 'a'], ['a'], ['x', '1'], ['1']],
  ])('of %j under %j is that of %j: %j', (names, other, labels, row) => {
    expect(toOtherNames(names, other, ADDED)(labels)).toEqual(row);
  });
});

describe('the labels of a group', () => {
  it('take the place of those of a family that has them', () => {
    expect(toGroupLabels(['a', 'job', 'instance'], ADDED)?.(['1', 'x', ''])).toEqual(['1', 'j', 'i']);
    expect(toGroupLabels(['a', 'job'], ADDED)?.(['1', 'x'])).toEqual(['1', 'j']);
    expect(toGroupLabels(['a', 'site'], ADDED)).toBeUndefined();
    expect(toGroupLabels([], ADDED)).toBeUndefined();
  });
});
