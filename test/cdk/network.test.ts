import { join } from 'node:path';
import type { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { resourcesOf, synthesise, temporaryFolder, withAlarms, writeConfig } from './synthesise.ts';

const folder = temporaryFolder();
let count = 0;

const EXISTING =
  'vpcId: vpc-0123456789abcdef0, subnets: [subnet-0123456789abcdef0, subnet-0123456789abcdef1]';
const CREATE = 'routeTables: [rtb-0123456789abcdef0], dynamodbPrefixList: pl-0123456789abcdef0';

function stackOf(aws: string, push = 'push: { url: "https://gw.example.org:9091" }'): Template {
  count += 1;
  const text = [
    'targets: [{ name: vc01, credentials: { secret: vc01 } }, { name: esx99, url: "https://esx99:8443/sdk", credentials: { secret: vc01 } }]',
    'esxi: { credentials: { secret: esxi }, hostKeys: { unknown: refuse }, overrides: { esx01: "10.0.0.7:2222", esx02: "[fd00::7]:2022" } }',
    'sweeps: [{ name: services, every: 1m, collectors: [ssh-services] }]',
    'netbox: { url: "https://netbox:8444", token: { secret: vsweep/netbox } }',
    push,
    `aws: ${aws}`,
  ];
  return synthesise(writeConfig(folder, withAlarms(text.join('\n'))), join(folder, String(count)));
}

interface Rule {
  readonly CidrIp?: string;
  readonly CidrIpv6?: string;
  readonly FromPort?: number;
  readonly ToPort?: number;
  readonly DestinationPrefixListId?: string;
}

const groupOf = (template: Template, description: string) => {
  const [found] = Object.entries(resourcesOf(template, 'AWS::EC2::SecurityGroup')).filter(
    ([, { GroupDescription }]) => GroupDescription === description,
  );
  if (found === undefined) throw new Error(`no security group ${description}`);
  return found;
};

/** What a group lets out to, of the rules that stand in it and those that name another group. */
function letOut(template: Template, description: string): string[] {
  const [id, { SecurityGroupEgress = [] }] = groupOf(template, description);
  const inline = (SecurityGroupEgress as Rule[]).map(
    ({ CidrIp, CidrIpv6, DestinationPrefixListId, FromPort, ToPort }) => {
      expect(ToPort).toBe(FromPort);
      return `${CidrIp ?? CidrIpv6 ?? DestinationPrefixListId}:${FromPort}`;
    },
  );
  const toGroups = Object.values(resourcesOf(template, 'AWS::EC2::SecurityGroupEgress'))
    .filter(({ GroupId }) => idIn(GroupId) === id)
    .map((rule) => `${rule['DestinationPrefixListId'] ?? rule['Description']}:${rule['FromPort']}`);
  return [...inline, ...toGroups].sort();
}

const idIn = (reference: unknown) => (reference as { 'Fn::GetAtt': [string] })['Fn::GetAtt'][0];

describe('functions without a network', () => {
  it('stand in no VPC, and nothing of one is made', () => {
    const template = stackOf('{ allowPublicEgress: true }');
    for (const lambda of Object.values(resourcesOf(template, 'AWS::Lambda::Function'))) {
      expect(lambda['VpcConfig']).toBeUndefined();
    }
    expect(resourcesOf(template, 'AWS::EC2::SecurityGroup')).toEqual({});
  });
});

describe('functions in an existing VPC', () => {
  const template = stackOf(
    `{ network: { ${EXISTING}, ${CREATE}, egressCidrs: [10.0.0.0/8, 192.168.0.0/16] } }`,
  );

  it('stand in the subnets that the configuration names, each in a group of its own', () => {
    const placed = Object.values(resourcesOf(template, 'AWS::Lambda::Function')).map(
      ({ VpcConfig }) => VpcConfig as { SubnetIds: string[]; SecurityGroupIds: unknown[] },
    );
    for (const { SubnetIds } of placed) {
      expect(SubnetIds).toEqual(['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1']);
    }
    const groups = placed.flatMap(({ SecurityGroupIds }) => SecurityGroupIds.map(idIn));
    expect(new Set(groups).size).toBe(3);
  });

  it('reach the ports that the configuration names, in its ranges, and the APIs of AWS that they use', () => {
    const inRanges = (...ports: number[]) =>
      ports.flatMap((port) => [`10.0.0.0/8:${port}`, `192.168.0.0/16:${port}`]);
    const apis = ['SecretsManager:443', 'pl-0123456789abcdef0:443'];
    expect(letOut(template, 'vsweep sweep')).toEqual(
      [...inRanges(443, 8443, 8444, 9091), ...apis, 'Lambda:443'].sort(),
    );
    expect(letOut(template, 'vsweep collect-batch')).toEqual(
      [...inRanges(22, 443, 2022, 2222, 8443), ...apis].sort(),
    );
    expect(letOut(template, 'vsweep poll')).toEqual([...inRanges(443, 8443), ...apis].sort());
  });

  it('let nobody in', () => {
    const ofFunctions = ['sweep', 'collect-batch', 'poll'].map((name) => groupOf(template, `vsweep ${name}`));
    const entered = Object.values(resourcesOf(template, 'AWS::EC2::SecurityGroupIngress')).map(
      ({ GroupId }) => idIn(GroupId),
    );
    for (const [id, { SecurityGroupIngress }] of ofFunctions) {
      expect(SecurityGroupIngress).toBeUndefined();
      expect(entered).not.toContain(id);
    }
  });

  it('reach AWS by endpoints in the VPC: DynamoDB by the free one, Secrets Manager and Lambda by interfaces', () => {
    const endpoints = Object.values(resourcesOf(template, 'AWS::EC2::VPCEndpoint')).map(
      ({ VpcEndpointType, ServiceName, PrivateDnsEnabled }) => [
        VpcEndpointType,
        JSON.stringify(ServiceName).match(/(dynamodb|secretsmanager|lambda)/)?.[1],
        PrivateDnsEnabled,
      ],
    );
    expect(endpoints.sort()).toEqual([
      ['Gateway', 'dynamodb', undefined],
      ['Interface', 'lambda', true],
      ['Interface', 'secretsmanager', true],
    ]);
  });

  it('make no endpoint where there are some, and then let out to the ranges by https', () => {
    const existing = stackOf(`{ network: { ${EXISTING}, egressCidrs: [10.0.0.0/8], endpoints: existing } }`);
    expect(resourcesOf(existing, 'AWS::EC2::VPCEndpoint')).toEqual({});
    expect(letOut(existing, 'vsweep poll')).toEqual(['10.0.0.0/8:443', '10.0.0.0/8:8443']);
  });
});

describe('functions in a new VPC', () => {
  const subnetsOf = (template: Template) =>
    Object.values(resourcesOf(template, 'AWS::EC2::Subnet')).map(
      ({ MapPublicIpOnLaunch }) => MapPublicIpOnLaunch,
    );

  it('have no way to the internet unless a NAT gateway is asked for', () => {
    const template = stackOf(
      '{ network: { vpcId: new, cidr: 10.90.0.0/25, egressCidrs: [10.0.0.0/8], dynamodbPrefixList: pl-0123456789abcdef0 } }',
    );
    template.resourceCountIs('AWS::EC2::NatGateway', 0);
    template.resourceCountIs('AWS::EC2::InternetGateway', 0);
    expect(Object.values(resourcesOf(template, 'AWS::EC2::VPC'))).toMatchObject([
      { CidrBlock: '10.90.0.0/25' },
    ]);
    expect(subnetsOf(template)).toEqual([false, false]);
  });

  it('go out by one NAT gateway, by https, where that is asked for', () => {
    const template = stackOf('{ network: { vpcId: new, egressCidrs: [10.0.0.0/8], endpoints: nat } }');
    template.resourceCountIs('AWS::EC2::NatGateway', 1);
    template.resourceCountIs('AWS::EC2::VPCEndpoint', 0);
    expect(letOut(template, 'vsweep poll')).toEqual(['0.0.0.0/0:443', '10.0.0.0/8:443', '10.0.0.0/8:8443']);
    expect(subnetsOf(template)).toEqual([false, false, false, false]);
  });
});

describe('a deployed Pushgateway', () => {
  const ECR = '111122223333.dkr.ecr.eu-central-1.amazonaws.com/pushgateway:v1.11.3';
  const template = stackOf(
    `{ network: { ${EXISTING}, ${CREATE}, s3PrefixList: pl-0123456789abcdef1, egressCidrs: [10.0.0.0/8] }, pushgateway: { deploy: true, image: "${ECR}", prometheusCidrs: [10.0.5.0/24] } }`,
    '',
  );

  it('is one task, never two at once, not even during a deployment', () => {
    expect(Object.values(resourcesOf(template, 'AWS::ECS::Service'))).toMatchObject([
      {
        DesiredCount: 1,
        DeploymentConfiguration: { MinimumHealthyPercent: 0, MaximumPercent: 100 },
        NetworkConfiguration: { AwsvpcConfiguration: { AssignPublicIp: 'DISABLED' } },
      },
    ]);
  });

  it('is health-checked and of the image that the configuration names', () => {
    const [task] = Object.values(resourcesOf(template, 'AWS::ECS::TaskDefinition'));
    expect(task?.['ContainerDefinitions']).toMatchObject([
      {
        Image: ECR,
        HealthCheck: { Command: expect.arrayContaining([expect.stringContaining('/-/healthy')]) },
        PortMappings: [{ ContainerPort: 9091 }],
      },
    ]);
  });

  it('is reached by the sweep function and the ranges of Prometheus only', () => {
    const [id, { SecurityGroupIngress }] = groupOf(template, 'vsweep: the Pushgateway');
    expect(SecurityGroupIngress).toMatchObject([{ CidrIp: '10.0.5.0/24', FromPort: 9091, ToPort: 9091 }]);
    const fromGroups = Object.values(resourcesOf(template, 'AWS::EC2::SecurityGroupIngress'))
      .filter(({ GroupId }) => idIn(GroupId) === id)
      .map(({ SourceSecurityGroupId, FromPort }) => [idIn(SourceSecurityGroupId), FromPort]);
    expect(fromGroups).toEqual([[groupOf(template, 'vsweep sweep')[0], 9091]]);
    expect(letOut(template, 'vsweep sweep')).toContain('the Pushgateway:9091');
  });

  it('is let out to what its image and its log need, and no further', () => {
    const endpoints = ['EcrApi:443', 'EcrDocker:443', 'Logs:443'];
    expect(letOut(template, 'vsweep: the Pushgateway')).toEqual([...endpoints, 'pl-0123456789abcdef1:443']);
    const pushgateway = `{ deploy: true, image: "${ECR}", prometheusCidrs: [10.0.5.0/24] }`;
    const stackWith = (endpoints: string) =>
      stackOf(
        `{ network: { ${EXISTING}, egressCidrs: [10.0.0.0/8], endpoints: ${endpoints} }, pushgateway: ${pushgateway} }`,
        '',
      );
    expect(letOut(stackWith('existing'), 'vsweep: the Pushgateway')).toEqual(['10.0.0.0/8:443']);
    expect(letOut(stackWith('nat'), 'vsweep: the Pushgateway')).toEqual(['0.0.0.0/0:443']);
  });

  it('is found by the name to which the sweep function pushes', () => {
    const [namespace] = Object.values(resourcesOf(template, 'AWS::ServiceDiscovery::PrivateDnsNamespace'));
    const [service] = Object.values(resourcesOf(template, 'AWS::ServiceDiscovery::Service'));
    expect([service?.['Name'], namespace?.['Name']]).toEqual(['pushgateway', 'vsweep.internal']);
  });
});
