import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { KNOWN_COLLECTORS } from '../../../lib/collectors/known-collectors.ts';
import { inspectConfig } from '../../../lib/config/check-config.ts';
import { checkDeployable } from '../../../lib/config/check-deployable.ts';

const TARGET = { name: 'vc01.example.org', credentials: { secret: 'vsweep/vc01' } };
const SWEEP = { name: 'status', every: '1m', collectors: ['overall-status'] };
const RAW = { targets: [TARGET], sweeps: [SWEEP] };
const EXISTING = {
  vpcId: 'vpc-0123456789abcdef0',
  subnets: ['subnet-0123456789abcdef0'],
  egressCidrs: ['10.0.0.0/8'],
};
const CREATE = { routeTables: ['rtb-0123456789abcdef0'], dynamodbPrefixList: 'pl-0123456789abcdef0' };
const S3 = 'pl-0123456789abcdef1';
const ECR = '111122223333.dkr.ecr.eu-central-1.amazonaws.com/pushgateway:v1.11.3';

/** With somebody who gets the alarms. */
const alarms = { emails: ['ops@example.org'] };
const told = ({ aws, ...raw }: Readonly<Record<string, unknown>>) => ({
  ...raw,
  aws: { alarms, ...(aws as object | undefined) },
});
const check = (raw: Readonly<Record<string, unknown>>) => checkDeployable(told(raw), KNOWN_COLLECTORS);
const paths = (raw: Readonly<Record<string, unknown>>) => check(raw).map(({ path }) => path);
const ofNetwork = (network: object) => paths({ ...RAW, aws: { network } });
const ofPushgateway = (pushgateway: object, more: object = {}) =>
  paths({ ...RAW, ...more, aws: { network: { ...EXISTING, ...CREATE, s3PrefixList: S3 }, pushgateway } });

