import { join } from 'node:path';
import type { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { resourcesOf, synthesise, temporaryFolder, withAlarms, writeConfig } from './synthesise.ts';

const folder = temporaryFolder();
let count = 0;

const EXISTING =
  'vpcId: vpc-0123456789abcdef0, subnets: [subnet-0123456789abcdef0, subnet-0123456789abcdef1]';
const CREATE = 'routeTables: [rtb-0123456789abcdef0], dynamodbPrefixList: pl-0123456789abcdef0';

const PUSH = 'push: { url: "https://gw.example.org:9091" }';

function stackOf(aws: string, push = PUSH, esx02 = '10.0.0.8:2022'): Template {
  count += 1;
  const text = [
    'targets: [{ name: vc01, credentials: { secret: vc01 } }, { name: esx99, url: "https://esx99:8443/sdk", credentials: { secret: vc01 } }]',
    `esxi: { credentials: { secret: esxi }, hostKeys: { unknown: refuse }, overrides: { esx01: "10.0.0.7:2222", esx02: "${esx02}" } }`,
    'sweeps: [{ name: services, every: 1m, collectors: [ssh-services] }]',
    'netbox: { url: "https://netbox:8444", token: { secret: vsweep/netbox } }',
    push,
    `aws: ${aws}`,
  ];
  return synthesise(writeConfig(folder, withAlarms(text.join('\n'))), join(folder, String(count)));
}

interface Rule {
  readonly IpProtocol?: string;
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
    ({ CidrIp, CidrIpv6, DestinationPrefixListId, FromPort, ToPort, IpProtocol }) => {
      expect(ToPort).toBe(FromPort);
      const peer = `${CidrIp ?? CidrIpv6 ?? DestinationPrefixListId}:${FromPort}`;
      return IpProtocol === 'tcp' ? peer : `${peer}/${IpProtocol}`;
    },
  );
  const toGroups = Object.values(resourcesOf(template, 'AWS::EC2::SecurityGroupEgress'))
    .filter(({ GroupId }) => idIn(GroupId) === id)
    .map((rule) => `${rule['DestinationPrefixListId'] ?? rule['Description']}:${rule['FromPort']}`);
  return [...inline, ...toGroups].sort();
}

/** The services that the stack makes an endpoint for. */
const endpointsIn = (template: Template) =>
  Object.values(resourcesOf(template, 'AWS::EC2::VPCEndpoint'))
    .map(
      ({ ServiceName }) =>
        /(dynamodb|secretsmanager|lambda|ecr\.\w+|s3|logs)/.exec(JSON.stringify(ServiceName))?.[1],
    )
    .sort();

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
    const apis = ['secretsmanager:443', 'pl-0123456789abcdef0:443'];
    expect(letOut(template, 'vsweep sweep')).toEqual(
      [...inRanges(22, 443, 2022, 2222, 8443, 8444, 9091), ...apis, 'lambda:443'].sort(),
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
});

describe('a way to AWS, service by service', () => {
  const PL = 'pl-0123456789abcdef0';
  const RANGES = ['10.0.0.0/8:443', '10.0.0.0/8:8443'];
  /** What the poll function is let out to, which calls DynamoDB and Secrets Manager, and the endpoints of the stack. */
  const waysOf = (network: string) => {
    const template = stackOf(`{ network: { ${EXISTING}, egressCidrs: [10.0.0.0/8], ${network} } }`);
    return { out: letOut(template, 'vsweep poll'), endpoints: endpointsIn(template), template };
  };

  it.each([
    [`endpoints: existing, dynamodbPrefixList: ${PL}`, [], [`${PL}:443`]],
    ['endpoints: existing, endpointCidrs: [10.9.0.0/28]', [], ['10.9.0.0/28:443']],
    ['endpoints: nat', [], ['0.0.0.0/0:443']],
    [
      `${CREATE}, endpoints: { lambda: existing }`,
      ['dynamodb', 'secretsmanager'],
      [`${PL}:443`, 'secretsmanager:443'],
    ],
    [
      `endpoints: { dynamodb: existing, lambda: none }, nat: true, dynamodbPrefixList: ${PL}`,
      ['secretsmanager'],
      [`${PL}:443`, 'secretsmanager:443'],
    ],
    [
      'endpoints: { dynamodb: none, secretsmanager: existing, lambda: create }, nat: true, endpointCidrs: [10.9.0.0/28]',
      ['lambda'],
      ['0.0.0.0/0:443', '10.9.0.0/28:443'],
    ],
  ])('is made, there, or NAT, and the group lets out to it: %s', (network, endpoints, out) => {
    const ways = waysOf(network);
    expect(ways.endpoints).toEqual(endpoints);
    expect(ways.out).toEqual([...RANGES, ...out].sort());
  });

  it('lets none but the sweep function out to everywhere when Lambda alone is reached by NAT', () => {
    const { template } = waysOf(`${CREATE}, endpoints: { lambda: none }, nat: true`);
    const everywhere = ['sweep', 'collect-batch', 'poll'].filter((name) =>
      letOut(template, `vsweep ${name}`).includes('0.0.0.0/0:443'),
    );
    expect(everywhere).toEqual(['sweep']);
  });

  it('takes connections of those who call the service', () => {
    const template = stackOf(`{ network: { ${EXISTING}, ${CREATE}, egressCidrs: [10.0.0.0/8] } }`);
    const mayEnter = (service: string) => {
      const [id] = groupOf(template, `vsweep: the endpoint of ${service}`);
      return Object.values(resourcesOf(template, 'AWS::EC2::SecurityGroupIngress'))
        .filter(({ GroupId, FromPort, ToPort }) => idIn(GroupId) === id && FromPort === 443 && ToPort === 443)
        .map(({ Description }) => Description)
        .sort();
    };
    expect(mayEnter('lambda')).toEqual(['vsweep sweep']);
    expect(mayEnter('secretsmanager')).toEqual(['vsweep collect-batch', 'vsweep poll', 'vsweep sweep']);
  });
});

