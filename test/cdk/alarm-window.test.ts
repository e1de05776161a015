import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { functionAlarms, serviceAlarms, sweepAlarms } from '../../cdk/alarm-table.ts';
import { windowOf } from '../../cdk/alarm-window.ts';
import { FUNCTIONS } from '../../cdk/bundle.ts';
import { planRunTimes } from '../../lib/config/run-times.ts';
import { type AlarmRule, stateOf } from '../support/cloudwatch/alarm-state.ts';

const MINUTE = 60;
const HOUR = 3_600;
const DAY = 86_400;
const WEEK = 7 * DAY;
/** All that a configuration may say, and more: 10 s to a month. */
const everyMs = fc.integer({ min: 10, max: 30 * DAY }).map((seconds) => seconds * 1_000);
const rowsOf = (ms: number) =>
  Object.values(
    sweepAlarms({ name: 's', stack: 'Vsweep', everyMs: ms, timeoutMs: Math.min(ms, 900_000), pushes: true }),
  );

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html */
function expectTaken({ periodSeconds, periods }: { periodSeconds: number; periods: number }): void {
  expect(periodSeconds % MINUTE).toBe(0);
  expect(periodSeconds).toBeGreaterThan(0);
  expect(periods).toBeGreaterThan(0);
  expect(periodSeconds * periods).toBeLessThanOrEqual(periodSeconds < HOUR ? DAY : WEEK);
}

describe('the window of an alarm', () => {
  it('is taken by CloudWatch, whatever the interval', () => {
    fc.assert(
      fc.property(everyMs, (ms) => {
        for (const row of rowsOf(ms)) {
          const window = windowOf(ms, row);
          expectTaken(window);
          expect(window.datapoints).toBeGreaterThan(0);
          expect(window.datapoints).toBeLessThanOrEqual(window.periods);
        }
      }),
      { numRuns: 500 },
    );
    fc.assert(
      fc.property(everyMs, (ms) => {
        for (const row of [
          ...Object.values(serviceAlarms(ms)),
          ...FUNCTIONS.flatMap((name) => Object.values(functionAlarms(name, ms))),
        ]) {
          expectTaken(row);
          expect(row.datapoints).toBeGreaterThan(0);
          expect(row.datapoints).toBeLessThanOrEqual(row.periods);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('spans the intervals that are asked for, as far as a week has them', () => {
    fc.assert(
      fc.property(everyMs, (ms) => {
        for (const row of rowsOf(ms)) {
          const { periodSeconds, periods } = windowOf(ms, row);
          const wanted = Math.min((row.intervals * ms) / 1_000, WEEK - DAY);
          expect(periodSeconds * periods).toBeGreaterThanOrEqual(wanted);
        }
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    [60, { periodSeconds: 60, periods: 5, datapoints: 3 }],
    [59 * 60, { periodSeconds: 59 * 60, periods: 5, datapoints: 3 }],
    [24 * HOUR, { periodSeconds: DAY, periods: 5, datapoints: 3 }],
    [56 * HOUR, { periodSeconds: DAY, periods: 7, datapoints: 3 }],
    [57 * HOUR, { periodSeconds: DAY, periods: 7, datapoints: 2 }],
  ])('of three wrong ones of five intervals of %d s is %j', (seconds, window) => {
    expect(windowOf(seconds * 1_000, { intervals: 5, wrong: 3, silence: 'notBreaching' })).toEqual(window);
  });
});

describe('slow', () => {
  it('is a run that has waited for a worker until it was cut off, which is before the run is ended', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 24 * 60 }),
        fc.integer({ min: 3, max: 900 }),
        (minutes, timeout) => {
          const limits = { everyMs: minutes * 60_000, timeoutMs: timeout * 1_000 };
          const { threshold } = sweepAlarms({ name: 's', stack: 'Vsweep', pushes: true, ...limits })[
            'slow'
          ] ?? {
            threshold: 0,
          };
          const { workerEnd, runEnd } = planRunTimes({
            start: 0,
            everyMs: limits.everyMs,
            remainingMs: limits.timeoutMs,
          });
          expect(threshold).toBeLessThanOrEqual(workerEnd / 1_000);
          expect(threshold).toBeGreaterThan(workerEnd / 1_000 - 1);
          expect(threshold).toBeLessThan(runEnd / 1_000);
        },
      ),
    );
  });
});

describe('the state that the tests give an alarm', () => {
  const rule = (wanted: number, silence: AlarmRule['TreatMissingData']): AlarmRule => ({
    ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    Threshold: 1,
    EvaluationPeriods: 3,
    DatapointsToAlarm: wanted,
    TreatMissingData: silence,
  });
  const valuesOf = (printed: string) => printed.split(' ').map((one) => ({ '0': 0, X: 1 })[one]);

  /** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html, both tables. */
  it.each([
    [3, '0 - X - X', 'OK', 'OK'],
    [3, '- - - - 0', 'OK', 'OK'],
    [3, '- - - - -', 'ALARM', 'OK'],
    [3, '0 X X - X', 'ALARM', 'ALARM'],
    [3, '- - X - -', 'ALARM', 'OK'],
    [2, '0 - X - X', 'ALARM', 'ALARM'],
    [2, '0 0 X 0 X', 'ALARM', 'ALARM'],
    [2, '0 - X - -', 'ALARM', 'OK'],
    [2, '- - - - 0', 'ALARM', 'OK'],
    [2, '- - - X -', 'ALARM', 'OK'],
  ] as const)('is that of the documentation: %d of 3 of %s', (wanted, printed, breaching, notBreaching) => {
    expect(stateOf(rule(wanted, 'breaching'), valuesOf(printed))).toBe(breaching);
    expect(stateOf(rule(wanted, 'notBreaching'), valuesOf(printed))).toBe(notBreaching);
  });
});
