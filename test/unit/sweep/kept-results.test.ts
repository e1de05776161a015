import { describe, expect, it } from 'vitest';
import { createKeptResults } from '../../../lib/sweep/dispatch/kept-results.ts';
import { failed, ok } from '../../../lib/sweep/outcome.ts';
import { batchResult } from './builders.ts';

const resultOf = (points: number) =>
  batchResult({
    outcomes: [
      ['host-1', ok],
      ['host-2', failed('unreadable')],
    ],
    families: [{ metric: 'm', items: Array(points).fill(0), values: Array(points).fill(1), labels: [] }],
    collectors: [{ name: 'hosts', success: true, durationMs: 1 }],
  });

describe('createKeptResults', () => {
  it('holds results as they are while there is room for their points', () => {
    const kept = createKeptResults(10);
    for (const points of [4, 6]) {
      const result = resultOf(points);
      expect(kept.hold(result, { does: 'read' })).toBe(result);
    }
    expect(kept.problems()).toEqual([]);
  });

  it('drops the points of the one that is too much, fails its items and collectors, and says so once', () => {
    const kept = createKeptResults(10);
    kept.hold(resultOf(8), { does: 'read' });
    expect(kept.hold(resultOf(3), { does: 'read' })).toMatchObject({
      families: [],
      outcomes: [
        ['host-1', failed('result-too-large')],
        ['host-2', failed('unreadable')],
      ],
      collectors: [{ name: 'hosts', success: false }],
    });
    kept.hold(resultOf(3), { does: 'read' });
    expect(kept.problems()).toEqual([
      'the samples of 2 batches were dropped, because the whole target has more than 10, or labels of more than ' +
        '128,000,000 characters: split its collectors into several sweeps',
    ]);
  });

  it('has room for so many characters of labels, however few the points are', () => {
    const kept = createKeptResults(10, 6);
    const labelled = (word: string) =>
      batchResult({
        families: [{ metric: 'm', items: [0], values: [1], labels: [{ words: [word], at: [0] }] }],
      });
    for (const word of ['four', 'tw']) {
      const result = labelled(word);
      expect(kept.hold(result, { does: 'read' })).toBe(result);
    }
    expect(kept.hold(labelled('x'), { does: 'read' }).families).toEqual([]);
  });

  it('keeps the outcomes of hosts that were asked: they were logged in to', () => {
    const kept = createKeptResults(2);
    const held = kept.hold(resultOf(3), { does: 'ask' });
    expect([held.families, held.outcomes]).toEqual([[], resultOf(3).outcomes]);
  });

  it('has room for a smaller one after one that was too much', () => {
    const kept = createKeptResults(10);
    kept.hold(resultOf(11), { does: 'read' });
    const small = resultOf(10);
    expect(kept.hold(small, { does: 'read' })).toBe(small);
  });
});