describe('checkDeployable', () => {
  it('finds nothing where every credential is in Secrets Manager', () => {
    expect(check(RAW)).toEqual([]);
  });

  it('names every credential that a deployment would not have, and the remedy', () => {
    const issues = check({
      ...RAW,
      targets: [TARGET, { name: 'vc02.example.org', credentials: { env: 'VC' } }],
      esxi: { credentials: { file: 'esxi.yaml' } },
      netbox: { url: 'https://netbox.example.org', token: { env: 'NETBOX' } },
      push: { url: 'https://gw.example.org', credentials: { env: 'PUSH' } },
    });
    expect(issues.map(({ path }) => path)).toEqual([
      'targets[1].credentials',
      'esxi.credentials',
      'netbox.token',
      'push.credentials',
    ]);
    for (const { message } of issues) expect(message).toContain('write { secret: <name> }');
  });

  it('knows that commands of own metrics log in to hosts, with no collector that does', () => {
    const own = { esxi_own_dead_paths: { esxcli: 'storage core path list', count: 'dead' } };
    const esxi = { credentials: { secret: 'vsweep/esxi' } };
    expect(paths({ ...RAW, esxi, metrics: { own } })).toEqual(['esxi.hostKeys.unknown', 'aws.network']);
    const ofVcenter = { vmware_own_uptime: { property: 'HostSystem summary.quickStats.uptime' } };
    expect(paths({ ...RAW, esxi, metrics: { own: ofVcenter } })).toEqual([]);
  });

  it('needs whole minutes of the intervals that own metrics have themselves', () => {
    const property = 'HostSystem summary.quickStats.uptime';
    const of = (every: string) =>
      paths({ ...RAW, metrics: { own: { vmware_own_uptime: { property, every } } } });
    expect(of('90s')).toEqual(['metrics.own.vmware_own_uptime.every']);
    expect(of('2m')).toEqual([]);
  });

  it('refuses a target or Pushgateway whose certificate nobody looks at', () => {
    const tls = { insecure: true };
    const targets = [TARGET, { ...TARGET, name: 'vc02.example.org', tls }];
    expect(paths({ ...RAW, targets, push: { url: 'https://gw.example.org', tls } })).toEqual([
      'targets[1].tls',
      'push.tls',
    ]);
  });

  it.each([
    [
      'an existing VPC with endpoints of its own',
      { ...EXISTING, endpoints: 'existing', dynamodbPrefixList: CREATE.dynamodbPrefixList },
    ],
    ['an existing VPC that gets endpoints', { ...EXISTING, ...CREATE }],
    ['an existing VPC behind a NAT gateway', { ...EXISTING, endpoints: 'nat' }],
    [
      'a new VPC',
      { vpcId: 'new', egressCidrs: ['10.0.0.0/8'], dynamodbPrefixList: CREATE.dynamodbPrefixList },
    ],
  ])('takes %s', (_what, network) => {
    expect(ofNetwork(network)).toEqual([]);
  });

  it.each([
    ['an existing VPC without its subnets', { ...EXISTING, ...CREATE, subnets: undefined }, ['subnets']],
    ['an existing VPC with a range', { ...EXISTING, ...CREATE, cidr: '10.1.0.0/24' }, ['cidr']],
    ['endpoints to make without what they need', EXISTING, ['routeTables', 'dynamodbPrefixList']],
    [
      'a new VPC with parts of an existing one',
      { ...EXISTING, ...CREATE, vpcId: 'new' },
      ['subnets', 'routeTables'],
    ],
    [
      'a new VPC that has endpoints',
      { vpcId: 'new', egressCidrs: ['10.0.0.0/8'], endpoints: 'existing' },
      ['endpoints'],
    ],
  ])('refuses %s', (_what, network, keys) => {
    expect(ofNetwork(network)).toEqual(keys.map((key) => `aws.network.${key}`));
  });

  it('takes a Pushgateway to deploy in a VPC, from an image in reach', () => {
    expect(ofPushgateway({ deploy: true, image: ECR, prometheusCidrs: ['10.0.5.0/24'] })).toEqual([]);
    expect(ofPushgateway({ deploy: false })).toEqual([]);
  });

  it.each([
    ['an image that is out of reach', { prometheusCidrs: ['10.0.5.0/24'] }, {}, ['aws.pushgateway.image']],
    ['nobody who may scrape it', { image: ECR }, {}, ['aws.pushgateway.prometheusCidrs']],
    [
      'another one to push to',
      { image: ECR, prometheusCidrs: ['10.0.5.0/24'] },
      { push: { url: 'https://gw.example.org' } },
      ['push'],
    ],
  ])('refuses a Pushgateway with %s', (_what, pushgateway, more, expected) => {
    expect(ofPushgateway({ deploy: true, ...pushgateway }, more)).toEqual(expected);
  });

  it('refuses a Pushgateway that cannot be let out to its image', () => {
    const pushgateway = { deploy: true, image: ECR, prometheusCidrs: ['10.0.5.0/24'] };
    const within = (network: object) => paths({ ...RAW, aws: { network, pushgateway } });
    expect(within({ ...EXISTING, ...CREATE })).toEqual(['aws.network.s3PrefixList']);
    const there = { ...EXISTING, endpoints: 'existing', dynamodbPrefixList: CREATE.dynamodbPrefixList };
    expect(within(there)).toEqual(['aws.network.s3PrefixList']);
    expect(within({ ...there, s3PrefixList: S3 })).toEqual([]);
    expect(within({ ...EXISTING, endpoints: 'nat' })).toEqual([]);
  });

  it.each([
    ['textfile', { path: '/var/lib/node_exporter' }],
    ['stdout', {}],
  ])('refuses %s, which nobody reads there', (section, written) => {
    expect(paths({ ...RAW, [section]: written })).toEqual([section]);
  });

  it('refuses credentials of VictoriaMetrics that a function does not have, and takes a secret', () => {
    const of = (credentials: object) =>
      paths({ ...RAW, victoriaMetrics: { url: 'https://vm.example.org', credentials } });
    expect(of({ file: 'vm.yaml' })).toEqual(['victoriaMetrics.credentials']);
    expect(of({ secret: 'vsweep/vm' })).toEqual([]);
  });

  it('refuses a Pushgateway that has no VPC to stand in', () => {
    const aws = { pushgateway: { deploy: true, image: ECR, prometheusCidrs: ['10.0.5.0/24'] } };
    expect(paths({ ...RAW, aws })).toEqual(['aws.pushgateway.deploy']);
  });

  describe('of a sweep that logs in by ssh', () => {
    const SSH = {
      ...RAW,
      esxi: { credentials: { secret: 'vsweep/esxi' }, hostKeys: { unknown: 'refuse' } },
      sweeps: [SWEEP, { name: 'services', every: '5m', job: 'services', collectors: ['ssh-services'] }],
    };

    it.each([undefined, {}, { allowPublicEgress: false }])(
      'asks for a network, by name, with remedies that pass when they are pasted: aws: %j',
      (aws) => {
        const [issue, ...more] = check({ ...SSH, ...(aws === undefined ? {} : { aws }) });
        expect(issue).toMatchObject({
          path: 'aws.network',
          message: expect.stringContaining('"services" logs in to hosts by ssh'),
        });
        expect(more).toEqual([]);
        const remedies = issue?.message.match(/aws: \{ .*? \}(?=, or,|$)/g) ?? [];
        expect(remedies).toHaveLength(2);
        for (const remedy of remedies)
          expect(inspectConfig(told({ ...SSH, ...parse(remedy) }), KNOWN_COLLECTORS).issues).toEqual([]);
      },
    );

    it('takes a network, or the word that addresses of the Internet are meant', () => {
      expect(check({ ...SSH, aws: { network: { ...EXISTING, ...CREATE } } })).toEqual([]);
      expect(check({ ...SSH, aws: { allowPublicEgress: true } })).toEqual([]);
    });

    it('has to choose what becomes of unknown host keys, whatever its secret may hold', () => {
      const aws = { allowPublicEgress: true };
      const [issue, ...more] = check({ ...SSH, aws, esxi: { credentials: { secret: 'vsweep/esxi' } } });
      expect(issue).toMatchObject({
        path: 'esxi.hostKeys.unknown',
        message: expect.stringContaining('"services" logs in to hosts by ssh'),
      });
      // From the operator's machine the hosts need not be in reach.
      expect(issue?.message).toContain('"vsweep invoke hostkeys --known-hosts"');
      expect(more).toEqual([]);
      const remedies = issue?.message.match(/hostKeys: \{ .*? \}/g) ?? [];
      expect(remedies).toHaveLength(3);
      for (const remedy of remedies) {
        const esxi = { ...SSH.esxi, ...parse(remedy) };
        expect(inspectConfig(told({ ...SSH, aws, esxi }), KNOWN_COLLECTORS).issues).toEqual([]);
      }
      const { sweeps: _all, ...others } = SSH;
      expect(check({ ...others, sweeps: [SWEEP], esxi: { credentials: { secret: 'x' } } })).toEqual([]);
    });

    it('asks for nothing while the section aws has a fault of its own, which says more', () => {
      expect(check({ ...SSH, aws: { network: { vpcId: 'mine' } } })).toEqual([]);
    });
  });

  it('refuses allowPublicEgress beside a network, where it would have no effect', () => {
    const network = { ...EXISTING, ...CREATE };
    expect(paths({ ...RAW, aws: { network, allowPublicEgress: true } })).toEqual(['aws.allowPublicEgress']);
  });

  describe('of who gets the alarms', () => {
    const arn = 'arn:aws:sns:eu-central-1:111122223333:ops';
    const issuesOf = (aws: object | undefined) =>
      checkDeployable({ ...RAW, ...(aws === undefined ? {} : { aws }) }, KNOWN_COLLECTORS);

    it.each([undefined, {}, { alarms: {} }, { alarms: { emails: [] } }])(
      'says that nobody is named, with remedies that pass when they are pasted: %j',
      (aws) => {
        const [issue, ...more] = issuesOf(aws);
        expect(issue?.path).toBe('aws.alarms');
        expect(more).toEqual([]);
        expect(issue?.message).toContain('aws: { alarms: { emails: [ops@example.org] } }');
        expect(issuesOf({ alarms })).toEqual([]);
        expect(issuesOf({ alarms: { topicArn: arn } })).toEqual([]);
      },
    );

    it('refuses addresses beside a topic, to which nobody would subscribe them', () => {
      const issues = issuesOf({ alarms: { ...alarms, topicArn: arn } });
      expect(issues.map(({ path }) => path)).toEqual(['aws.alarms.emails']);
    });
  });

  describe('of ARNs', () => {
    const key = (region: string) => `arn:aws:kms:${region}:111122223333:key/1234abcd`;
    const topicArn = 'arn:aws:sns:eu-west-1:111122223333:ops';
    const secret = 'arn:aws:secretsmanager:us-east-1:111122223333:secret:vc-AbCdEf';
    const issuesOf = (aws: object, targets = [TARGET]) =>
      checkDeployable({ ...RAW, targets, aws }, KNOWN_COLLECTORS);

    it('takes one region, and refuses another one beside it by both places', () => {
      expect(issuesOf({ kmsKeyArn: key('eu-west-1'), alarms: { topicArn } })).toEqual([]);
      expect(issuesOf({ kmsKeyArn: key('eu-central-1'), alarms: { topicArn } })).toEqual([
        {
          path: 'aws.alarms.topicArn',
          message: expect.stringContaining('is in eu-west-1, but aws.kmsKeyArn is in eu-central-1;'),
        },
      ]);
      const targets = [{ ...TARGET, credentials: { secret } }];
      expect(issuesOf({ alarms: { topicArn } }, targets).map(({ path }) => path)).toEqual([
        'targets[0].credentials.secret',
      ]);
    });
  });

  it('asks a sweep without ssh for no network', () => {
    expect(check({ ...RAW, aws: {} })).toEqual([]);
  });

  it('is asked by every check of a configuration that has a section aws', () => {
    const aws = { alarms, network: EXISTING };
    const { issues } = inspectConfig({ ...RAW, aws }, KNOWN_COLLECTORS);
    expect(issues).toEqual(check({ ...RAW, aws }));
    expect(issues).not.toEqual([]);
  });
});

