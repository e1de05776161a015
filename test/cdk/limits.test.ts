import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { readDeployment } from '../../cdk/read-deployment.ts';
import {
  growingResources,
  LONGEST_KIND,
  MAX_ALARM_NAME,
  MAX_RESOURCES,
  MAX_RULES,
  OTHER_RESOURCES,
  rulesOut,
} from '../../lib/config/check-limits.ts';
import { ConfigError } from '../../lib/config/errors.ts';
import { MAX_MANAGED_BYTES, MAX_MANAGED_POLICIES } from '../../lib/config/secret-rights.ts';
import { DEPLOYMENT_VARIANTS } from '../support/deployment-variants.ts';
import {
  EVERYTHING,
  EXAMPLE,
  resourcesOf,
  synthesise,
  temporaryFolder,
  withAlarms,
  writeConfig,
} from './synthesise.ts';

const folder = temporaryFolder();
let made = 0;
const write = (yaml: string) => writeConfig(folder, withAlarms(yaml));
const synthesised = (yaml: string) => {
  made += 1;
  return synthesise(write(yaml), join(folder, String(made)));
};
function faultsOf(yaml: string): string[] {
  try {
    readDeployment(write(yaml));
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.issues.map(({ path, message }) => `${path}: ${message}`);
    throw error;
  }
}
const SWEEP = '{ name: s, every: 1m, collectors: [overall-status] }';
const targets = (count: number, secret = (index: number) => `vsweep/vc${index}`) =>
  `targets: [${Array.from({ length: count }, (_, index) => `{ name: vc${index}, credentials: { secret: "${secret(index)}" } }`)}]`;

/** As many characters as IAM counts: without white space, with what CloudFormation fills in at its longest. */
function policyBytes(document: unknown): number {
  const known: Record<string, string> = {
    'AWS::Partition': 'aws-us-gov',
    'AWS::Region': 'ap-southeast-99',
    'AWS::AccountId': '111122223333',
  };
  const fill = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(fill);
    if (typeof value !== 'object' || value === null) return value;
    const { Ref, 'Fn::Join': parts, 'Fn::GetAtt': attribute } = value as Record<string, unknown>;
    if (typeof Ref === 'string') return known[Ref] ?? 'x'.repeat(100);
    if (attribute !== undefined) return 'x'.repeat(150);
    if (Array.isArray(parts)) return (fill(parts[1]) as string[]).join(String(parts[0]));
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, fill(one)]));
  };
  return JSON.stringify(fill(document)).length;
}

interface Right {
  readonly Effect: string;
  readonly Action: unknown;
  readonly Resource: unknown;
}

const INTEGRITY = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:vsweep/integrity-AbCdEf';
const NAMES = ['esxi', 'integrity', 'netbox', 'push', 'vc0', 'vc899'].map((name) => `vsweep/${name}`);