describe('name servers of the operator', () => {
  it('are reached by UDP and TCP, by all that stand in the network', () => {
    const template = stackOf(
      `{ network: { ${EXISTING}, endpoints: nat, egressCidrs: [10.0.0.0/8], dnsServers: [10.0.0.53, 10.0.1.53] }, ` +
        'pushgateway: { deploy: true, prometheusCidrs: [10.0.5.0/24] } }',
      '',
    );
    const dns = ['10.0.0.53/32:53', '10.0.1.53/32:53'].flatMap((server) => [server, `${server}/udp`]);
    for (const name of ['sweep', 'collect-batch', 'poll', 'pushgateway']) {
      expect(letOut(template, `vsweep ${name}`).filter((rule) => rule.includes(':53'))).toEqual(dns);
    }
  });
});

describe('functions in dual-stack subnets', () => {
  it('have IPv6 addresses, and are let out to ranges, hosts and name servers of IPv6', () => {
    const network = `${EXISTING}, ${CREATE}, dualStack: true, egressCidrs: [10.0.0.0/8, "fd00::/16"], dnsServers: ["fd00::53"]`;
    const template = stackOf(`{ network: { ${network} } }`, undefined, '[fd00::7]:2022');
    for (const { VpcConfig } of Object.values(resourcesOf(template, 'AWS::Lambda::Function'))) {
      expect(VpcConfig).toMatchObject({ Ipv6AllowedForDualStack: true });
    }
    const out = letOut(template, 'vsweep collect-batch');
    for (const rule of ['fd00::/16:22', 'fd00::/16:2022', 'fd00::/16:443', 'fd00::53/128:53/udp']) {
      expect(out).toContain(rule);
    }
  });

  it('are asked for: without that they have IPv4 addresses only', () => {
    const template = stackOf(`{ network: { ${EXISTING}, endpoints: nat, egressCidrs: [10.0.0.0/8] } }`);
    expect(JSON.stringify(resourcesOf(template, 'AWS::Lambda::Function'))).not.toContain('Ipv6');
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
    const [id, { SecurityGroupIngress }] = groupOf(template, 'vsweep pushgateway');
    expect(SecurityGroupIngress).toMatchObject([{ CidrIp: '10.0.5.0/24', FromPort: 9091, ToPort: 9091 }]);
    const fromGroups = Object.values(resourcesOf(template, 'AWS::EC2::SecurityGroupIngress'))
      .filter(({ GroupId }) => idIn(GroupId) === id)
      .map(({ SourceSecurityGroupId, FromPort }) => [idIn(SourceSecurityGroupId), FromPort]);
    expect(fromGroups).toEqual([[groupOf(template, 'vsweep sweep')[0], 9091]]);
    expect(letOut(template, 'vsweep sweep')).toContain('the Pushgateway:9091');
  });

  it('is let out to what its image and its log need, and no further', () => {
    const endpoints = ['ecr.api:443', 'ecr.dkr:443', 'logs:443'];
    expect(letOut(template, 'vsweep pushgateway')).toEqual([...endpoints, 'pl-0123456789abcdef1:443']);
    expect(endpointsIn(template)).toEqual([
      'dynamodb',
      'ecr.api',
      'ecr.dkr',
      'lambda',
      'logs',
      's3',
      'secretsmanager',
    ]);
    const pushgateway = `{ deploy: true, image: "${ECR}", prometheusCidrs: [10.0.5.0/24] }`;
    const stackWith = (network: string) =>
      stackOf(
        `{ network: { ${EXISTING}, egressCidrs: [10.0.0.0/8], ${network} }, pushgateway: ${pushgateway} }`,
        '',
      );
    const existing = stackWith(
      'endpoints: existing, dynamodbPrefixList: pl-0123456789abcdef0, s3PrefixList: pl-0123456789abcdef1',
    );
    expect(letOut(existing, 'vsweep pushgateway')).toEqual(['10.0.0.0/8:443', 'pl-0123456789abcdef1:443']);
    expect(letOut(stackWith('endpoints: nat'), 'vsweep pushgateway')).toEqual(['0.0.0.0/0:443']);
  });

  it('may have its image from anywhere by NAT, while its other calls go by endpoints', () => {
    const network = `${EXISTING}, ${CREATE}, s3PrefixList: pl-0123456789abcdef1, nat: true, egressCidrs: [10.0.0.0/8]`;
    const fromAfar = stackOf(
      `{ network: { ${network} }, pushgateway: { deploy: true, prometheusCidrs: [10.0.5.0/24] } }`,
      '',
    );
    expect(letOut(fromAfar, 'vsweep pushgateway')).toContain('0.0.0.0/0:443');
    expect(letOut(fromAfar, 'vsweep sweep')).not.toContain('0.0.0.0/0:443');
  });

  it('runs on Fargate by its launch type, in a cluster without capacity providers', () => {
    template.resourceCountIs('AWS::ECS::ClusterCapacityProviderAssociations', 0);
    const [service] = Object.values(resourcesOf(template, 'AWS::ECS::Service'));
    expect(service).toMatchObject({ LaunchType: 'FARGATE' });
    expect(service?.['CapacityProviderStrategy']).toBeUndefined();
  });

  it('is found by the name to which the sweep function pushes', () => {
    const [namespace] = Object.values(resourcesOf(template, 'AWS::ServiceDiscovery::PrivateDnsNamespace'));
    const [service] = Object.values(resourcesOf(template, 'AWS::ServiceDiscovery::Service'));
    expect([service?.['Name'], namespace?.['Name']]).toEqual(['pushgateway', 'vsweep.internal']);
  });
});