describe('the section aws', () => {
  const issuesOf = (aws: object) => inspectConfig(told({ ...RAW, aws }), KNOWN_COLLECTORS).issues;

  it.each([
    ['10.0.0.0', '10.0.0.0/33', '10.0.0/8', '10.0.0.0/8/8', 'all', '::/129', '10.0.0.0/-1', '10.0.0.0/ 8'],
  ])('refuses ranges that are none', (...ranges) => {
    for (const range of ranges) {
      const [issue] = issuesOf({ network: { ...EXISTING, ...CREATE, egressCidrs: [range] } });
      expect(issue).toEqual({
        path: 'aws.network.egressCidrs[0]',
        message: 'write a range of addresses such as 10.20.0.0/16',
      });
    }
  });

  it.each(['10.0.0.0/8', '192.168.1.7/32', '0.0.0.0/0'])('takes the range %s', (range) => {
    expect(issuesOf({ network: { ...EXISTING, ...CREATE, egressCidrs: [range] } })).toEqual([]);
  });

  const inNetwork = (more: object) => issuesOf({ network: { ...EXISTING, ...CREATE, ...more } });

  it('refuses a range that does not begin where it is said to, with both things that may be meant', () => {
    const message = 'begins at another address; write 10.20.0.0/16, or 10.20.0.5/32 for that address alone';
    for (const key of ['egressCidrs', 'endpointCidrs']) {
      const issues = inNetwork({ endpoints: 'existing', [key]: ['10.20.0.5/16'] });
      expect(issues).toEqual([{ path: `aws.network.${key}[0]`, message }]);
    }
    const pushgateway = { deploy: true, prometheusCidrs: ['10.20.0.5/16'] };
    expect(issuesOf({ pushgateway })).toEqual([{ path: 'aws.pushgateway.prometheusCidrs[0]', message }]);
    expect(
      issuesOf({ network: { vpcId: 'new', cidr: '10.20.0.5/16', egressCidrs: ['10.0.0.0/8'] } }),
    ).toEqual([{ path: 'aws.network.cidr', message }]);
  });

  it.each([
    [{ egressCidrs: ['10.0.0.0/8', '10.1.0.0/16', '10.0.0.0/8'] }, 'egressCidrs[2]'],
    [{ dualStack: true, egressCidrs: ['fd00::/16', 'FD00:0::/16'] }, 'egressCidrs[1]'],
    [{ dualStack: true, dnsServers: ['fd00::53', 'FD00:0::53'] }, 'dnsServers[1]'],
    [
      { subnets: ['subnet-0123456789abcdef0', { id: 'subnet-0123456789abcdef0', zone: 'eu-central-1a' }] },
      'subnets[1]',
    ],
    [{ routeTables: ['rtb-0123456789abcdef0', 'rtb-0123456789abcdef0'] }, 'routeTables[1]'],
  ])('refuses what stands there twice in whichever letters, which AWS takes once: %j', (network, path) => {
    expect(inNetwork(network)).toEqual([
      { path: `aws.network.${path}`, message: expect.stringContaining('stands there twice; leave one') },
    ]);
  });

  it('says of ranges that are none that alone, also where they stand there twice', () => {
    expect(inNetwork({ egressCidrs: ['10.0.0.0/33', '10.0.0.0/33'] }).map(({ path }) => path)).toEqual([
      'aws.network.egressCidrs[0]',
      'aws.network.egressCidrs[1]',
    ]);
  });

  it('refuses an e-mail address that stands there twice, and tags that IAM takes for one', () => {
    expect(issuesOf({ alarms: { emails: ['ops@example.org', 'ops@example.org'] } })).toEqual([
      { path: 'aws.alarms.emails[1]', message: 'ops@example.org stands there twice; leave one of them out' },
    ]);
    expect(issuesOf({ tags: { Team: 'a', team: 'b' } })).toEqual([
      { path: 'aws.tags.team', message: expect.stringContaining('is the key Team in other letters') },
    ]);
  });

  it.each([
    [{ functions: { sweeep: {} } }, 'did you mean "sweep"?'],
    [{ functions: { sweep: { timeout: '16m' } } }, 'write a duration of 3s to 15m'],
    [{ alarms: { topicArn: 'alarms' } }, 'write the ARN of an SNS topic'],
    // Of a subscription, as the console shows it beside the topic.
    [
      { alarms: { topicArn: 'arn:aws:sns:eu-central-1:111122223333:alarms:8a21d249-4329-4871-acc6' } },
      'write the ARN of an SNS topic',
    ],
    [{ network: { ...EXISTING, vpcId: 'mine' } }, 'write the id of a VPC (vpc-…), or new'],
    [{ pushgateway: { deploy: true, image: 'prom/pushgateway' } }, 'write an image with a tag or digest'],
    [
      { pushgateway: { deploy: true, image: 'docker pull prom/x:v1' } },
      'write an image with a tag or digest',
    ],
  ])('says of %j what to write', (aws, message) => {
    expect(
      issuesOf(aws)
        .map((issue) => issue.message)
        .join('\n'),
    ).toContain(message);
  });
});

