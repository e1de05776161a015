import { describe, expect, it } from 'vitest';
import { isLate, printNone } from '../../../lib/cli/status.ts';
import { printRecordedHosts } from '../../../lib/cli/status-hosts.ts';

describe('vsweep status', () => {
  it('calls a run late when more than three intervals went by since it began', () => {
    const everyMs = 60_000;
    const startedAt = 1_000_000;
    const lateAfter = (ms: number) => isLate({ startedAt }, everyMs, startedAt + ms);
    expect([0, 60_000, 120_001, 180_000].map(lateAfter)).toEqual([false, false, false, false]);
    expect([180_001, 240_000].map(lateAfter)).toEqual([true, true]);
  });
});

describe('the status of a run', () => {
  it('says why it has no hosts', () => {
    expect(printNone({ exitCode: 0 })).toBe('too many to store');
    expect(printNone({ outcomes: {}, exitCode: 1 })).toBe('none: the run failed');
    expect(printNone({ outcomes: {}, exitCode: 0 })).toBe('none: the target has no hosts');
  });

  it('shows each host with its outcome on each path', () => {
    const host = { sweep: 'all', target: 'vc1', moref: 'host-1', startedAt: 0 };
    expect(
      printRecordedHosts(
        [
          { ...host, name: 'esx1', outcomes: { vcenter: 'ok', ssh: 'failed(auth)' } },
          { ...host, name: 'esx2', outcomes: { vcenter: 'ok' } },
        ],
        Number.POSITIVE_INFINITY,
      ),
    ).toBe(`sweep  target  host  vcenter  ssh
all    vc1     esx1  ok       failed(auth)
all    vc1     esx2  ok       -`);
  });
});
