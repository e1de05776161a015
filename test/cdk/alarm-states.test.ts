import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { METRICS } from '../../lib/config/cloudwatch.ts';
import { planRunTimes } from '../../lib/config/run-times.ts';
import { LATE_EVENT, type RunMetric, toRunMetrics } from '../../lib/sweep/result/run-metrics.ts';
import { notSwept, type RunSummary, type TargetSummary } from '../../lib/sweep/result/summary.ts';
import {
  type AlarmRule,
  type AlarmState,
  type MetricValue,
  perPeriod,
  stateOf,
} from '../support/cloudwatch/alarm-state.ts';
import { resourcesOf, synthesise, temporaryFolder, withAlarms, writeConfig } from './synthesise.ts';

const HOUR = 3_600;
/** Seconds by the name of the sweep. */
const EVERY = { minute: 60, 'half-hour': HOUR / 2, hour: HOUR, day: 24 * HOUR };
/** Lambda's own limit, which the sweep function of these gets. */
const TIMEOUT_MS = 900_000;

const folder = temporaryFolder();
const configOf = (sweeps: Readonly<Record<string, number>>) =>
  writeConfig(
    folder,
    withAlarms(`
targets: [{ name: vc, credentials: { secret: vc } }]
esxi: { credentials: { secret: vsweep/esxi } }
sweeps:
${Object.entries(sweeps)
  .map(([name, seconds]) => `  - { name: ${name}, every: ${seconds / 60}m, collectors: [overall-status] }`)
  .join('\n')}
aws:
  alarms: { emails: [ops@example.org], secretReads: true }
  network: { vpcId: new, endpoints: nat, egressCidrs: [10.0.0.0/8] }
  pushgateway: { deploy: true, prometheusCidrs: [10.0.0.0/8] }
`),
  );

interface DeployedAlarm extends AlarmRule {
  readonly AlarmName: string;
  readonly MetricName?: string;
  readonly Statistic?: string;
  readonly Period?: number;
  readonly Metrics?: readonly {
    readonly Expression?: string;
    readonly MetricStat?: { readonly Period: number; readonly Stat: string };
  }[];
}
function alarmsOf(sweeps: Readonly<Record<string, number>>): ReadonlyMap<string, DeployedAlarm> {
  const template = synthesise(configOf(sweeps), join(folder, Object.keys(sweeps).join('-')));
  return new Map(
    Object.values(resourcesOf(template, 'AWS::CloudWatch::Alarm')).map((properties) => {
      const alarm = properties as unknown as DeployedAlarm;
      return [alarm.AlarmName.replace('Vsweep-', ''), alarm];
    }),
  );
}
const alarms = alarmsOf(EVERY);

/** When an alarm's state changed, with the times in seconds: it is looked at when a period ends. */
function changesOf(
  alarm: DeployedAlarm,
  values: readonly MetricValue[],
  until: number,
): [number, AlarmState][] {
  const [, inside] = alarm.Metrics ?? [];
  const seconds = alarm.Period ?? inside?.MetricStat?.Period ?? 0;
  const statistic = alarm.Statistic ?? inside?.MetricStat?.Stat ?? '';
  // FILL(…, 0) leaves no period without a value.
  const isFilled = alarm.Metrics?.some(({ Expression }) => Expression?.includes('FILL(') === true) === true;
  const all = perPeriod(values, { seconds, statistic, until }).map(
    (value) => value ?? (isFilled ? 0 : value),
  );
  const states = all.map((_, index) => stateOf(alarm, all.slice(0, index + 1)));
  return states.flatMap((state, index): [number, AlarmState][] =>
    state === (states[index - 1] ?? state) ? [] : [[(index + 1) * seconds, state]],
  );
}

const swept = (more: Partial<TargetSummary> = {}): TargetSummary => ({
  ...notSwept('vc', 'lease', []),
  status: 'swept',
  listing: 'fresh',
  deliveries: [{ sink: 'pushgateway', outcome: 'delivered' }],
  ...more,
});
const run = (targets: readonly TargetSummary[], more: Partial<RunSummary> = {}): RunMetric[] =>
  toRunMetrics({
    runId: 'r',
    sweep: 's',
    scheduledAt: 0,
    startedAt: 0,
    endedAt: 9_000,
    exitCode: 0,
    targets,
    ...more,
  });

