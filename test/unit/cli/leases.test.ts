import { describe, expect, it } from 'vitest';
import { isHeld, sweepsAndTargets } from '../../../lib/cli/lease.ts';
import type { LoadedConfig } from '../../../lib/config/loaded-config.ts';
import { latestLeaseEnd } from '../../../lib/state/stores/runs.ts';

describe('a lease', () => {
  const everyMs = 60_000;
  const endingIn = (ms: number) => ({ holder: 'run-1', endsAt: Date.now() + ms });

  it('is held until its end', () => {
    expect(isHeld(endingIn(50_000), everyMs)).toBe(true);
    expect(isHeld(endingIn(0), everyMs)).toBe(false);
    expect(isHeld(endingIn(-50_000), everyMs)).toBe(false);
    expect(isHeld(undefined, everyMs)).toBe(false);
  });

  it('never was any where it ends later than that of a run can, where the interval is known', () => {
    const latest = latestLeaseEnd(everyMs, 0);
    expect(isHeld(endingIn(latest - 1_000), everyMs)).toBe(true);
    expect(isHeld(endingIn(latest + 100_000), everyMs)).toBe(false);
    expect(isHeld(endingIn(latest + 100_000))).toBe(true);
  });

  it('is one of each sweep on each of its targets', () => {
    const config = {
      targets: [{ name: 'vc1' }, { name: 'vc2' }],
      sweeps: [
        { name: 'all', everyMs: 1 },
        { name: 'one', everyMs: 2, targets: ['vc2'] },
      ],
    };
    expect(sweepsAndTargets({ config } as unknown as LoadedConfig)).toEqual([
      { sweep: 'all', target: 'vc1', everyMs: 1 },
      { sweep: 'all', target: 'vc2', everyMs: 1 },
      { sweep: 'one', target: 'vc2', everyMs: 2 },
    ]);
  });
});
