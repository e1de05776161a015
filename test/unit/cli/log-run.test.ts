import { describe, expect, it } from 'vitest';
import { logRun } from '../../../lib/cli/run.ts';
import { createLineLog } from '../../../lib/platform/log.ts';
import { notSwept, type TargetSummary } from '../../../lib/sweep/result/summary.ts';

function linesOf(...targets: TargetSummary[]): string[] {
  const lines: string[] = [];
  const log = createLineLog({ level: 'info', write: (line) => lines.push(line) });
  const times = { scheduledAt: 0, startedAt: 0, endedAt: 0 };
  logRun({ runId: 'r', sweep: 'status', exitCode: 0, ...times, targets }, log);
  return lines;
}

describe('logRun', () => {
  it('writes one line a target, with what is wrong as a warning', () => {
    const swept = { ...notSwept('vc01', 'unlisted', []), status: 'swept', listing: 'fresh' } as const;
    const lines = linesOf(swept, notSwept('vc02', 'unlisted', ['no answer', 'no list']));
    expect(lines).toEqual([
      expect.stringMatching(/^info {2}sweep status on vc01 status="swept" listing="fresh"(?!.*problem)/),
      expect.stringMatching(
        /^warn {2}sweep status on vc02 status="unlisted".* problem="no answer; no list"$/,
      ),
    ]);
  });

  it('says nothing of a target on which a signal stopped the run', () => {
    expect(linesOf(notSwept('vc01', 'stopped', []))).toEqual([]);
  });
});
