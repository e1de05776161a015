import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readDeployment } from '../../cdk/read-deployment.ts';
import { statementsOf } from './policies.ts';
import { resourcesOf, synthesise, temporaryFolder, withAlarms, writeConfig } from './synthesise.ts';

const folder = temporaryFolder();
const ARN = 'arn:aws:aps:eu-central-1:111122223333:workspace/ws-0a1b2c3d-0000-4000-8000-0a1b2c3d4e5f';
const NETWORK = 'vpcId: new, dynamodbPrefixList: pl-0123456789abcdef0, egressCidrs: [10.0.0.0/8]';

const configOf = (more: string) =>
  writeConfig(
    folder,
    withAlarms(`targets: [{ name: vc01, credentials: { secret: vc01 } }]
sweeps: [{ name: status, every: 1m, collectors: [overall-status] }]
${more}`),
  );
const templateOf = (name: string, more: string) => synthesise(configOf(more), join(folder, name));
const apsOf = (template: ReturnType<typeof templateOf>, role: string) =>
  statementsOf(template, role).filter(({ actions }) => actions.some((action) => action.startsWith('aps:')));
const endpointsOf = (template: ReturnType<typeof templateOf>) =>
  JSON.stringify(resourcesOf(template, 'AWS::EC2::VPCEndpoint'));
const WRITES = `remoteWrite: { workspaceArn: "${ARN}" }`;

describe('a workspace of Amazon Managed Service for Prometheus', () => {
  it('is written to by the function that sweeps, and by no other, and nothing else is done with it', () => {
    const template = templateOf('workspace', WRITES);
    expect(apsOf(template, 'SweepRole')).toMatchObject([{ actions: ['aps:RemoteWrite'], resources: [ARN] }]);
    for (const role of ['CollectBatchRole', 'PollRole']) expect(apsOf(template, role)).toEqual([]);
  });

  it('needs neither a Pushgateway nor a VPC', () => {
    const template = templateOf('alone', WRITES);
    expect(Object.keys(resourcesOf(template, 'AWS::ECS::Service'))).toEqual([]);
    expect(Object.keys(resourcesOf(template, 'AWS::EC2::VPC'))).toEqual([]);
  });

  it('is reached by an endpoint in a VPC where one is named, and is none of a deployment that names none', () => {
    const made = templateOf('endpoint', `${WRITES}\naws: { network: { ${NETWORK} } }`);
    expect(endpointsOf(made)).toContain('.aps-workspaces"');
    const without = templateOf('none', `aws: { network: { ${NETWORK} } }`);
    expect(endpointsOf(without)).not.toContain('aps-workspaces');
    expect(apsOf(without, 'SweepRole')).toEqual([]);
  });

  it('is reached by the NAT gateway where its endpoint is not wanted', () => {
    const chosen = `aws: { network: { ${NETWORK}, nat: true, endpoints: { aps-workspaces: none } } }`;
    expect(endpointsOf(templateOf('nat', `${WRITES}\n${chosen}`))).not.toContain('aps-workspaces');
  });

  it('is refused where its endpoint is in another region than what else is named by its ARN', () => {
    const more = `${WRITES.replace('eu-central-1', 'eu-west-1')}
aws: { network: { ${NETWORK} }, kmsKeyArn: "arn:aws:kms:eu-central-1:111122223333:key/1234abcd" }`;
    expect(() => readDeployment(configOf(more))).toThrow(/remoteWrite\.workspaceArn: is in eu-west-1/);
  });

  it('may be in another region where the functions reach it over the internet', () => {
    const more = `${WRITES.replace('eu-central-1', 'eu-west-1')}
aws: { kmsKeyArn: "arn:aws:kms:eu-central-1:111122223333:key/1234abcd" }`;
    expect(readDeployment(configOf(more)).config.remoteWrite?.region).toBe('eu-west-1');
  });
});
