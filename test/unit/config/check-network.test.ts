import { describe, expect, it } from 'vitest';
import { KNOWN_COLLECTORS } from '../../../lib/collectors/known-collectors.ts';
import { inspectConfig } from '../../../lib/config/check-config.ts';

const TARGET = { name: 'vc01.example.org', credentials: { secret: 'vsweep/vc01' } };
const RAW = {
  targets: [TARGET],
  sweeps: [{ name: 'status', every: '1m', collectors: ['overall-status'] }],
};
const PL = 'pl-0123456789abcdef0';
const EXISTING = {
  vpcId: 'vpc-0123456789abcdef0',
  subnets: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'],
  egressCidrs: ['10.0.0.0/8'],
};
const CREATE = { routeTables: ['rtb-0123456789abcdef0'], dynamodbPrefixList: PL };
const NEW = { vpcId: 'new', egressCidrs: ['10.0.0.0/8'], dynamodbPrefixList: PL };
const PUSHGATEWAY = { deploy: true, prometheusCidrs: ['10.0.5.0/24'] };

const faultsOf = (
  network: object,
  { aws = {}, ...more }: { aws?: object; [section: string]: unknown } = {},
) =>
  inspectConfig(
    { ...RAW, ...more, aws: { alarms: { emails: ['ops@example.org'] }, network, ...aws } },
    KNOWN_COLLECTORS,
  ).issues.map(({ path, message }) => `${path.replace(/^aws\.network\./, '')}: ${message}`);

describe('the ways to AWS', () => {
  it.each([
    { ...EXISTING, ...CREATE },
    { ...EXISTING, ...CREATE, endpoints: { lambda: 'existing' } },
    { ...EXISTING, ...CREATE, nat: true, endpoints: { lambda: 'none' } },
    { ...EXISTING, endpoints: 'nat' },
    { ...EXISTING, endpoints: 'nat', nat: true },
    { ...EXISTING, endpoints: 'existing', dynamodbPrefixList: PL },
    // An interface endpoint for DynamoDB has addresses.
    { ...EXISTING, endpoints: 'existing', endpointCidrs: ['10.9.0.0/28'] },
    { ...EXISTING, nat: true, endpoints: { dynamodb: 'none', lambda: 'none', secretsmanager: 'none' } },
    { ...NEW, nat: true, endpoints: { lambda: 'none' } },
  ])('are taken: %j', (network) => expect(faultsOf(network)).toEqual([]));

  const noRoute =
    /is none, which needs a NAT gateway: write nat: true if the subnets have a route to one \(a new VPC gets one\), or write create or existing/;
  it.each([
    [{ ...EXISTING, ...CREATE, endpoints: { lambda: 'none' } }, ['endpoints.lambda'], noRoute],
    [
      { ...EXISTING, endpoints: { lambda: 'none', secretsmanager: 'none', dynamodb: 'none' }, nat: false },
      ['endpoints.dynamodb', 'endpoints.secretsmanager', 'endpoints.lambda'],
      noRoute,
    ],
    [{ ...NEW, endpoints: { secretsmanager: 'none' } }, ['endpoints.secretsmanager'], noRoute],
    [{ ...EXISTING, endpoints: 'nat', nat: false }, ['endpoints'], noRoute],
    [{ ...NEW, endpoints: { lambda: 'existing' } }, ['endpoints.lambda'], /a new VPC has no endpoints/],
    [{ ...EXISTING, endpoints: 'existing' }, ['dynamodbPrefixList'], /is missing; write what this prints/],
    [{ ...EXISTING, ...CREATE, endpointCidrs: ['10.9.0.0/28'] }, ['endpointCidrs'], /has no effect/],
  ])('are refused with what to write: %j', (network, paths, message) => {
    const faults = faultsOf(network);
    expect(faults.map((fault) => fault.split(': ')[0])).toEqual(paths);
    for (const fault of faults) expect(fault).toMatch(message);
  });

  it('need nothing for services that only a Pushgateway calls, until there is one', () => {
    const network = { ...EXISTING, ...CREATE, endpoints: { logs: 'none', s3: 'none' } };
    expect(faultsOf(network)).toEqual([]);
    const image = '111122223333.dkr.ecr.eu-central-1.amazonaws.com/pushgateway:v1.11.3';
    const faults = faultsOf(network, { aws: { pushgateway: { ...PUSHGATEWAY, image } } });
    expect(faults.map((fault) => fault.split(': ')[0])).toEqual(['endpoints.s3', 'endpoints.logs']);
  });

  it('let a Pushgateway have its image from any registry by NAT alone', () => {
    const pushgateway = PUSHGATEWAY;
    expect(
      faultsOf({ ...EXISTING, ...CREATE, nat: true, s3PrefixList: PL }, { aws: { pushgateway } }),
    ).toEqual([]);
    expect(faultsOf({ ...EXISTING, ...CREATE, s3PrefixList: PL }, { aws: { pushgateway } })).toEqual([
      expect.stringMatching(/^aws\.pushgateway\.image: is not in ECR/),
    ]);
  });

  it.each([
    ['nowhere', /^endpoints: write create, nat or existing, or a map of services/],
    [{ lambda: 'nat' }, /^endpoints: lambda: write create, existing or none$/],
    [{ lamda: 'none' }, /^endpoints: "lamda" is unknown; did you mean "lambda"\?/],
    [7, /^endpoints: write create, nat or existing/],
  ])('say what is wrong in them: %j', (endpoints, message) => {
    const faults = faultsOf({ ...EXISTING, ...CREATE, endpoints });
    expect(faults).toEqual([expect.stringMatching(message)]);
  });
});

