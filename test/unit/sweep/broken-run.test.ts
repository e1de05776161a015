import { describe, expect, it } from 'vitest';
import { itBroke, readNothing } from '../../../lib/sweep/run/broken-run.ts';

const BROKEN = new Error('x is not iterable');

describe('what stands in for reading that broke', () => {
  it('has each kind that was to be read, with all its items lost for that reason', () => {
    const wanted = [
      {
        kind: 'host',
        items: [
          ['HostSystem', 'host-1'],
          ['HostSystem', 'host-2'],
        ],
      },
      { kind: 'vm', items: [['VirtualMachine', 'vm-1']] },
    ] as const;
    const lost = { result: { status: 'rejected', reason: BROKEN }, problems: [itBroke(BROKEN)] };
    expect(readNothing(wanted as never, BROKEN)).toEqual([
      { kind: 'host', morefs: ['host-1', 'host-2'], ...lost },
      { kind: 'vm', morefs: ['vm-1'], ...lost },
    ]);
  });

  it('says what broke, and that it is a fault in vsweep', () => {
    expect(itBroke(BROKEN)).toBe('internal error: x is not iterable. Please report it as a bug of vsweep');
  });
});