describe('where the password of hosts may go', () => {
  const esxi = {
    credentials: { secret: 'vsweep/esxi' },
    hostKeys: { unknown: 'refuse', file: 'known_hosts' },
  };
  const sweeps = [{ name: 'services', every: '1m', collectors: ['ssh-services'] }];
  const egress = (aws: object) =>
    checkDeployable({ targets: [TARGET], esxi, sweeps, ...aws }, KNOWN_COLLECTORS)
      .filter(({ path }) => /network|Egress/.test(path))
      .map(({ path, message }) => `${path} ${message}`);

  it('is limited by a network, unless somebody says that it need not be', () => {
    const missing =
      /^aws\.network is missing, but sweep "services" logs in to hosts by ssh: outside a VPC nothing/;
    expect(egress({})).toEqual([expect.stringMatching(missing)]);
    expect(egress({ aws: { alarms } })).toEqual([expect.stringMatching(missing)]);
    expect(egress({ aws: { alarms, allowPublicEgress: true } })).toEqual([]);
    const network = { vpcId: 'new', egressCidrs: ['10.0.0.0/8'] };
    expect(egress({ aws: { alarms, network, allowPublicEgress: true } })).toContainEqual(
      'aws.allowPublicEgress has no effect beside aws.network, which limits where functions connect to; leave it out',
    );
  });

  it('is not asked of a section with a fault of its own, which says that first', () => {
    const other = checkDeployable({ targets: [TARGET], esxi, sweeps, aws: { stack: 7 } }, KNOWN_COLLECTORS);
    expect(other.filter(({ path }) => path.startsWith('aws'))).toEqual([]);
  });
});