/** As IAM answers: a Deny goes before every Allow; `?` is one character, `*` any number. */
function mayRead(rights: readonly Right[], name: string): boolean {
  const fits = ({ Resource }: Right) =>
    [Resource].flat().some((resource) => {
      const [, pattern = ''] = /:secret:([^"]*)/.exec(JSON.stringify(resource)) ?? [];
      const escaped = pattern.replaceAll(/[.\\+^$()[\]{}|]/g, '\\$&');
      return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`).test(`${name}-AbCdEf`);
    });
  const found = rights.filter(fits).map(({ Effect }) => Effect);
  return found.includes('Allow') && !found.includes('Deny');
}

function policiesOf(template: Template, role: string) {
  const attached = (type: string) =>
    Object.values(resourcesOf(template, type)).filter(({ Roles }) =>
      JSON.stringify(Roles).includes(`"${role}`),
    );
  const documents = (type: string) => attached(type).map(({ PolicyDocument }) => PolicyDocument);
  const all = [...documents('AWS::IAM::Policy'), ...documents('AWS::IAM::ManagedPolicy')];
  const rights = all
    .flatMap((document) => (document as { Statement: Right[] }).Statement)
    .filter(({ Action }) => Action === 'secretsmanager:GetSecretValue');
  const secrets = rights.map(({ Resource }) => [Resource].flat());
  return {
    rights,
    inline: documents('AWS::IAM::Policy').reduce<number>((sum, one) => sum + policyBytes(one), 0),
    managed: documents('AWS::IAM::ManagedPolicy').map(policyBytes),
    secrets,
  };
}

/** The inline policies of a role: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html. */
const MAX_INLINE_BYTES = 10_240;

describe('the secrets of many targets', () => {
  const expectTaken = ({ inline, managed }: ReturnType<typeof policiesOf>) => {
    expect(inline).toBeLessThanOrEqual(MAX_INLINE_BYTES);
    expect(managed.length).toBeLessThanOrEqual(MAX_MANAGED_POLICIES);
    for (const bytes of managed) expect(bytes).toBeLessThanOrEqual(MAX_MANAGED_BYTES);
  };

  it.each([
    ['of short names', 385, (index: number) => `v/${index}`],
    ['of names as long as they may be', 88, (index: number) => `vsweep/${index}-`.padEnd(512, 'x')],
  ])('%s are named one by one in policies that IAM takes: %d', (_which, count, secret) => {
    const template = synthesised(`${targets(count, secret)}\nsweeps: [${SWEEP}]`);
    for (const role of ['SweepRole', 'PollRole']) {
      const policies = policiesOf(template, role);
      expectTaken(policies);
      for (const resources of policies.secrets) expect(resources.length).toBeLessThanOrEqual(35);
      // The sweep reads the integrity secret besides.
      expect(policies.secrets.flat()).toHaveLength(role === 'SweepRole' ? count + 1 : count);
      expect(policies.managed.length).toBeGreaterThan(8);
    }
  });

  it('fit the role of a task, too, which has the rights of two functions', () => {
    const template = synthesised(`${targets(88, (index) => `vsweep/${index}-`.padEnd(512, 'x'))}
esxi: { credentials: { secret: vsweep/esxi }, hostKeys: { unknown: trust-first } }
sweeps: [{ name: s, every: 1m, collectors: [overall-status, ssh-services] }]
aws: { task: true, network: { vpcId: new, endpoints: nat, egressCidrs: [10.0.0.0/8] } }`);
    const policies = policiesOf(template, 'TaskRole');
    expectTaken(policies);
    expect(policies.secrets.flat()).toHaveLength(88 + 2);
  });

  it('beyond that are read by what their names begin with, and cdk-nag is told why', () => {
    const template = synthesised(`${targets(386)}\nsweeps: [${SWEEP}]`);
    const policies = policiesOf(template, 'SweepRole');
    expectTaken(policies);
    const wide = JSON.stringify(policies.secrets);
    expect(wide).toContain(':secret:vsweep/*');
    expect(policies.secrets.flat()).toHaveLength(2);
    const denied = policiesOf(template, 'PollRole').rights.filter(({ Effect }) => Effect === 'Deny');
    expect(denied).toMatchObject([{ Resource: { Ref: expect.stringMatching(/^Integrity/) } }]);
  });

  it('beyond that are read by their beginning, and no secret of hosts, NetBox, push or the stack with them', () => {
    const template = synthesised(`${targets(900)}
esxi: { credentials: { secret: vsweep/esxi }, hostKeys: { unknown: refuse } }
netbox: { url: "https://netbox.example.org", token: { secret: vsweep/netbox } }
push: { url: "https://push.example.org", credentials: { secret: vsweep/push } }
sweeps: [{ name: s, every: 1m, collectors: [overall-status, ssh-services] }]
aws: { allowPublicEgress: true, stateTable: { name: State, integritySecret: "${INTEGRITY}" } }`);
    const readable = (role: string) =>
      NAMES.filter((name) => mayRead(policiesOf(template, role).rights, name));
    expectTaken(policiesOf(template, 'PollRole'));
    expectTaken(policiesOf(template, 'SweepRole'));
    expect(readable('PollRole')).toEqual(['vsweep/vc0', 'vsweep/vc899']);
    expect(readable('CollectBatchRole')).toEqual(['vsweep/esxi', 'vsweep/integrity']);
    expect(readable('SweepRole')).toEqual(NAMES);
  });

  it('are refused where they begin with nothing in common, or are ARNs', () => {
    const letters = (index: number) => `${String.fromCharCode(97 + (index % 26))}${index}`;
    expect(faultsOf(`${targets(385, letters)}\nsweeps: [${SWEEP}]`)).toEqual([]);
    expect(faultsOf(`${targets(386, letters)}\nsweeps: [${SWEEP}]`)).toEqual([
      expect.stringMatching(
        /^targets: have 386 secrets, more than the policies of a role can name \(10 managed/,
      ),
    ]);
  });
});

describe('a secret by its ARN', () => {
  const arn = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:vsweep/vc0';
  it('is whole, or a function would have no right to it', () => {
    expect(faultsOf(`${targets(1, () => `${arn}-AbCdEf`)}\nsweeps: [${SWEEP}]`)).toEqual([]);
    for (const partial of [arn, `${arn}-AbCdE`, `${arn}-??????`, 'arn:aws:secretsmanager:vsweep']) {
      expect(faultsOf(`${targets(1, () => partial)}\nsweeps: [${SWEEP}]`)).toEqual([
        expect.stringContaining('targets[0].credentials.secret: is a partial ARN'),
      ]);
    }
  });
});

describe('the rules of a security group', () => {
  const THERE = 'vpcId: vpc-0123456789abcdef0, subnets: [subnet-0123456789abcdef0]';
  const NETWORKS = [
    'vpcId: new, endpoints: nat',
    'vpcId: new, dynamodbPrefixList: pl-0123456789abcdef0',
    `${THERE}, endpoints: existing, dynamodbPrefixList: pl-0123456789abcdef0`,
    `${THERE}, endpoints: existing, endpointCidrs: [10.0.9.0/28, "fd00:9::/64"], dualStack: true`,
    `${THERE}, nat: true, endpoints: { dynamodb: none, lambda: none, secretsmanager: create }`,
    `${THERE}, endpoints: nat, dualStack: true, dnsServers: [10.0.0.53, 10.1.0.53, "fd00::53"]`,
  ];
  const configOf = (network: string, ranges: number, range = (index: number) => `10.${index}.0.0/16`) => `
targets: [{ name: a, credentials: { secret: a } }, { name: b, url: "https://b:8443/sdk", credentials: { secret: a } }]
esxi: { credentials: { secret: e }, hostKeys: { unknown: refuse } }
push: { url: "http://push:9091" }
sweeps: [{ name: s, every: 1m, collectors: [overall-status, ssh-services] }]
aws: { network: { ${network}, egressCidrs: [${Array.from({ length: ranges }, (_, index) => range(index))}] } }`;

  /** By families; a prefix list of one entry and a group count in both. */
  function rulesIn(template: Template, group: string): Record<'IPv4' | 'IPv6', number> {
    const inline = Object.entries(resourcesOf(template, 'AWS::EC2::SecurityGroup')).filter(([id]) =>
      id.startsWith(group),
    );
    const apart = Object.values(resourcesOf(template, 'AWS::EC2::SecurityGroupEgress')).filter(
      ({ GroupId }) => JSON.stringify(GroupId).includes(`"${group}`),
    );
    const rules = inline.flatMap(([, { SecurityGroupEgress }]) => (SecurityGroupEgress ?? []) as object[]);
    const without = (property: string) => rules.filter((rule) => !(property in rule)).length + apart.length;
    return { IPv4: without('CidrIpv6'), IPv6: without('CidrIp') };
  }

  it.each(NETWORKS)('are counted as they are made: %s', (network) => {
    const yaml = configOf(network, 4);
    const template = synthesised(yaml);
    const { config } = readDeployment(write(yaml));
    const counted = rulesOut(config, config.aws);
    expect({
      sweep: rulesIn(template, 'NetworksweepGroup'),
      'collect-batch': rulesIn(template, 'NetworkcollectbatchGroup'),
      poll: rulesIn(template, 'NetworkpollGroup'),
    }).toEqual(counted);
  });

  it.each([
    ['ssh-services', ['22', '443', '8443', '9091']],
    ['host-services', ['443', '8443', '9091']],
  ])('let out to ssh only where a sweep logs in to hosts: %s', (collector, ports) => {
    const yaml = configOf('vpcId: new, endpoints: nat', 1)
      .replace(', ssh-services', `, ${collector}`)
      .replace('unknown: refuse }', 'unknown: refuse }, overrides: { h1: 10.0.0.7 }');
    const [group] = Object.entries(resourcesOf(synthesised(yaml), 'AWS::EC2::SecurityGroup'))
      .filter(([id]) => id.startsWith('NetworksweepGroup'))
      .map(([, { SecurityGroupEgress }]) => SecurityGroupEgress as { CidrIp: string; FromPort: number }[]);
    const opened = (group ?? []).filter(({ CidrIp }) => CidrIp === '10.0.0.0/16');
    expect(opened.map(({ FromPort }) => String(FromPort)).toSorted()).toEqual(ports);
    // A range more where there is a port less.
    expect(
      faultsOf(configOf('vpcId: new, endpoints: nat', 15).replace(', ssh-services', `, ${collector}`)),
    ).toHaveLength(collector === 'ssh-services' ? 1 : 0);
  });

  it('are as many as AWS takes, and one range more is refused with the number', () => {
    // Four ports of the sweep function, and one rule for NAT.
    const [network = ''] = NETWORKS;
    expect(faultsOf(configOf(network, 14))).toEqual([]);
    const faults = faultsOf(configOf(network, 15));
    expect(faults.length).toBeGreaterThan(0);
    for (const fault of faults) {
      expect(fault).toMatch(/^aws\.network\.egressCidrs: with the ports of .* these are 61 rules of IPv4/);
      expect(fault).toContain(`a security group allows ${MAX_RULES}`);
    }
  });

  it('are counted for each family of addresses by itself, as AWS does', () => {
    const dual = `${THERE}, endpoints: nat, dualStack: true`;
    const ipv6 = (index: number) => `"fd00:${index}::/32"`;
    // Fifteen ranges and four ports are sixty; the rule for NAT is of the other family.
    expect(faultsOf(configOf(dual, 15, ipv6))).toEqual([]);
    const mixed = (index: number) => (index < 14 ? `10.${index}.0.0/16` : ipv6(index));
    expect(faultsOf(configOf(dual, 29, mixed))).toEqual([]);
    const sixtyTwo = 'the ports of sweep these are 62 rules of IPv6';
    expect(faultsOf(configOf(`${dual}, dnsServers: ["fd00::53"]`, 15, ipv6))).toEqual([
      expect.stringContaining(sixtyTwo),
    ]);
    // Two rules for each server.
    expect(faultsOf(configOf(`${dual}, dnsServers: [10.0.0.53]`, 14))).toEqual([]);
    expect(faultsOf(configOf(`${dual}, dnsServers: [10.0.0.53, 10.1.0.53]`, 14))).toHaveLength(1);
  });

  it('say the same to "vsweep config check", which has no Pushgateway that is still to be deployed', () => {
    const yaml = `
targets: [{ name: a, credentials: { secret: a } }]
sweeps: [{ name: s, every: 1m, collectors: [overall-status] }]
aws:
  network: { ${THERE}, endpoints: nat, egressCidrs: [${Array.from({ length: 20 }, (_, index) => `10.${index}.0.0/16`)}] }
  pushgateway: { deploy: true, prometheusCidrs: [10.0.0.0/8] }`;
    const { config } = readDeployment(write(yaml));
    const { push: _deployed, ...asWritten } = config;
    expect(config.push).toBeDefined();
    expect(rulesOut({ ...asWritten, push: undefined }, config.aws)).toEqual(rulesOut(config, config.aws));
  });
});

describe('the resources of a stack', () => {
  const countOf = (template: Template) => Object.keys(template.toJSON()['Resources']).length;

  it.each([EXAMPLE, EVERYTHING])('are never more than are counted: %s', (file) => {
    made += 1;
    const template = synthesise(file, join(folder, String(made)));
    expect(countOf(template)).toBeLessThanOrEqual(
      OTHER_RESOURCES + growingResources(readDeployment(file).config),
    );
  });

  it.each(Object.entries(DEPLOYMENT_VARIANTS))('are never more than are counted: %s', (_name, config) => {
    made += 1;
    const file = write(stringify(config));
    expect(countOf(synthesise(file, join(folder, String(made))))).toBeLessThanOrEqual(
      OTHER_RESOURCES + growingResources(readDeployment(file).config),
    );
  });

  it('are taken at the border, and refused with the number one above', () => {
    const sweeps = (count: number) =>
      Array.from(
        { length: count },
        (_, index) => `{ name: s${index}, job: j${index}, every: 1m, collectors: [overall-status] }`,
      );
    // A sweep has a schedule and eight alarms.
    const most = Math.floor((MAX_RESOURCES - OTHER_RESOURCES) / 9);
    const everything = readFileSync(EVERYTHING, 'utf8')
      .replace('split: target', 'split: sweep')
      .replace('  alarms: { emails: [', '  alarms: { secretReads: true, emails: [');
    const with_ = (count: number) =>
      everything.replace(
        /^sweeps:\n.*$/m,
        `sweeps:\n${sweeps(count)
          .map((one) => `  - ${one}`)
          .join('\n')}`,
      );
    expect(countOf(synthesised(with_(most)))).toBeLessThanOrEqual(MAX_RESOURCES);
    expect(faultsOf(with_(most + 1))).toEqual([
      expect.stringMatching(
        /^sweeps: the stack would have up to \d+ resources, and CloudFormation takes 500/,
      ),
    ]);
  });
});

describe('the name of a sweep', () => {
  it('is as long as the name of an alarm lets it be, and one character more is refused with the number', () => {
    const stack = `V${'s'.repeat(49)}`;
    const yaml = (length: number) =>
      `${targets(1)}\nsweeps: [{ name: ${'n'.repeat(length)}, job: j, every: 1m, collectors: [overall-status] }]\n` +
      `push: { url: "http://push:9091" }\naws: { stack: ${stack} }`;
    const most = MAX_ALARM_NAME - stack.length - LONGEST_KIND - 2;
    const names = Object.values(resourcesOf(synthesised(yaml(most)), 'AWS::CloudWatch::Alarm')).map(
      ({ AlarmName }) => String(AlarmName).length,
    );
    expect(Math.max(...names)).toBe(MAX_ALARM_NAME);
    expect(faultsOf(yaml(most + 1))).toEqual([
      `sweeps[0].name: has ${most + 1} characters, but with the name of the stack an alarm allows ${most} (255 in all); choose a shorter name`,
    ]);
  });
});

describe('the addresses of a network', () => {
  const yaml = (network: string) =>
    `${targets(1)}\nsweeps: [${SWEEP}]\naws: { network: { vpcId: new, ${network} } }`;
  const NAT = 'endpoints: nat, egressCidrs: [10.0.0.0/8]';
  const ISOLATED = 'dynamodbPrefixList: pl-0123456789abcdef0, egressCidrs: [10.0.0.0/8]';

  it.each([
    [NAT, 26],
    [ISOLATED, 27],
  ])('of a new VPC make subnets that AWS takes, and a smaller range is refused: %s', (network, bits) => {
    const template = synthesised(yaml(`${network}, cidr: 10.90.0.0/${bits}`));
    const cidrs = Object.values(resourcesOf(template, 'AWS::EC2::Subnet')).map(({ CidrBlock }) =>
      String(CidrBlock),
    );
    expect(cidrs.length).toBeGreaterThan(1);
    // https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html: /28 at the smallest.
    for (const cidr of cidrs) expect(Number(cidr.split('/')[1])).toBeLessThanOrEqual(28);
    expect(faultsOf(yaml(`${network}, cidr: 10.90.0.0/${bits + 1}`))).toEqual([
      expect.stringContaining(`aws.network.cidr: a new VPC needs an IPv4 range of /16 to /${bits}`),
    ]);
    expect(faultsOf(yaml(`${network}, cidr: 10.0.0.0/16`))).toEqual([]);
    expect(faultsOf(yaml(`${network}, cidr: 10.0.0.0/15`))).toHaveLength(1);
  });
});
