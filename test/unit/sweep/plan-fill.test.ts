import { describe, expect, it } from 'vitest';
import type { FillPlan, FillStep } from '../../../lib/state/stores/fills.ts';
import { planFill } from '../../../lib/sweep/fill/plan-fill.ts';
import { type Progress, progressOf, startOf } from '../../../lib/sweep/fill/progress.ts';

const MINUTE = 60_000;
const STEP = 20_000;
const NOW = Date.UTC(2026, 0, 1, 12);
const limits = { now: NOW, maxAgeMs: 60 * MINUTE, maxSamples: 100, isListed: () => true };
const ago = (steps: number) => NOW - steps * STEP;

/** Two series with a sample of each of the last steps, the newest `ahead` of now. */
const times = (steps: number, ahead = 0) =>
  new Map(Array.from({ length: steps }, (_, index) => [ago(steps - 1 - index - ahead), 2] as const));
const knownOf = (cursors: Readonly<Record<string, number>>): Progress => ({
  cursors: new Map(Object.entries(cursors).map(([moref, from]) => [moref, { from }])),
  newest: ago(9),
  series: 2,
});
const FIRST_RUN = progressOf(undefined);
const stepsOf = ({ batches }: FillPlan): FillStep[] => batches.flat();

describe('the plan of what a sink is sent', () => {
  it('has the newest sample alone before the first run, because the sink may have others', () => {
    const { plan } = planFill(new Map([['host-1', times(9)]]), FIRST_RUN, limits);
    expect(stepsOf(plan)).toEqual([{ moref: 'host-1', from: NOW - 1, to: NOW }]);
    expect(plan).toMatchObject({ newest: NOW, series: 2, again: 0 });
  });

  it('has what each object lacks, of a new one what came after the others, and keeps what has nothing new', () => {
    const items = new Map([
      ['host-1', times(9)],
      ['host-2', times(9)],
      ['host-3', times(30)],
    ]);
    const { plan, left } = planFill(items, knownOf({ 'host-1': ago(5), 'host-2': NOW }), limits);
    expect(stepsOf(plan)).toEqual([
      { moref: 'host-1', from: ago(5), to: NOW },
      { moref: 'host-3', from: ago(9), to: NOW },
    ]);
    expect(plan.kept).toEqual([{ moref: 'host-2', from: NOW, to: NOW }]);
    expect(left).toEqual({ old: 0, ahead: 0 });
  });

  it('leaves out and counts what is too old for the sink, and what is more than five minutes ahead', () => {
    const items = new Map([
      ['host-1', times(40)],
      ['host-2', times(30, 20)],
    ]);
    const known = knownOf({ 'host-1': ago(60), 'host-2': ago(9) });
    const { plan, left } = planFill(items, known, {
      ...limits,
      maxAgeMs: 10 * MINUTE,
      maxSamples: 1_000,
    });
    expect(stepsOf(plan)).toEqual([
      { moref: 'host-1', from: ago(30) - 1, to: NOW },
      { moref: 'host-2', from: ago(9), to: NOW + 5 * MINUTE },
    ]);
    // A new object is not to lose what the clock of another one is ahead.
    expect(plan.newest).toBe(NOW);
    expect(left).toEqual({ old: 9 * 2, ahead: 5 * 2 });
  });

  it('has batches within their limit, and goes on with an object in the next one where it left off', () => {
    const items = new Map([
      ['host-1', times(9)],
      ['host-2', times(9)],
    ]);
    const known = knownOf({ 'host-1': ago(9), 'host-2': ago(9) });
    const { plan } = planFill(items, known, { ...limits, maxSamples: 8 });
    expect(plan.batches).toEqual([
      [{ moref: 'host-1', from: ago(9), to: ago(5) }],
      [{ moref: 'host-1', from: ago(5), to: ago(1) }],
      [
        { moref: 'host-1', from: ago(1), to: ago(0) },
        { moref: 'host-2', from: ago(9), to: ago(6) },
      ],
      [{ moref: 'host-2', from: ago(6), to: ago(2) }],
      [{ moref: 'host-2', from: ago(2), to: ago(0) }],
    ]);
  });

  it('forgets an object that is listed no more, once vSphere keeps nothing of it', () => {
    const known = knownOf({ 'host-1': ago(9), 'host-2': ago(200), 'host-3': ago(200) });
    const isListed = (moref: string) => moref === 'host-3';
    const { plan } = planFill(new Map(), known, { ...limits, isListed });
    expect(plan.kept.map(({ moref }) => moref)).toEqual(['host-1', 'host-3']);
  });
});

describe('what a plan says of the next run', () => {
  const plan: FillPlan = {
    batches: [
      [{ moref: 'host-1', from: 1, to: 2 }],
      [
        { moref: 'host-1', from: 2, to: 3 },
        { moref: 'host-2', from: 1, to: 3 },
      ],
      [{ moref: 'host-2', from: 3, to: 4 }],
    ],
    again: 0,
    kept: [{ moref: 'host-3', from: 5, to: 5 }],
    newest: 9,
    series: 2,
  };

  it.each([
    [0, { from: 1, maybe: 2 }, { from: 1 }],
    [1, { from: 2, maybe: 3 }, { from: 1, maybe: 3 }],
    [2, { from: 3 }, { from: 3, maybe: 4 }],
    [3, { from: 3 }, { from: 4 }],
  ])(
    'with %i batches done: the next one may have been taken, those behind it were not sent',
    (done, one, two) => {
      const { cursors } = progressOf({ plan, done });
      expect(Object.fromEntries(cursors)).toEqual({ 'host-1': one, 'host-2': two, 'host-3': { from: 5 } });
    },
  );

  it('a batch of which nobody knew before is not known now unless it was done', () => {
    const { cursors } = progressOf({ plan: { ...plan, again: 3 }, done: 0 });
    expect(Object.fromEntries(cursors)).toMatchObject({ 'host-2': { from: 1, maybe: 3 } });
  });

  it('an object that nobody knows begins with what came after the others', () => {
    const progress = progressOf({ plan, done: 3 });
    expect(startOf(progress, 'host-9')).toBe(9);
    expect(startOf(FIRST_RUN, 'host-9')).toBe(Number.MAX_SAFE_INTEGER);
  });
});
