import { describe, expect, it } from 'vitest';
import { isLate } from '../../../lib/cli/status.ts';

describe('vsweep status', () => {
  it('calls a run late when more than three intervals went by since it began', () => {
    const everyMs = 60_000;
    const startedAt = 1_000_000;
    const lateAfter = (ms: number) => isLate({ startedAt }, everyMs, startedAt + ms);
    expect([0, 60_000, 120_001, 180_000].map(lateAfter)).toEqual([false, false, false, false]);
    expect([180_001, 240_000].map(lateAfter)).toEqual([true, true]);
  });
});