describe('the recipients of alarms', () => {
  const topicArn = 'arn:aws:sns:eu-central-1:111122223333:alarms';
  const of = (aws: object | undefined) =>
    checkDeployable({ ...RAW, ...(aws === undefined ? {} : { aws }) }, KNOWN_COLLECTORS);
  const nobody = [
    {
      path: 'aws.alarms',
      message:
        'has no recipient of the alarms; write aws: { alarms: { emails: [ops@example.org] } }, or alarms: { topicArn: <ARN of an SNS topic> }',
    },
  ];

  it('are addresses or a topic, one of them', () => {
    expect(of(undefined)).toEqual(nobody);
    expect(of({})).toEqual(nobody);
    expect(of({ alarms: { emails: ['ops@example.org'] } })).toEqual([]);
    expect(of({ alarms: { topicArn } })).toEqual([]);
    expect(of({ alarms: { topicArn, emails: ['ops@example.org'] } })).toEqual([
      {
        path: 'aws.alarms.emails',
        message:
          'has no effect beside aws.alarms.topicArn; subscribe the addresses to that topic, and leave it out',
      },
    ]);
  });
});

describe('a Pushgateway that the stack deploys', () => {
  it('may be named as where to push, under the name of its stack, and no other may', () => {
    const pushTo = (url: string, stack?: string) =>
      paths({
        ...RAW,
        push: { url },
        aws: {
          ...(stack === undefined ? {} : { stack }),
          network: { ...EXISTING, ...CREATE, s3PrefixList: S3 },
          pushgateway: { deploy: true, image: ECR, prometheusCidrs: ['10.0.5.0/24'] },
        },
      });
    expect(pushTo('http://pushgateway.vsweep.internal:9091')).toEqual([]);
    expect(pushTo('http://pushgateway.vsweep-lab.vsweep.internal:9091', 'Vsweep-Lab')).toEqual([]);
    expect(pushTo('http://pushgateway.vsweep.internal:9091', 'Vsweep-Lab')).toEqual(['push']);
    expect(pushTo('https://gw.example.org')).toEqual(['push']);
  });
});
