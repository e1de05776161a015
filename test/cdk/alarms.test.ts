import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { METRICS } from '../../lib/config/cloudwatch.ts';
import { planRunTimes } from '../../lib/config/run-times.ts';
import { codeOf, sectionOf, tableRows } from '../unit/docs/pages.ts';
import { EXAMPLE, resourcesOf, synthesise, temporaryFolder, writeConfig } from './synthesise.ts';

const folder = temporaryFolder();
const template = synthesise(EXAMPLE, join(folder, 'example'));
const byName = new Map(
  Object.values(resourcesOf(template, 'AWS::CloudWatch::Alarm')).map((alarm) => [
    String(alarm['AlarmName']).replace('Vsweep-', ''),
    alarm,
  ]),
);
const OF_SWEEP = ['failing', 'missing', 'slow', 'late', 'suspended', 'no-push'];
const KINDS = [...OF_SWEEP, 'throttles', 'dead-letters'];
const minimal = (more: string) =>
  writeConfig(
    folder,
    `targets: [{ name: vc, credentials: { secret: vc } }]\nsweeps: [{ name: s, every: 1m, collectors: [overall-status] }]\n${more}\n`,
  );

describe('the alarms', () => {
  it('are six a sweep, one a function for throttles, and one for what came to nothing', () => {
    const ofSweeps = ['services', 'status'].flatMap((sweep) => OF_SWEEP.map((name) => `${name}-${sweep}`));
    const ofFunctions = ['sweep', 'collect-batch', 'poll'].map((name) => `throttles-${name}`);
    expect([...byName.keys()].sort()).toEqual([...ofSweeps, ...ofFunctions, 'dead-letters'].sort());
  });

  it('stand in docs/operations.md by their names, each once', () => {
    const documented = tableRows(sectionOf('docs/operations.md', 'Alarms')).map(([name]) => codeOf(name));
    const kinds = [...byName.keys()].map((name) => KINDS.find((kind) => name.startsWith(kind)));
    expect(documented.toSorted()).toEqual([...new Set(kinds)].toSorted());
  });

  it('tell one topic when something is wrong and when it is well again', () => {
    const [topic] = Object.keys(resourcesOf(template, 'AWS::SNS::Topic'));
    for (const alarm of byName.values()) {
      expect(alarm).toMatchObject({ AlarmActions: [{ Ref: topic }], OKActions: [{ Ref: topic }] });
    }
  });

  it.each(['missing', 'no-push'])('take silence for a fault: %s', (name) => {
    expect(byName.get(`${name}-services`)).toMatchObject({
      TreatMissingData: 'breaching',
      Period: 60,
      EvaluationPeriods: 3,
      ComparisonOperator: 'LessThanThreshold',
      Threshold: 1,
    });
    expect(byName.get(`${name}-status`)).toMatchObject({ Period: 300, EvaluationPeriods: 3 });
  });

  it.each([
    ['services', 60_000],
    ['status', 300_000],
  ])(
    'ring when the time for collecting is used up, which comes before a run is ended: %s',
    (sweep, everyMs) => {
      const { collectEnd, runEnd } = planRunTimes({ start: 0, everyMs });
      const alarm = byName.get(`slow-${sweep}`);
      expect(alarm).toMatchObject({
        MetricName: METRICS.runSeconds,
        ComparisonOperator: 'GreaterThanThreshold',
        Threshold: Math.floor(collectEnd / 1_000),
      });
      expect(alarm?.['Threshold']).toBeLessThan(runEnd / 1_000);
    },
  );

  it('do not wait for pushes where nothing is pushed', () => {
    const alone = synthesise(minimal(''), join(folder, 'no-push'));
    const names = Object.values(resourcesOf(alone, 'AWS::CloudWatch::Alarm')).map(
      ({ AlarmName }) => AlarmName,
    );
    expect(names).toContain('Vsweep-missing-s');
    expect(names).not.toContain('Vsweep-no-push-s');
  });

  it('go to the addresses that the configuration names, or to a topic that is there already', () => {
    const emails = synthesise(
      minimal('aws: { alarms: { emails: [ops@example.org] } }'),
      join(folder, 'emails'),
    );
    expect(Object.values(resourcesOf(emails, 'AWS::SNS::Subscription'))).toMatchObject([
      { Protocol: 'email', Endpoint: 'ops@example.org' },
    ]);
    const arn = 'arn:aws:sns:eu-central-1:111122223333:ops';
    const own = synthesise(minimal(`aws: { alarms: { topicArn: "${arn}" } }`), join(folder, 'topic'));
    own.resourceCountIs('AWS::SNS::Topic', 0);
    for (const alarm of Object.values(resourcesOf(own, 'AWS::CloudWatch::Alarm'))) {
      expect(alarm['AlarmActions']).toEqual([arn]);
    }
  });
});

describe('the dashboard', () => {
  it('shows a row a sweep and one of the functions', () => {
    const [dashboard] = Object.values(resourcesOf(template, 'AWS::CloudWatch::Dashboard'));
    const body = JSON.stringify(dashboard?.['DashboardBody']);
    for (const title of [
      'services: hosts by outcome',
      'status: seconds a run',
      'Functions: errors and throttles',
    ]) {
      expect(body).toContain(title);
    }
  });
});

describe('schedules split by target', () => {
  it('are one a sweep and target, so that a slow target has a run of its own', () => {
    const file = writeConfig(
      folder,
      'targets: [{ name: a, credentials: { secret: a } }, { name: b, credentials: { secret: b } }]\n' +
        'sweeps: [{ name: s, every: 1m, collectors: [overall-status] }, { name: t, every: 5m, targets: [b], collectors: [overall-status] }]\n' +
        'aws: { split: target }\n',
    );
    const events = Object.values(
      resourcesOf(synthesise(file, join(folder, 'split')), 'AWS::Scheduler::Schedule'),
    ).map(({ Target }) => JSON.parse((Target as { Input: string }).Input));
    expect(events.map(({ sweep, target }) => `${sweep} on ${target}`).sort()).toEqual([
      's on a',
      's on b',
      't on b',
    ]);
  });
});

describe('the settings of functions', () => {
  it('are those of the configuration where it has some, and no concurrency is reserved otherwise', () => {
    const file = minimal(
      'aws: { functions: { collect-batch: { memoryMb: 3008, timeout: 45s, reservedConcurrency: 20 } } }',
    );
    const functions = Object.values(
      resourcesOf(synthesise(file, join(folder, 'sizes')), 'AWS::Lambda::Function'),
    );
    expect(functions.find(({ Description }) => Description === 'vsweep collect-batch')).toMatchObject({
      MemorySize: 3008,
      Timeout: 45,
      ReservedConcurrentExecutions: 20,
    });
    const others = functions.filter(({ Description }) => Description !== 'vsweep collect-batch');
    for (const one of others) expect(one['ReservedConcurrentExecutions']).toBeUndefined();
  });
});