describe('a first deployment', () => {
  const ECR = '111122223333.dkr.ecr.eu-central-1.amazonaws.com/pushgateway:v1.11.3';
  const VARIANTS = {
    'endpoints in an existing VPC': `${EXISTING}, ${CREATE}, s3PrefixList: pl-0123456789abcdef1`,
    'NAT in a new VPC': 'vpcId: new, endpoints: nat',
    'endpoints in a new VPC':
      'vpcId: new, dynamodbPrefixList: pl-0123456789abcdef0, s3PrefixList: pl-0123456789abcdef1',
  };
  const WAYS = [
    'AWS::EC2::VPCEndpoint',
    'AWS::EC2::Route',
    'AWS::EC2::NatGateway',
    'AWS::EC2::SecurityGroupEgress',
    'AWS::EC2::SecurityGroupIngress',
  ];

  describe.each(Object.entries(VARIANTS))('with %s', (_name, network) => {
    const template = stackOf(
      `{ network: { ${network}, egressCidrs: [10.0.0.0/8] }, pushgateway: { deploy: true, image: "${ECR}", prometheusCidrs: [10.0.5.0/24] } }`,
      '',
    );
    const ways = WAYS.flatMap((type) => Object.keys(resourcesOf(template, type)));
    const idsOf = (type: string) => Object.keys(resourcesOf(template, type));

    it.each([
      ['pulls the image of the Pushgateway', 'AWS::ECS::Service'],
      ['starts a run', 'AWS::Scheduler::Schedule'],
      ['makes the table, which it would leave behind when it fails,', 'AWS::DynamoDB::GlobalTable'],
      ['makes the secret, which it would leave behind when it fails,', 'AWS::SecretsManager::Secret'],
    ])('%s when every way to AWS is there', (_what, type) => {
      const ids = idsOf(type);
      expect(ids.length).toBeGreaterThan(0);
      expect(ways.length).toBeGreaterThan(2);
      for (const id of ids) {
        const before = waitsFor(template, id);
        expect(ways.filter((way) => !before.has(way))).toEqual([]);
      }
    });

    it('pulls the image when the role of the task has its rights', () => {
      const [service = ''] = idsOf('AWS::ECS::Service');
      const policies = Object.entries(resourcesOf(template, 'AWS::IAM::Policy'))
        .filter(([, { PolicyDocument }]) => JSON.stringify(PolicyDocument).includes('ecr:BatchGetImage'))
        .map(([id]) => id);
      expect(policies).toHaveLength(1);
      expect(waitsFor(template, service)).toContain(policies[0]);
    });
  });
});

/** What CloudFormation makes before a resource: what it depends on, by name or by reference, and so on. */
function waitsFor(template: Template, id: string): Set<string> {
  const resources: Readonly<Record<string, { readonly DependsOn?: string | string[] }>> =
    template.toJSON()['Resources'];
  const before = new Set<string>();
  const look = (at: string) => {
    const { DependsOn = [], ...resource } = resources[at] ?? {};
    const text = JSON.stringify(resource);
    const named = [...text.matchAll(/"(?:Ref|Fn::GetAtt)":\[?"(\w+)"/g)].map(([, name = '']) => name);
    for (const next of [DependsOn, named].flat()) {
      if (!(next in resources) || before.has(next)) continue;
      before.add(next);
      look(next);
    }
  };
  look(id);
  return before;
}
