import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  EVERYTHING,
  resourcesOf,
  synthesise,
  temporaryFolder,
  withAlarms,
  writeConfig,
} from './synthesise.ts';

const ACCOUNT = '111122223333';
const REGION = 'eu-central-1';
const folder = temporaryFolder();
const template = synthesise(
  writeConfig(folder, readFileSync(EVERYTHING, 'utf8').replace('emails: [', 'secretReads: true, emails: [')),
  join(folder, 'everything'),
);

/** What CloudFormation makes of a value, as far as these policies go. */
function resolved(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(resolved);
  if (typeof value !== 'object' || value === null) return value;
  const { Ref, 'Fn::Join': join, 'Fn::GetAtt': attribute } = value as Record<string, never>;
  const { 'Fn::Select': select, 'Fn::Split': split } = value as Record<string, never>;
  if (select !== undefined)
    return (resolved((select as unknown[])[1]) as string[])[(select as number[])[0] ?? 0];
  if (split !== undefined)
    return String(resolved((split as unknown[])[1])).split((split as string[])[0] ?? '');
  if (Ref !== undefined) {
    if (String(Ref).startsWith('IntegritySecret'))
      return `arn:aws:secretsmanager:${REGION}:${ACCOUNT}:secret:IntegritySecret1A2B-c3D4e5-AbCdEf`;
    const known: Record<string, string> = {
      'AWS::AccountId': ACCOUNT,
      'AWS::Region': REGION,
      'AWS::Partition': 'aws',
    };
    return known[Ref] ?? `arn-of-${Ref}`;
  }
  if (attribute !== undefined) return `arn-of-${(attribute as string[])[0]}`;
  if (join !== undefined)
    return ((resolved((join as unknown[])[1]) as string[]) ?? []).join((join as string[])[0]);
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, resolved(one)]));
}

type SecretPattern = string | { readonly wildcard?: string; readonly suffix?: string };

/** As EventBridge compares. */
function fits(pattern: SecretPattern, value: string): boolean {
  if (typeof pattern === 'string') return pattern === value;
  const { wildcard, suffix } = pattern;
  if (suffix !== undefined) return value.endsWith(suffix);
  return wildcard !== undefined && new RegExp(`^${wildcard.replaceAll('*', '.*')}$`).test(value);
}

interface Statement {
  readonly Effect: 'Allow' | 'Deny';
  readonly Principal: { readonly Service?: string; readonly AWS?: string } | '*';
  readonly Action: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}
interface Request {
  readonly service: string;
  readonly context: Readonly<Record<string, string>>;
}

