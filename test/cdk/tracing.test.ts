import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { statementsOf } from './policies.ts';
import { resourcesOf, synthesise, temporaryFolder, withAlarms, writeConfig } from './synthesise.ts';

const folder = temporaryFolder();
const ROLES = ['SweepRole', 'CollectBatchRole', 'PollRole'];
const NETWORK =
  'network: { vpcId: new, dynamodbPrefixList: pl-0123456789abcdef0, egressCidrs: [10.0.0.0/8] }';

const templateOf = (name: string, aws: string) =>
  synthesise(
    writeConfig(
      folder,
      withAlarms(`targets: [{ name: vc01, credentials: { secret: vc01 } }]
sweeps: [{ name: status, every: 1m, collectors: [overall-status] }]
aws: { ${aws} }`),
    ),
    join(folder, name),
  );

const xrayOf = (template: ReturnType<typeof templateOf>, role: string) =>
  statementsOf(template, role).flatMap(({ actions }) =>
    actions.filter((action) => action.startsWith('xray:')),
  );
const endpointsOf = (template: ReturnType<typeof templateOf>) =>
  JSON.stringify(resourcesOf(template, 'AWS::EC2::VPCEndpoint'));

describe('traces', () => {
  it('are sent of every function where they are asked for, with the rights to send them and no others', () => {
    const template = templateOf('traced', 'tracing: true');
    for (const { TracingConfig } of Object.values(resourcesOf(template, 'AWS::Lambda::Function'))) {
      expect(TracingConfig).toEqual({ Mode: 'Active' });
    }
    for (const role of ROLES) {
      expect(xrayOf(template, role).sort()).toEqual(['xray:PutTelemetryRecords', 'xray:PutTraceSegments']);
    }
  });

  it('are not sent otherwise', () => {
    const template = templateOf('untraced', 'tracing: false');
    for (const { TracingConfig } of Object.values(resourcesOf(template, 'AWS::Lambda::Function'))) {
      expect(TracingConfig).toBeUndefined();
    }
    expect(ROLES.flatMap((role) => xrayOf(template, role))).toEqual([]);
  });

  it('have an endpoint in a VPC, where there are traces', () => {
    expect(endpointsOf(templateOf('traced-vpc', `tracing: true, ${NETWORK}`))).toContain('.xray"');
    expect(endpointsOf(templateOf('untraced-vpc', NETWORK))).not.toContain('xray');
  });
});
