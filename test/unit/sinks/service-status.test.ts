import { describe, expect, it } from 'vitest';
import { isMissing, toHealth, toLandingPage } from '../../../lib/sinks/exporter/service-status.ts';

const SWEEP = { name: 'a', everyMs: 10_000, isStuck: false, isBroken: false, broken: 0 };

describe('isMissing', () => {
  it('lets three intervals pass after the end of the last run', () => {
    expect(isMissing({ lastAt: 1_000, everyMs: 10_000 }, 31_000)).toBe(false);
    expect(isMissing({ lastAt: 1_000, everyMs: 10_000 }, 31_001)).toBe(true);
  });
});

describe('toHealth', () => {
  it('names each sweep that is stuck, and each whose runs all end by an internal error', () => {
    const stuck = { ...SWEEP, isStuck: true };
    const sweeps = [SWEEP, { ...stuck, name: 'b' }, { ...stuck, name: 'c', everyMs: 60_000 }];
    expect(toHealth({ version: '1', sweeps })).toEqual({
      status: 503,
      text:
        'no run of sweep b has ended for more than 30 s\n' +
        'no run of sweep c has ended for more than 180 s\n',
    });
    expect(toHealth({ version: '1', sweeps: [{ ...SWEEP, isBroken: true, broken: 4 }] })).toEqual({
      status: 503,
      text: 'no run of sweep a has ended without an internal error for more than 30 s\n',
    });
    expect(toHealth({ version: '1', sweeps: [] })).toEqual({ status: 200, text: 'ok\n' });
  });
});

describe('toLandingPage', () => {
  it('tells of the last run of each sweep, and of those that broke', () => {
    const lastRun = {
      startedAt: Date.UTC(2026, 0, 2),
      durationMs: 1_260,
      exitCode: 3,
      targets: { vc1: 'swept; ssh 1 ok, 2 failed, 3 skipped' },
    };
    const page = toLandingPage({ version: '1', sweeps: [{ ...SWEEP, broken: 2, lastRun }, SWEEP] });
    expect(page).toContain(
      '<tr><td>a<td>10 s<td>2026-01-02T00:00:00.000Z<td>1.3 s<td>3<td>vc1: swept; ssh 1 ok, 2 failed, 3 skipped<br>2 runs ended by an internal error',
    );
    expect(page).toContain('<tr><td>a<td>10 s<td>not yet<td><td><td>\n</table>');
  });

  it('tells of a sweep that is stuck and broke before its first run ended', () => {
    const sweeps = [
      { ...SWEEP, isStuck: true, broken: 1 },
      { ...SWEEP, name: 'b' },
    ];
    expect(toLandingPage({ version: '1', sweeps })).toContain(
      '<tr><td>a<td>10 s<td>not yet<td><td><td>STUCK, 1 runs ended by an internal error\n<tr><td>b<td>10 s',
    );
  });

  it('writes names as text, whatever they hold', () => {
    const page = toLandingPage({ version: '1', sweeps: [{ ...SWEEP, name: '<script>"&\'' }] });
    expect(page).toContain('<td>&lt;script&gt;&quot;&amp;&#39;<td>');
    expect(page).not.toContain('<script>');
  });
});