const isLike = (pattern: string, text: string) =>
  new RegExp(
    `^${pattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
  ).test(text);

/** Whether a statement of a policy is about the request: its principal, its action, and all its conditions. */
function applies({ Principal, Action, Condition = {} }: Statement, { service, context }: Request): boolean {
  const isItsPrincipal = Principal === '*' || Principal.AWS === '*' || Principal.Service === service;
  const isItsAction = [Action]
    .flat()
    .some((action) => isLike(action, 'sns:Publish') || isLike(action, 'SNS:Publish'));
  const holds = Object.entries(Condition).every(([operator, keys]) =>
    Object.entries(keys).every(([key, wanted]) => {
      const found = context[key];
      if (found === undefined) return false;
      return operator.endsWith('Like') ? isLike(wanted, found) : wanted === found;
    }),
  );
  return isItsPrincipal && isItsAction && holds;
}

/** A resource policy alone decides for a service: something allows it, and nothing denies it. */
function mayPublish(topic: string, request: Request): boolean {
  const statements = Object.values(resourcesOf(template, 'AWS::SNS::TopicPolicy'))
    .filter(({ Topics }) => JSON.stringify(Topics) === JSON.stringify([{ Ref: topic }]))
    .flatMap(({ PolicyDocument }) => (resolved(PolicyDocument) as { Statement: Statement[] }).Statement)
    .filter((statement) => applies(statement, request));
  return statements.length > 0 && statements.every(({ Effect }) => Effect === 'Allow');
}

describe('the topic of the stack', () => {
  const alarms = Object.values(resourcesOf(template, 'AWS::CloudWatch::Alarm'));
  const requestOf = (alarmName: unknown, more: object = {}): Request => ({
    service: 'cloudwatch.amazonaws.com',
    context: {
      'aws:SourceAccount': ACCOUNT,
      'aws:SourceArn': `arn:aws:cloudwatch:${REGION}:${ACCOUNT}:alarm:${alarmName}`,
      'aws:SecureTransport': 'true',
      ...more,
    },
  });
  const topicsOf = (alarm: Readonly<Record<string, unknown>>) =>
    ['AlarmActions', 'OKActions'].flatMap((key) => (alarm[key] as { Ref: string }[]).map(({ Ref }) => Ref));

  it('lets CloudWatch publish for each of the alarms, when it begins and when it is over', () => {
    expect(alarms.length).toBeGreaterThan(10);
    for (const alarm of alarms) {
      const topics = topicsOf(alarm);
      expect(topics).toHaveLength(2);
      for (const topic of topics) expect(mayPublish(topic, requestOf(alarm['AlarmName']))).toBe(true);
    }
  });

  it.each([
    ['another account', 'Vsweep-missing-services', { 'aws:SourceAccount': '999999999999' }],
    ['another alarm of the account', 'Other-missing-services', {}],
    ['plain HTTP', 'Vsweep-missing-services', { 'aws:SecureTransport': 'false' }],
  ])('lets nobody publish for %s', (_which, name, more) => {
    const [topic = ''] = topicsOf(alarms[0] ?? {});
    expect(mayPublish(topic, requestOf(name, more))).toBe(false);
  });

  it('lets EventBridge publish for the rule that watches the secret, and for no other', () => {
    const [[rule, { Targets }] = ['', { Targets: [] }]] = Object.entries(
      resourcesOf(template, 'AWS::Events::Rule'),
    );
    const [{ Arn }] = Targets as [{ Arn: { Ref: string } }];
    const from = (source: string): Request => ({
      service: 'events.amazonaws.com',
      context: { 'aws:SourceArn': source, 'aws:SecureTransport': 'true' },
    });
    expect(mayPublish(Arn.Ref, from(`arn-of-${rule}`))).toBe(true);
    expect(mayPublish(Arn.Ref, from('arn-of-another'))).toBe(false);
  });

  it.each([
    ["the hosts' secret", 'vsweep/esxi'],
    ['the integrity secret', 'IntegritySecret1A2B-c3D4e5'],
  ])('is told of reads of %s, by its name and by its ARN, whole or without its end', (_which, name) => {
    const [rule] = Object.values(resourcesOf(template, 'AWS::Events::Rule'));
    const { detail } = resolved(rule?.['EventPattern']) as {
      detail: { requestParameters: { secretId: SecretPattern[] } };
    };
    const isTold = (secretId: string) =>
      detail.requestParameters.secretId.some((pattern) => fits(pattern, secretId));
    const arn = `arn:aws:secretsmanager:${REGION}:${ACCOUNT}:secret:${name}`;
    expect([name, arn, `${arn}-AbCdEf`].map(isTold)).toEqual([true, true, true]);
    expect([`${name}2`, `${arn}2`, 'vsweep/vc01'].map(isTold)).toEqual([false, false, false]);
  });

  it('is not made where the operator has one, whose policy is his', () => {
    const arn = `arn:aws:sns:${REGION}:${ACCOUNT}:ops`;
    const own = synthesise(
      writeConfig(
        folder,
        withAlarms(
          `targets: [{ name: vc, credentials: { secret: vc } }]\nsweeps: [{ name: s, every: 1m, collectors: [overall-status] }]\naws: { alarms: { topicArn: "${arn}" } }`,
        ),
      ),
      join(folder, 'own'),
    );
    own.resourceCountIs('AWS::SNS::TopicPolicy', 0);
  });
});