interface Fault {
  /** What the run of an interval writes while it is wrong. */
  readonly wrong: (everySeconds: number) => readonly RunMetric[];
  /** The first and the last interval, counted from the first wrong one, at whose end the alarm may begin. */
  readonly begins: readonly [number, number];
  /** The last interval, counted from the first good one, at whose end it may be over. */
  readonly endsBy: number;
}
/** What a worker that is cut off costs the run: until then it is waited for. */
const cutOff = (everySeconds: number) =>
  planRunTimes({ start: 0, everyMs: everySeconds * 1_000, remainingMs: TIMEOUT_MS }).workerEnd;

/** A run may end in the interval after its own, so each bound has one more. */
const OF_SWEEPS: Readonly<Record<string, Fault>> = {
  failing: { wrong: () => run([notSwept('vc', 'unlisted', [])], { exitCode: 1 }), begins: [3, 6], endsBy: 6 },
  missing: { wrong: () => [], begins: [3, 6], endsBy: 2 },
  slow: {
    wrong: (every) => run([swept()], { endedAt: cutOff(every), exitCode: 3 }),
    begins: [3, 6],
    endsBy: 6,
  },
  late: { wrong: () => LATE_EVENT, begins: [3, 6], endsBy: 6 },
  duplicate: { wrong: () => run([swept(), notSwept('other', 'duplicate', [])]), begins: [3, 6], endsBy: 6 },
  suspended: {
    wrong: () => run([swept({ credential: { id: 'secret:esxi', ok: false } })], { exitCode: 3 }),
    begins: [1, 2],
    endsBy: 3,
  },
  'host-keys': { wrong: () => run([swept({ hostKeysPinned: 2 })]), begins: [1, 2], endsBy: 3 },
  'no-push': {
    wrong: () => run([swept({ deliveries: [{ sink: 'pushgateway', outcome: 'failed' }] })], { exitCode: 1 }),
    begins: [3, 6],
    endsBy: 2,
  },
};
const GOOD = 8;
const WRONG = 8;

/** When each of some runs begins, in seconds: on the minute or up to a minute late, from whichever second on. */
const startsOf = (every: number, { offset, lateness }: { offset: number; lateness: readonly number[] }) =>
  lateness.map((late, index) => index * every + offset + late);
const timing = (runs: number) =>
  fc.record({
    offset: fc.integer({ min: 0, max: 59 }),
    lateness: fc.array(fc.integer({ min: 0, max: 59 }), { minLength: runs, maxLength: runs }),
  });

