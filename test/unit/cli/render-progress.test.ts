import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isShown, renderProgress, sumOf } from '../../../lib/cli/progress.ts';

const half = { targets: 1, known: 1, done: 30, hosts: 60, elapsedMs: 65_900 };

describe('renderProgress', () => {
  it('shows share, count and time beside a bar that is no wider than 40', () => {
    const bar = '█'.repeat(20) + '░'.repeat(20);
    expect(renderProgress(half, 200)).toBe(`${bar}  50 %  30 of 60 hosts  1:05`);
  });

  it('has a shorter bar in a narrower terminal, and none where it would say nothing', () => {
    expect(renderProgress(half, 40)).toBe('██████░░░░░░  50 %  30 of 60 hosts  1:05');
    expect(renderProgress(half, 30)).toBe('50 %  30 of 60 hosts  1:05');
  });

  it('says that hosts are not known yet, and of how many targets they are', () => {
    expect(renderProgress({ ...half, known: 0, done: 0, hosts: 0 }, 80)).toBe('listing 1 target  1:05');
    expect(renderProgress({ ...half, targets: 3 }, 80)).toMatch(/30 of 60 hosts, 1 of 3 targets {2}1:05$/);
  });

  it('is full when every host is done, and not before', () => {
    expect(renderProgress({ ...half, done: 999, hosts: 1_000 }, 80)).toMatch(/░ {2}99 %/);
    expect(renderProgress({ ...half, done: 60 }, 80)).toMatch(/█ 100 %/);
  });

  it('fits every width', () => {
    const progress = fc
      .record({
        targets: fc.integer({ min: 1, max: 50 }),
        known: fc.nat(50),
        done: fc.nat(20_000),
        more: fc.nat(20_000),
        elapsedMs: fc.integer({ min: -1_000, max: 10_000_000 }),
      })
      .map(({ more, ...one }) => ({ ...one, hosts: one.done + more }));
    fc.assert(
      fc.property(progress, fc.integer({ min: 1, max: 300 }), (one, width) => {
        expect(renderProgress(one, width).length).toBeLessThanOrEqual(width);
      }),
    );
  });
});

describe('progress', () => {
  it('is that of all targets whose hosts are known', () => {
    expect(
      sumOf([
        { done: 3, hosts: 5 },
        { done: 4, hosts: 9 },
      ]),
    ).toEqual({ known: 2, done: 7, hosts: 14 });
    expect(sumOf([])).toEqual({ known: 0, done: 0, hosts: 0 });
  });

  const terminal = { json: false, areTerminals: true, env: { TERM: 'xterm' } };

  it('is shown on a terminal', () => {
    expect(isShown(terminal)).toBe(true);
  });

  it.each([
    ['an output is no terminal', { areTerminals: false }],
    ['JSON is wanted', { json: true }],
    ['NO_COLOR is set', { env: { NO_COLOR: '1' } }],
    ['CI is set', { env: { CI: 'true' } }],
    ['the terminal can do nothing', { env: { TERM: 'dumb' } }],
  ])('is not shown where %s', (_what, changed) => {
    expect(isShown({ ...terminal, ...changed })).toBe(false);
  });
});
