import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { METRICS } from '../../lib/config/cloudwatch.ts';
import { codeOf, readPage, sectionOf, tableRows } from '../unit/docs/pages.ts';
import {
  EXAMPLE,
  type Properties,
  resourcesOf,
  synthesise,
  temporaryFolder,
  withAlarms,
  writeConfig,
} from './synthesise.ts';

const folder = temporaryFolder();
const template = synthesise(EXAMPLE, join(folder, 'example'));
const byName = new Map(
  Object.values(resourcesOf(template, 'AWS::CloudWatch::Alarm')).map((alarm) => [
    String(alarm['AlarmName']).replace('Vsweep-', ''),
    alarm,
  ]),
);
/** An alarm is called `<kind>`, or `<kind>-<of what>`. */
const KINDS = [
  ...['failing', 'missing', 'slow', 'late', 'duplicate', 'suspended', 'host-keys', 'no-push'],
  ...['throttles', 'errors', 'dead-letters', 'pushgateway', 'task', 'secret-reads'],
];
const writeDeployable = (yaml: string) => writeConfig(folder, withAlarms(yaml));
const minimal = (more: string) =>
  writeDeployable(
    `targets: [{ name: vc, credentials: { secret: vc } }]\nsweeps: [{ name: s, every: 1m, collectors: [overall-status] }]\n${more}\n`,
  );

describe('the alarms', () => {
  it('stand in docs/operations.md by their kinds, each once', () => {
    const documented = tableRows(sectionOf('docs/operations.md', 'Alarms')).map(([name]) => codeOf(name));
    expect(documented.toSorted()).toEqual(KINDS.toSorted());
    const unknown = [...byName.keys()].filter((name) => !KINDS.some((kind) => name.startsWith(kind)));
    expect(unknown).toEqual([]);
  });

  it('of a stack with one sweep that pushes are as many as docs/scaling.md counts, and its metrics', () => {
    const yaml = minimal('push: { url: "https://push.example.org" }');
    const made = Object.keys(
      resourcesOf(synthesise(yaml, join(folder, 'counted')), 'AWS::CloudWatch::Alarm'),
    );
    const { hosts: _byOutcome, ...ofSweep } = METRICS;
    expect(readPage('docs/scaling.md')).toContain(
      `${Object.keys(ofSweep).length} metrics, and one per outcome of hosts (ok, failed, skipped); ${made.length} alarms`,
    );
  });

  it('tell one topic when something is wrong and when it is well again', () => {
    const [topic] = Object.keys(resourcesOf(template, 'AWS::SNS::Topic'));
    for (const alarm of byName.values()) {
      expect(alarm).toMatchObject({ AlarmActions: [{ Ref: topic }], OKActions: [{ Ref: topic }] });
    }
  });

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
      'status: seconds per run',
      'Functions: errors and throttles',
    ]) {
      expect(body).toContain(title);
    }
  });
});

describe('schedules split by target', () => {
  it('are one a sweep and target, so that a slow target has a run of its own', () => {
    const file = writeDeployable(
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

describe('schedules split by target, whose names run into each other or are as long as names may be', () => {
  it('are made, each by itself', () => {
    const long = 'n'.repeat(253);
    const most = 's'.repeat(230);
    const file = writeDeployable(
      `targets: [{ name: c, credentials: { secret: c } }, { name: b-c, credentials: { secret: b } }, { name: ${long}, url: "https://long", credentials: { secret: l } }]\n` +
        `sweeps: [{ name: a-b, every: 1m, targets: [c], collectors: [overall-status] }, { name: a, job: a, every: 1m, targets: [b-c], collectors: [overall-status] }, { name: ${most}, job: m, every: 1m, targets: [${long}], collectors: [overall-status] }]\n` +
        'aws: { split: target }\n',
    );
    const schedules = Object.values(
      resourcesOf(synthesise(file, join(folder, 'alike')), 'AWS::Scheduler::Schedule'),
    );
    expect(schedules).toHaveLength(3);
    for (const { Description } of schedules) expect(String(Description).length).toBeLessThanOrEqual(512);
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
    const isWorker = ({ FunctionName }: Properties) => FunctionName === 'Vsweep-collect-batch';
    expect(functions.find(isWorker)).toMatchObject({
      MemorySize: 3008,
      Timeout: 45,
      ReservedConcurrentExecutions: 20,
    });
    const others = functions.filter((one) => !isWorker(one));
    for (const one of others) expect(one['ReservedConcurrentExecutions']).toBeUndefined();
  });
});
