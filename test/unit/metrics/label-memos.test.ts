import { describe, expect, it } from 'vitest';
import { encodeExposition } from '../../../lib/metrics/encode-exposition.ts';
import type { Family, Sample } from '../../../lib/metrics/family.ts';
import { createLabelMemos } from '../../../lib/metrics/label-memos.ts';
import { listOf } from '../../../lib/metrics/list.ts';

const LABELS = [
  ['vm1', 'a "quote"'],
  ['vm2', 'b'],
  ['', ''],
];
/** By the list alone: whether each sample has its array of labels anew, or the one that is kept. */
const familyOf = (name: string, copies: boolean, labels = ['vm_name', 'host_name']): Family => ({
  definition: { name, help: 'x', labels },
  samples: listOf(LABELS.length, (index): Sample => {
    const values = LABELS[index] as string[];
    return { metric: name, labels: copies ? [...values] : values, value: index };
  }),
});

describe('createLabelMemos', () => {
  it('gives families with the same label names one memo, and none to one that makes its labels anew', () => {
    const memoOf = createLabelMemos<number>();
    const memo = memoOf(familyOf('a', false));
    memo?.set(LABELS[0] as string[], 7);
    expect(memoOf(familyOf('b', false))?.get(LABELS[0] as string[])).toBe(7);
    expect(
      memoOf(familyOf('c', false, ['ds_name', 'host_name']))?.get(LABELS[0] as string[]),
    ).toBeUndefined();
    expect(memoOf(familyOf('d', true))).toBeUndefined();
  });

  it('holds 20,000 entries at most', () => {
    const memo = createLabelMemos<number>()(familyOf('a', false));
    const arrays = Array.from({ length: 20_001 }, (_, index) => [String(index)]);
    for (const [index, labels] of arrays.entries()) memo?.set(labels, index);
    expect(memo?.get(arrays[19_999] as string[])).toBe(19_999);
    expect(memo?.get(arrays[20_000] as string[])).toBeUndefined();
  });

  it('holds nothing for labels of more than 1,000 characters together', () => {
    const memo = createLabelMemos<number>()(familyOf('a', false));
    const [short, long] = [
      ['x'.repeat(400), 'y'.repeat(600)],
      ['x'.repeat(401), 'y'.repeat(600)],
    ];
    for (const labels of [short, long]) memo?.set(labels as string[], 1);
    expect(memo?.get(short as string[])).toBe(1);
    expect(memo?.get(long as string[])).toBeUndefined();
  });
});

it('families print the same text, whether their samples have kept labels or copies', () => {
  const print = (copies: boolean) =>
    Buffer.concat([...encodeExposition([familyOf('a', copies), familyOf('b', copies)])]).toString();
  expect(print(false)).toBe(print(true));
  expect(print(true)).toContain('b{vm_name="vm1",host_name="a \\"quote\\""} 0\n');
});