describe('subnets', () => {
  const [first, second] = EXISTING.subnets;
  const inZones = (...zones: string[]) => ({
    ...EXISTING,
    subnets: [
      { id: first, zone: zones[0] },
      { id: second, zone: zones[1] },
    ],
  });

  it('of one zone are refused where an interface endpoint is made, which takes one of each zone', () => {
    expect(faultsOf({ ...inZones('eu-central-1a', 'eu-central-1a'), ...CREATE })).toEqual([
      `subnets[1].zone: is in eu-central-1a, as ${first} is, but an interface endpoint takes one subnet per zone; name one subnet of each zone`,
    ]);
    expect(faultsOf({ ...inZones('eu-central-1a', 'eu-central-1b'), ...CREATE })).toEqual([]);
  });

  it('of one zone are taken where none is made', () => {
    expect(faultsOf({ ...inZones('euc1-az1', 'euc1-az1'), endpoints: 'nat' })).toEqual([]);
  });

  it('without their zones are taken, because only AWS knows them', () => {
    expect(faultsOf({ ...EXISTING, ...CREATE })).toEqual([]);
  });
});

describe('addresses of IPv6', () => {
  const IPV6 = { egressCidrs: ['10.0.0.0/8', 'fd00::/16'], dnsServers: ['fd00::53'] };

  it('need functions that have some, by a word', () => {
    const faults = faultsOf({ ...EXISTING, ...CREATE, ...IPV6 });
    expect(faults.map((fault) => fault.split(': ')[0])).toEqual(['egressCidrs[1]', 'dnsServers[0]']);
    for (const fault of faults) expect(fault).toContain('write dualStack: true');
    expect(faultsOf({ ...EXISTING, ...CREATE, ...IPV6, dualStack: true })).toEqual([]);
  });

  it('are not to be had in a new VPC', () => {
    expect(faultsOf({ ...NEW, dualStack: true })).toEqual([
      expect.stringMatching(/^dualStack: needs subnets with IPv6, which a new VPC does not have/),
    ]);
  });
});

describe('name servers', () => {
  it('are addresses, at most as many as DHCP options take', () => {
    const servers = (count: number) => Array.from({ length: count }, (_, index) => `10.0.0.${index + 1}`);
    expect(faultsOf({ ...EXISTING, ...CREATE, dnsServers: servers(4) })).toEqual([]);
    expect(faultsOf({ ...EXISTING, ...CREATE, dnsServers: servers(5) })).toEqual([
      'dnsServers: name at most 4 servers, as many as DHCP options take',
    ]);
    expect(faultsOf({ ...EXISTING, ...CREATE, dnsServers: ['dns.example.org'] })).toEqual([
      'dnsServers[0]: write an address such as 10.20.0.53',
    ]);
  });
});

describe('what is named by its address', () => {
  const outside = {
    targets: [TARGET, { ...TARGET, name: 'vc02', url: 'https://172.16.0.1/sdk' }],
    sweeps: [{ name: 'services', every: '1m', collectors: ['ssh-services'] }],
    esxi: {
      credentials: { secret: 'vsweep/esxi' },
      hostKeys: { unknown: 'refuse' },
      overrides: { in: '10.0.0.7:2222', out: '[fd00::7]:2022', named: 'esx09.example.org' },
    },
    netbox: { url: 'http://192.168.0.2:8080', token: { secret: 'vsweep/netbox' } },
    push: { url: 'https://203.0.113.9' },
  };

  it('is refused where no function is let out to it', () => {
    const faults = faultsOf({ ...EXISTING, ...CREATE }, outside);
    expect(faults.map((fault) => fault.split(' is in no range of aws.network.egressCidrs')[0])).toEqual([
      'targets[1].url: 172.16.0.1',
      'netbox.url: 192.168.0.2',
      'push.url: 203.0.113.9',
      'esxi.overrides.out: fd00::7',
    ]);
  });

  it('is not asked of hosts that no sweep logs in to, to whose ssh nothing is let out', () => {
    const faults = faultsOf({ ...EXISTING, ...CREATE }, { ...outside, sweeps: RAW.sweeps });
    expect(faults.filter((fault) => fault.startsWith('esxi'))).toEqual([]);
    expect(faults).toHaveLength(3);
  });

  it.each(['[10.0.0.7]:22', '[::1::2]:22', '[.]'])(
    'is refused where it is written, before its range is looked for, if no URL has such a host: %s',
    (address) => {
      const written = { ...outside, esxi: { ...outside.esxi, overrides: { esx1: address } } };
      const faults = faultsOf({ ...EXISTING, ...CREATE }, written);
      expect(faults.filter((fault) => fault.startsWith('esxi'))).toEqual([
        expect.stringMatching(/^esxi\.overrides\.esx1: write /),
      ]);
    },
  );

  it('is taken where a range holds it, or NAT lets out to everywhere by https', () => {
    const egressCidrs = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/24', 'fd00::/16'];
    const dual = { ...EXISTING, egressCidrs, dualStack: true };
    expect(faultsOf({ ...dual, endpoints: 'nat' }, outside)).toEqual([]);
    expect(faultsOf({ ...dual, ...CREATE }, outside)).toEqual([expect.stringMatching(/^push\.url: /)]);
  });
});
