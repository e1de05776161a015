import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KNOWN_COLLECTORS } from '../../../lib/collectors/known-collectors.ts';
import { checkConfig } from '../../../lib/config/check-config.ts';
import { EventError } from '../../../lib/sweep/errors.ts';
import { failed, type Outcome, ok, skipped } from '../../../lib/sweep/outcome.ts';
import { type HostSummary, notSwept, type RunSummary } from '../../../lib/sweep/result/summary.ts';
import {
  failureOf,
  isLate,
  parseScheduleEvent,
  refuseAhead,
  toBriefSummary,
} from '../../../lib/sweep/run/schedule-event.ts';

const target = (name: string) => ({ name, credentials: { secret: name } });
const config = checkConfig(
  {
    targets: [target('vc01'), target('vc02')],
    sweeps: [
      { name: 'status', every: '1m', collectors: ['overall-status'] },
      { name: 'other', every: '5m', collectors: ['overall-status'], targets: ['vc02'] },
    ],
  },
  { file: 'vsweep.yaml', collectors: KNOWN_COLLECTORS },
);

describe('parseScheduleEvent', () => {
  it('reads what a schedule sends, whatever the offset of its time', () => {
    const scheduledAt = Date.UTC(2026, 10, 22, 1);
    for (const time of ['2026-11-22T01:00:00Z', '2026-11-22T01:00:00.000Z', '2026-11-22T03:00:00+02:00']) {
      const run = parseScheduleEvent({ sweep: 'status', target: 'vc01', scheduledAt: time }, config);
      expect(run).toMatchObject({ sweep: { name: 'status' }, target: 'vc01', scheduledAt });
    }
  });

  it('leaves the time open for an operator who gives none', () => {
    const run = parseScheduleEvent({ sweep: 'status' }, config);
    expect(run).toEqual({ sweep: config.sweeps[0], target: undefined, scheduledAt: undefined });
  });

  it('refuses a target that the sweep does not go over, though the configuration has it', () => {
    const read = () => parseScheduleEvent({ sweep: 'other', target: 'vc01' }, config);
    expect(read).toThrow('sweep "other" has no target "vc01"; it has vc02');
  });

  it('refuses a placeholder that the scheduler did not fill in', () => {
    const event = { sweep: 'status', scheduledAt: '<aws.scheduler.scheduled-time>' };
    expect(() => parseScheduleEvent(event, config)).toThrow(
      /^not a schedule event: scheduledAt: .*; send \{"sweep": "<name>"\}, with "target" and "scheduledAt" \(ISO 8601\) where they are needed$/,
    );
  });

  it('refuses exactly what lies ahead by more than the interval', () => {
    const sweep = config.sweeps[0];
    if (sweep === undefined) throw new Error('there is no sweep');
    const now = Date.UTC(2026, 10, 22);
    fc.assert(
      fc.property(fc.integer({ min: -10 * sweep.everyMs, max: 10 * sweep.everyMs }), (ahead) => {
        const refuse = () => refuseAhead({ sweep, target: undefined, scheduledAt: now + ahead }, now);
        if (ahead > sweep.everyMs) expect(refuse).toThrow(EventError);
        else expect(refuse).not.toThrow();
      }),
    );
    expect(() => refuseAhead({ sweep, target: undefined, scheduledAt: undefined }, now)).not.toThrow();
  });

  it('drops no event that starts within the minute of EventBridge Scheduler, and each whose successor is due', () => {
    const [sweep] = config.sweeps;
    if (sweep === undefined) throw new Error('there is no sweep');
    const times = fc.record({
      // Late by the scheduler, and by the start of the function.
      late: fc.integer({ min: 0, max: 59_999 }),
      start: fc.integer({ min: 0, max: 30_000 }),
      minutes: fc.integer({ min: 1, max: 24 * 60 }),
      longer: fc.nat(),
    });
    fc.assert(
      fc.property(times, ({ late, start, minutes, longer }) => {
        const run = {
          sweep: { ...sweep, everyMs: minutes * 60_000 },
          target: undefined,
          scheduledAt: 1_000_000,
        };
        expect(isLate(run, run.scheduledAt + late + start)).toBe(false);
        expect(isLate(run, run.scheduledAt + run.sweep.everyMs + 30_000 + longer)).toBe(true);
      }),
    );
  });

  it('answers a run or throws EventError, whatever comes', () => {
    fc.assert(
      fc.property(fc.anything(), (event) => {
        expect(() => parseScheduleEvent(event, config)).toThrow(EventError);
      }),
    );
  });
});

const host = (number: number, ssh: Outcome): HostSummary => ({
  moref: `host-${number}`,
  name: `esx${number}`,
  outcomes: { vcenter: ok, ssh },
  details: [],
});

const runOf = (hosts: readonly HostSummary[], exitCode: RunSummary['exitCode'] = 3): RunSummary => ({
  runId: 'r1',
  sweep: 'status',
  scheduledAt: 0,
  startedAt: 0,
  endedAt: 0,
  exitCode,
  targets: [{ ...notSwept('vc01', 'unlisted', ['vc01 cannot be listed']), hosts }],
});

describe('toBriefSummary', () => {
  it('leaves out hosts that are ok and keeps the order of the rest, failures first', () => {
    const hosts = [
      host(1, skipped('lockdown')),
      host(2, ok),
      host(3, failed('auth')),
      host(4, failed('dns')),
    ];
    expect(toBriefSummary(runOf(hosts)).targets[0]?.hosts.map(({ name }) => name)).toEqual([
      'esx3',
      'esx4',
      'esx1',
    ]);
  });

  it('never loses a failure to a skipped host, and has 50 hosts a target at most', () => {
    const outcome = fc.constantFrom(ok, failed('timeout'), skipped('poweredoff'));
    fc.assert(
      fc.property(fc.array(outcome, { maxLength: 200 }), (outcomes) => {
        const hosts = outcomes.map((one, index) => host(index, one));
        const kept = toBriefSummary(runOf(hosts)).targets[0]?.hosts ?? [];
        const failures = (of: readonly HostSummary[]) =>
          of.filter(({ outcomes: { ssh } }) => ssh?.kind === 'failed').length;
        expect(failures(kept)).toBe(Math.min(50, failures(hosts)));
        expect(kept.length).toBe(Math.min(50, outcomes.filter(({ kind }) => kind !== 'ok').length));
      }),
    );
  });
});

describe('failureOf', () => {
  it('is nothing for a run of which something came', () => {
    expect(failureOf(runOf([], 0))).toBeUndefined();
    expect(failureOf(runOf([], 3))).toBeUndefined();
  });

  it('names the targets and their problems, and ends somewhere', () => {
    expect(failureOf(runOf([], 1))).toBe('sweep status failed: vc01: vc01 cannot be listed');
    const [first] = runOf([], 1).targets;
    const two = [first, first].filter((one) => one !== undefined);
    expect(failureOf({ ...runOf([], 1), targets: two })).toBe(
      'sweep status failed: vc01: vc01 cannot be listed; vc01: vc01 cannot be listed',
    );
    const targets = Array.from({ length: 500 }, () => first).filter((one) => one !== undefined);
    expect(failureOf({ ...runOf([], 1), targets })?.length).toBeLessThanOrEqual(2_000);
  });
});
