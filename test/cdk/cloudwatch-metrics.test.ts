import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { statementsOf } from './policies.ts';
import { resourcesOf, synthesise, temporaryFolder, withAlarms, writeConfig } from './synthesise.ts';

const folder = temporaryFolder();
const NETWORK = 'vpcId: new, dynamodbPrefixList: pl-0123456789abcdef0, egressCidrs: [10.0.0.0/8]';

const templateOf = (name: string, more: string) =>
  synthesise(
    writeConfig(
      folder,
      withAlarms(`targets: [{ name: vc01, credentials: { secret: vc01 } }]
sweeps: [{ name: status, every: 1m, collectors: [overall-status] }]
aws: { network: { ${NETWORK} } }
${more}`),
    ),
    join(folder, name),
  );
const metricsRights = (template: ReturnType<typeof templateOf>, role: string) =>
  statementsOf(template, role).filter(({ actions }) =>
    actions.some((action) => action.startsWith('cloudwatch:')),
  );
const endpoints = (template: ReturnType<typeof templateOf>) =>
  JSON.stringify(resourcesOf(template, 'AWS::EC2::VPCEndpoint'));

describe('CloudWatch as a receiver of OTLP', () => {
  it('takes metrics of the function that sweeps, in its region, and is reached by an endpoint', () => {
    const template = templateOf('cloudwatch', 'otlp: { region: eu-central-1 }');
    expect(metricsRights(template, 'SweepRole')).toMatchObject([
      {
        actions: ['cloudwatch:PutMetricData'],
        resources: ['*'],
        condition: { StringEquals: { 'aws:RequestedRegion': 'eu-central-1' } },
      },
    ]);
    for (const role of ['CollectBatchRole', 'PollRole']) expect(metricsRights(template, role)).toEqual([]);
    expect(endpoints(template)).toContain('.monitoring"');
  });

  it('is none of a deployment whose receiver is another one', () => {
    const template = templateOf('receiver', 'otlp: { url: "https://otlp.example.org" }');
    expect(metricsRights(template, 'SweepRole')).toEqual([]);
    expect(endpoints(template)).not.toContain('.monitoring"');
  });
});