describe.each(Object.entries(EVERY))('the alarms of a sweep every %s', (sweep, every) => {
  it.each(Object.entries(OF_SWEEPS))('%s begins, and is over, whenever runs begin', (kind, fault) => {
    const alarm = alarms.get(`${kind}-${sweep}`);
    if (alarm === undefined) throw new Error(`there is no alarm ${kind}-${sweep}`);
    const { wrong, begins, endsBy } = fault;
    const runs = GOOD + WRONG + GOOD;
    fc.assert(
      fc.property(timing(runs), (when) => {
        const values = startsOf(every, when).flatMap((start, index): MetricValue[] => {
          const isWrong = index >= GOOD && index < GOOD + WRONG;
          const metrics = isWrong ? wrong(every) : run([swept()]);
          // A late event writes nothing else, and takes no time.
          const seconds = metrics.find(({ name }) => name === METRICS.runSeconds)?.value ?? 0;
          return metrics
            .filter(({ name }) => name === alarm.MetricName)
            .map(({ value }) => ({ at: start + seconds, value }));
        });
        const until = runs * every;
        // Before the first run there is nothing, which `missing` may call a fault.
        const changes = changesOf(alarm, values, until).filter(([at]) => at > 4 * every);
        expect(changes.map(([, state]) => state)).toEqual(['ALARM', 'OK']);
        const [[began = 0] = [], [ended = 0] = []] = changes;
        const [earliest, latest] = begins;
        expect(began / every - GOOD).toBeGreaterThanOrEqual(earliest);
        expect(began / every - GOOD).toBeLessThanOrEqual(latest + 1);
        expect(ended / every - GOOD - WRONG).toBeLessThanOrEqual(endsBy + 1);
      }),
      { numRuns: 100 },
    );
  });

  it('none begins while all is well, and none but `suspended` and `host-keys` for one wrong run', () => {
    const kinds = Object.entries(OF_SWEEPS).filter(([kind]) => !['suspended', 'host-keys'].includes(kind));
    fc.assert(
      fc.property(timing(12), fc.constantFrom(...kinds), (when, [kind, { wrong }]) => {
        const alarm = alarms.get(`${kind}-${sweep}`);
        if (alarm === undefined) throw new Error(`there is no alarm ${kind}-${sweep}`);
        const values = startsOf(every, when).flatMap((start, index): MetricValue[] =>
          (index === 6 ? wrong(every) : run([swept()]))
            .filter(({ name }) => name === alarm.MetricName)
            .map(({ value }) => ({ at: start + 9, value })),
        );
        expect(changesOf(alarm, values, 12 * every).filter(([at]) => at > 4 * every)).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });
});

const MINUTE = 60;
interface ServiceFault {
  /** What AWS writes a minute while all is well, and while it is wrong; undefined for nothing. */
  readonly good: number | undefined;
  readonly wrong: number | undefined;
  /** How many minutes it has to be wrong, and how many are too few. */
  readonly minutes: number;
  readonly tooFew: number;
  /** After how many minutes it rings, and is over, at the latest. */
  readonly beginsBy: number;
  readonly endsBy: number;
}
const THROTTLED: ServiceFault = { good: 0, wrong: 2, minutes: 15, tooFew: 10, beginsBy: 15, endsBy: 15 };
const OFTEN = alarmsOf({ minute: MINUTE });
const OF_SERVICES: Readonly<Record<string, ServiceFault>> = {
  'throttles-sweep': THROTTLED,
  'throttles-collect-batch': THROTTLED,
  'throttles-poll': THROTTLED,
  'errors-collect-batch': THROTTLED,
  'errors-poll': THROTTLED,
  'dead-letters': { good: undefined, wrong: 1, minutes: 1, tooFew: 0, beginsBy: 5, endsBy: 45 },
  // Nothing is written where nothing is throttled, and CloudWatch may keep the state then.
  'throttles-table': { ...THROTTLED, good: undefined },
  pushgateway: { good: 1, wrong: 0, minutes: 5, tooFew: 4, beginsBy: 6, endsBy: 1 },
  'secret-reads': { good: undefined, wrong: 1, minutes: 1, tooFew: 0, beginsBy: 5, endsBy: 20 },
};

describe('the alarms of what AWS writes', () => {
  /** Minutes since the fault began, and since it was over. */
  const play = (name: string, { good, wrong }: ServiceFault, minutes: number) => {
    const alarm = OFTEN.get(name);
    if (alarm === undefined) throw new Error(`there is no alarm ${name}`);
    const from = 60;
    const values = Array.from({ length: 180 }, (_, minute): MetricValue[] => {
      const value = minute >= from && minute < from + minutes ? wrong : good;
      return value === undefined ? [] : [{ at: minute * MINUTE, value }];
    }).flat();
    return changesOf(alarm, values, 180 * MINUTE).map(
      ([at, state]) => [at / MINUTE - from - (state === 'OK' ? minutes : 0), state] as const,
    );
  };

  it.each(Object.entries(OF_SERVICES))('%s begins, and is over', (name, fault) => {
    const changes = play(name, fault, fault.minutes);
    expect(changes.map(([, state]) => state)).toEqual(['ALARM', 'OK']);
    expect(changes[0]?.[0]).toBeLessThanOrEqual(fault.beginsBy);
    expect(changes[1]?.[0]).toBeLessThanOrEqual(fault.endsBy);
  });

  it.each(Object.entries(OF_SERVICES).filter(([, { tooFew }]) => tooFew > 0))(
    '%s does not begin for less',
    (name, fault) => {
      expect(play(name, fault, fault.tooFew)).toEqual([]);
    },
  );

  it('takes a Pushgateway of which nothing is written for one that does not run', () => {
    expect(
      play('pushgateway', { ...THROTTLED, good: 1, wrong: undefined }, 15).map(([, state]) => state),
    ).toEqual(['ALARM', 'OK']);
  });

  it('and those of the sweeps are all that there are', () => {
    const ofSweeps = Object.keys(OF_SWEEPS).flatMap((kind) =>
      Object.keys(EVERY).map((name) => `${kind}-${name}`),
    );
    expect([...alarms.keys()].sort()).toEqual([...ofSweeps, ...Object.keys(OF_SERVICES)].sort());
  });
});

/** Those of what runs do, where nothing of the kind is written between runs; the polls are taken to be as rare. */
const OF_RUNS = ['throttles-sweep', 'throttles-collect-batch', 'throttles-poll', 'throttles-table'];
const OF_WORKERS = ['errors-collect-batch', 'errors-poll'];

describe.each(Object.entries({ 'ten-minutes': 10 * MINUTE, 'quarter-hour': 15 * MINUTE, ...EVERY }))(
  'the alarms of what AWS writes about a sweep every %s',
  (sweep, every) => {
    const there = alarmsOf({ [sweep]: every });
    const play = (name: string, when: Parameters<typeof startsOf>[1], isWrong: (run: number) => boolean) => {
      const alarm = there.get(name);
      if (alarm === undefined) throw new Error(`there is no alarm ${name}`);
      // Of a table nothing is written where nothing is throttled.
      const good = name === 'throttles-table' ? [] : [0];
      const values = startsOf(every, when).flatMap((at, run) =>
        (isWrong(run) ? [2] : good).map((value): MetricValue => ({ at, value })),
      );
      return changesOf(alarm, values, when.lateness.length * every);
    };
    // Enough that a window which a minute's sweep fills is seen to end.
    const before = every < 5 * MINUTE ? 15 : 4;
    const wrong = every < 5 * MINUTE ? 30 : 9;
    const after = every < 5 * MINUTE ? 30 : 12;

    it.each([...OF_RUNS, ...OF_WORKERS])(
      '%s rings while every run is wrong, and is over after it',
      (name) => {
        fc.assert(
          fc.property(timing(before + wrong + after), (when) => {
            const changes = play(name, when, (run) => run >= before && run < before + wrong);
            expect(changes.map(([, state]) => state)).toEqual(['ALARM', 'OK']);
            const [[began = 0] = [], [ended = 0] = []] = changes;
            const slack = every < 6 * HOUR ? 15 * MINUTE : 3 * HOUR;
            expect(began - before * every).toBeLessThanOrEqual(3 * every + slack);
            expect(ended - (before + wrong) * every).toBeLessThanOrEqual(4 * every + slack);
          }),
          { numRuns: 20 },
        );
      },
    );

    it.each([...OF_RUNS, ...OF_WORKERS])('%s does not ring for one run', (name) => {
      fc.assert(
        fc.property(timing(before + 10), (when) => {
          expect(play(name, when, (run) => run === before)).toEqual([]);
        }),
        { numRuns: 20 },
      );
    });
  },
);

describe('the errors of workers, where a sweep runs each minute and another each hour', () => {
  const errors = alarmsOf({ often: MINUTE, rarely: HOUR }).get('errors-collect-batch');
  it.each([
    ['of each minute', MINUTE, 20 * MINUTE],
    ['of the hourly one alone', HOUR, 3 * HOUR],
  ])('ring soon enough for those %s, and are over after it', (_what, every, within) => {
    if (errors === undefined) throw new Error('there is no such alarm');
    const [from, to] = [6 * HOUR, 12 * HOUR];
    const values = Array.from({ length: 18 * 60 }, (_, minute): MetricValue => {
      const at = minute * MINUTE;
      return { at, value: at >= from && at < to && at % every === 0 ? 1 : 0 };
    });
    const changes = changesOf(errors, values, 18 * HOUR);
    expect(changes.map(([, state]) => state)).toEqual(['ALARM', 'OK']);
    const [[began = 0] = [], [ended = 0] = []] = changes;
    expect(began - from).toBeLessThanOrEqual(within);
    expect(ended - to).toBeLessThanOrEqual(4.5 * HOUR);
  });
});

describe('dead-letters', () => {
  it.each([0, 5, 10, 15])('rings for one message whose metric comes %d minutes late, once', (late) => {
    const alarm = OFTEN.get('dead-letters');
    if (alarm === undefined) throw new Error('there is no alarm dead-letters');
    const period = alarm.Period ?? 0;
    for (let minute = 0; minute < 5; minute += 1) {
      const message = { at: 60 * MINUTE + minute * MINUTE, value: 1 };
      const states = Array.from({ length: (3 * HOUR) / period }, (_, index) => {
        const now = (index + 1) * period;
        const known = message.at + late * MINUTE <= now ? [message] : [];
        return stateOf(alarm, perPeriod(known, { seconds: period, statistic: 'Sum', until: now }));
      });
      const rings = states.filter((state, index) => state === 'ALARM' && states[index - 1] === 'OK');
      expect(rings).toHaveLength(1);
      expect(states.at(-1)).toBe('OK');
      const ringing = states.indexOf('ALARM') * period + period;
      expect(ringing - message.at).toBeLessThanOrEqual(late * MINUTE + period);
      // Whether CloudWatch looks at periods beyond those that it evaluates is not its promise.
      const { EvaluationPeriods } = alarm;
      expect(EvaluationPeriods * period).toBeGreaterThanOrEqual(late * MINUTE + period);
    }
  });
});
