import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { failed, ok } from '../../../lib/sweep/outcome.ts';
import {
  type HostSummary,
  notSwept,
  type RunSummary,
  type TargetSummary,
} from '../../../lib/sweep/result/summary.ts';
import { parseRunFailure, toRunFailure } from '../../../lib/sweep/run/failed-run.ts';
import { toBriefSummary } from '../../../lib/sweep/run/schedule-event.ts';

const MAX_BYTES = 150_000;

const target = (
  name: string,
  hosts: readonly HostSummary[],
  problems: readonly string[] = [],
): TargetSummary => ({
  ...notSwept(name, 'lease', problems),
  status: 'swept',
  listing: 'fresh',
  hosts,
});
const run = (targets: readonly TargetSummary[], exitCode: RunSummary['exitCode'] = 1): RunSummary => ({
  runId: 'r1',
  sweep: 'services',
  scheduledAt: 0,
  startedAt: 0,
  endedAt: 1,
  exitCode,
  targets,
});
const host = (index: number, detail: string): HostSummary => ({
  moref: `host-${index}`,
  name: `esx${index}.example.org`,
  outcomes: { ssh: failed('connection-refused') },
  details: [detail],
});

describe('the error of a failed run', () => {
  it('is none for a run that did not fail', () => {
    expect(toRunFailure(run([target('vc', [])], 0))).toBeUndefined();
    expect(toRunFailure(run([target('vc', [])], 3))).toBeUndefined();
  });

  it('has the summary, which is read back as it was', () => {
    const summary = run([target('vc', [host(1, 'connection refused')], ['the push failed'])]);
    const failure = toRunFailure(summary);
    const { reason, summary: read } = parseRunFailure(failure?.message ?? '');
    expect(reason).toContain('the push failed');
    expect(read).toEqual(toBriefSummary(summary));
    // The stack has the reason alone: Lambda hands over both.
    expect(failure?.stack).not.toContain('"runId"');
  });

  it('fits a queue, whatever the run, and leaves out hosts before anything else', () => {
    const sizes = fc.record({
      targets: fc.integer({ min: 1, max: 120 }),
      hosts: fc.integer({ min: 0, max: 60 }),
      detail: fc.string({ maxLength: 400 }),
    });
    fc.assert(
      fc.property(sizes, ({ targets, hosts, detail }) => {
        const listed = Array.from({ length: hosts }, (_, index) => host(index, detail));
        const summary = run(Array.from({ length: targets }, (_, index) => target(`vc${index}`, listed)));
        const message = toRunFailure(summary)?.message ?? '';
        expect(Buffer.byteLength(JSON.stringify(message))).toBeLessThanOrEqual(MAX_BYTES);
        const read = parseRunFailure(message).summary;
        expect(read?.targets.map((one) => one.target)).toEqual(summary.targets.map((one) => one.target));
      }),
      { numRuns: 50 },
    );
  });

  it('is its reason alone where not even the targets fit', () => {
    const problems = ['x'.repeat(2_000)];
    const summary = run(Array.from({ length: 200 }, (_, index) => target(`vc${index}`, [], problems)));
    const { reason, summary: read } = parseRunFailure(toRunFailure(summary)?.message ?? '');
    expect(reason).toMatch(/^sweep services /);
    expect(read).toBeUndefined();
  });

  it.each(['', 'a reason', 'a reason\n', 'a reason\nno JSON', 'a reason\n{}', 'a\nb\nc'])(
    'of another version, %j, is a reason',
    (message) => {
      expect(parseRunFailure(message)).toEqual({ reason: message, summary: undefined });
    },
  );

  it('leaves out hosts that are ok', () => {
    const fine: HostSummary = { moref: 'host-9', name: 'esx9', outcomes: { vcenter: ok }, details: [] };
    const message = toRunFailure(run([target('vc', [fine, host(1, 'refused')])]))?.message ?? '';
    expect(parseRunFailure(message).summary?.targets[0]?.hosts.map(({ name }) => name)).toEqual([
      'esx1.example.org',
    ]);
  });
});
