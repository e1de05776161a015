import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createOutputBudget, outputBytesOf } from '../../../lib/esxi/output-budget.ts';

const OWN = 256 * 1024;

describe('the output that sessions hold', () => {
  it('is at most an eighth of the memory, and 256 MB', () => {
    expect(outputBytesOf(512 * 1024 * 1024)).toBe(64 * 1024 * 1024);
    expect(outputBytesOf(64 * 1024 ** 3)).toBe(256 * 1024 * 1024);
    expect(outputBytesOf()).toBeGreaterThan(0);
  });

  it('leaves each session its own part, whatever others hold', () => {
    const budget = createOutputBudget(1_000);
    const greedy = budget.open();
    expect(greedy.take(OWN + 1_000)).toBe(true);
    expect(greedy.take(1)).toBe(false);
    const modest = budget.open();
    expect(modest.take(OWN)).toBe(true);
    expect(modest.take(1)).toBe(false);
    greedy.release();
    expect(modest.take(1_000)).toBe(true);
  });

  it('is taken from the shared part once, also when it comes in pieces', () => {
    const budget = createOutputBudget(1_000);
    const session = budget.open();
    for (const bytes of [OWN, 600, 400]) expect(session.take(bytes)).toBe(true);
    expect(session.take(1)).toBe(false);
    session.release();
    expect(budget.open().take(OWN + 1_000)).toBe(true);
  });

  it('is never more than the shared part and one own part a session, and is all free at the end', () => {
    const step = fc.record({ session: fc.nat(3), bytes: fc.nat(2 * OWN), ends: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const budget = createOutputBudget(OWN);
        const shares = Array.from({ length: 4 }, () => budget.open());
        const held = [0, 0, 0, 0];
        for (const { session, bytes, ends } of steps) {
          if (ends) {
            shares[session]?.release();
            held[session] = 0;
          } else if (shares[session]?.take(bytes)) held[session] = (held[session] ?? 0) + bytes;
          const shared = held.reduce((sum, one) => sum + Math.max(0, one - OWN), 0);
          expect(shared).toBeLessThanOrEqual(OWN);
        }
        for (const share of shares) share.release();
        expect(budget.open().take(2 * OWN)).toBe(true);
        expect(budget.open().take(OWN + 1)).toBe(false);
      }),
    );
  });
});
