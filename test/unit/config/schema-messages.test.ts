import { describe, expect, it } from 'vitest';
import { checkConfig } from '../../../lib/config/check-config.ts';
import { ConfigError } from '../../../lib/config/errors.ts';

const PIN = Array(32).fill('AB').join(':');
/** Each key of the configuration at least once; `credentials` and `tls` in each of their forms. */
const FULL = {
  targets: [
    { name: 'a', url: 'https://a/sdk', site: 's', credentials: { file: 'a.yaml' }, tls: { ca: 'a.pem' } },
    { name: 'b', credentials: { secret: 'b' }, tls: { sha256: [PIN] } },
  ],
  esxi: {
    credentials: { env: 'ESXI', scope: 'host' },
    address: 'name',
    domain: 'example.org',
    port: 22,
    overrides: { esx07: '10.0.0.7:2222' },
    services: ['hostd'],
    lockdown: 'skip',
    maintenance: 'collect',
    concurrency: 250,
    timeouts: { connectSeconds: 3, loginSeconds: 15, commandSeconds: 15 },
  },
  sweeps: [{ name: 's', every: '1m', collectors: ['overall-status'], targets: ['a'], job: 'j' }],
  netbox: {
    url: 'https://netbox',
    token: { env: 'NETBOX' },
    tls: { ca: 'netbox.pem' },
    filter: { platform: 'vmware-esxi', status: ['active', 'staged'], has_primary_ip: true },
    cacheMinutes: 60,
    whenDown: 'use-stale',
  },
  push: { url: 'https://gw', credentials: { env: 'PUSH' }, tls: { ca: 'gw.pem' }, gzip: true },
  exporter: { listen: '127.0.0.1:9666' },
  blacklist: { minutes: 20 },
  polls: { allow: ['config.extraConfig'] },
  events: { types: ['esx.problem.storage.apd.start', 'VmFailoverFailed'] },
  state: { path: 'state' },
};
const ARN = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:vsweep-AbCdEf';
const id = (kind: string, last = 0) => `${kind}-0123456789abcdef${last}`;
/** The same for AWS, with what one machine may not have beside it. */
const DEPLOYED = {
  targets: [
    {
      name: 'a',
      aliases: ['old'],
      credentials: { secret: 'a' },
      hosts: [{ name: 'esx1', site: 's' }],
      endLeftoverSessions: true,
    },
  ],
  esxi: {
    credentials: { secret: 'esxi' },
    hostKeys: { unknown: 'trust-first', until: '2999-12-31', file: 'known_hosts' },
    services: [{ name: 'smad', silentMeansRunning: true }],
  },
  sweeps: [{ name: 's', every: '1m', collectors: ['overall-status'] }],
  metrics: { legacyNames: true, preset: ['otel'], otelNames: 'receiver', moid: true },
  aws: {
    stack: 'Vsweep-lab',
    stateTable: { name: 'table', integritySecret: ARN },
    tags: { team: 'a' },
    kmsKeyArn: 'arn:aws:kms:eu-central-1:111122223333:key/1234abcd',
    network: {
      vpcId: id('vpc'),
      subnets: [id('subnet'), { id: id('subnet', 1), zone: 'eu-central-1a' }],
      routeTables: [id('rtb')],
      dynamodbPrefixList: id('pl'),
      s3PrefixList: id('pl', 1),
      egressCidrs: ['10.0.0.0/8'],
      endpoints: { lambda: 'existing' },
      endpointCidrs: ['10.9.0.0/28'],
      nat: false,
      dnsServers: ['10.0.0.53'],
      dualStack: false,
    },
    tracing: true,
    functions: {
      sweep: { memoryMb: 1_024, timeout: '1m', reservedConcurrency: 1 },
      'collect-batch': { memoryMb: 1_769 },
      poll: { timeout: '30s' },
    },
    poll: { functionUrl: true },
    split: 'target',
    maxConcurrentBatches: 50,
    maxSessionsPerTarget: 8,
    inlineBelowHosts: 100,
    alarms: { emails: ['ops@example.org'], secretReads: true },
    pushgateway: {
      deploy: true,
      image: '111122223333.dkr.ecr.eu-central-1.amazonaws.com/pushgateway:v1',
      prometheusCidrs: ['10.0.5.0/24'],
    },
  },
};
const WHOLES = [
  ['on one machine', FULL],
  ['on AWS', DEPLOYED],
] as const;
type Path = readonly (string | number)[];

function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  const below = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return [
    ...(path.length === 0 ? [] : [path]),
    ...below.flatMap(([key, one]) => pathsOf(one, [...path, key])),
  ];
}

/** The maps whose keys are fixed. */
function sectionsOf(value: unknown): Path[] {
  const isMap = (path: Path) => {
    const at = path.reduce<unknown>((one, key) => (one as Record<string | number, unknown>)[key], value);
    return (
      typeof at === 'object' &&
      !Array.isArray(at) &&
      !['overrides', 'filter', 'tags'].includes(String(path.at(-1))) &&
      // Of a list whose items are an id or a map: what is said of both says more.
      !['subnets', 'services'].includes(String(path.at(-2)))
    );
  };
  return [[], ...pathsOf(value)].filter(isMap);
}

/** A copy with another value at the path; without the key when `value` is undefined. */
function put(from: unknown, [key, ...rest]: Path, value: unknown): unknown {
  if (key === undefined) return value;
  if (Array.isArray(from)) return from.map((one, at) => (at === key ? put(one, rest, value) : one));
  const { [key]: old, ...others } = from as Record<string, unknown>;
  const changed = put(old, rest, value);
  return changed === undefined ? others : { ...others, [key]: changed };
}

function faultsOf(config: unknown): readonly { path: string; message: string }[] {
  const collectors = { names: ['overall-status'], overSsh: [], overVcenter: ['overall-status'] };
  try {
    checkConfig(config as Record<string, unknown>, { file: 'f', collectors });
  } catch (error) {
    if (error instanceof ConfigError) return error.issues;
    throw error;
  }
  return [];
}
it('names each of two unknown keys apart', () => {
  const [fault] = faultsOf({ ...FULL, blacklist: { minutes: 20, minuts: 1, zzz: 2 } });
  expect(fault?.message).toMatch(/^"minuts" is unknown; .*; "zzz" is unknown; /);
});

const messageAt = (path: Path, value: unknown, whole: object = FULL) =>
  faultsOf(put(whole, path, value))
    .map(({ message }) => message)
    .join('\n');

const WRONG = [
  null,
  5,
  -1,
  1e9,
  true,
  '',
  'x',
  'x y',
  ' '.repeat(5_000),
  [],
  [5],
  [[]],
  Array(1_001).fill({}),
  {},
  { a: 5 },
];
/** What zod says when the schema has nothing to say. */
const OF_ZOD = /^(?:Invalid|Too (?:big|small)|Unrecognized|Expected|Required)/;

describe.each(WHOLES)('the messages of the configuration %s', (_where, whole) => {
  it('have something to check: the whole is taken', () => {
    expect(faultsOf(whole)).toEqual([]);
  });

  it.each(pathsOf(whole).map((path) => [path.join('.'), path] as const))(
    'say what to write instead of any wrong value of %s',
    (_name, path) => {
      for (const value of [undefined, ...WRONG]) {
        for (const { message } of faultsOf(put(whole, path, value))) {
          expect(message).not.toMatch(OF_ZOD);
          expect(message).not.toBe('');
        }
      }
      expect([5, true, [[]]].some((value) => faultsOf(put(whole, path, value)).length > 0)).toBe(true);
    },
  );

  it.each(sectionsOf(whole).map((path) => [path.join('.'), path] as const))(
    'name a key too many in the section "%s"',
    (_name, path) => {
      expect(messageAt([...path, 'zzz'], 5, whole)).toMatch(
        /^"zzz" is unknown; (did you mean "\w+"\? K|k)nown keys: /,
      );
    },
  );
});

describe('the bounds of the configuration', () => {
  it.each<[string, readonly unknown[], readonly unknown[]]>([
    ['targets.1.name', ['a'.repeat(253)], ['', 'a'.repeat(254), '-a', 'a b']],
    ['targets.0.site', ['', 's'.repeat(256)], ['s'.repeat(257)]],
    ['esxi.port', [1, 65_535], [0, 65_536, 22.5]],
    ['esxi.concurrency', [1, 900], [0, 901]],
    ['esxi.timeouts.connectSeconds', [0.1, 60], [0.09, 60.1]],
    ['esxi.timeouts.loginSeconds', [0.1, 120], [0.09, 120.1]],
    ['esxi.timeouts.commandSeconds', [0.1, 300], [0.09, 300.1]],
    ['esxi.services', [['a'], Array(64).fill('a')], [[], Array(65).fill('a')]],
    ['sweeps.0.every', ['10s', '24h', '86400s'], ['9s', '86401s', '25h', '1d']],
    ['sweeps.0.job', ['j', 'j'.repeat(256)], ['', 'j'.repeat(257)]],
    ['netbox.cacheMinutes', [1, 10_080], [0.9, 10_081]],
    ['blacklist.minutes', [1, 10_080], [0.9, 10_081]],
    [
      'events.types',
      [
        ['vim.event.VmFailoverFailed'],
        ['com.vmware.vc.HA.DasHostFailedEvent'],
        Array.from({ length: 100 }, (_, n) => `a.b${n}`),
      ],
      [[], ['a b'], ['.a'], ['a..b'], ['a.b', 'a.b'], Array.from({ length: 101 }, (_, n) => `a.b${n}`)],
    ],
    ['targets.1.url', ['https://a/sdk'], ['http://a/sdk', 'xhttps://a', 'httpsx://a']],
    ['push.url', ['http://gw', 'https://gw'], ['xhttp://gw', 'httpx://gw', 'ftp://gw']],
    ['netbox.url', ['http://nb', 'https://nb'], ['xhttp://nb', 'httpx://nb', 'ftp://nb']],
    [
      'exporter.listen',
      ['127.0.0.1:0', '[::1]:65535', 'localhost:9666'],
      ['127.0.0.1:65536', '::1:9666', ':9666'],
    ],
    ['targets.1.tls.sha256', [[PIN], Array(8).fill(PIN)], [[], Array(9).fill(PIN)]],
  ])('of %s are what is said of them', (path, taken, refused) => {
    const at = path.split('.').map((key) => (/^\d+$/.test(key) ? Number(key) : key));
    for (const value of taken) expect([value, messageAt(at, value)]).toEqual([value, '']);
    for (const value of refused) expect([value, messageAt(at, value)]).not.toEqual([value, '']);
  });

  it.each<[string, readonly unknown[], readonly unknown[]]>([
    [
      'targets.0.aliases',
      [[], Array.from({ length: 32 }, (_, n) => `x${n}`)],
      [Array.from({ length: 33 }, (_, n) => `x${n}`)],
    ],
    ['aws.stack', ['A', `a${'-'.repeat(49)}`], ['', '1a', `a${'-'.repeat(50)}`, 'a_b']],
    ['aws.stateTable.name', ['abc', 'a'.repeat(255)], ['ab', 'a'.repeat(256), 'a b']],
    ['aws.stateTable.integritySecret', [ARN], [ARN.slice(1), `${ARN}x`, ARN.slice(0, -1)]],
    [
      'aws.kmsKeyArn',
      [DEPLOYED.aws.kmsKeyArn],
      [`x${DEPLOYED.aws.kmsKeyArn}`, `${DEPLOYED.aws.kmsKeyArn}/x`],
    ],
    [
      'aws.tags',
      [{}, { ['k'.repeat(128)]: 'v'.repeat(256) }],
      [{ 'aws:a': 'b' }, { AWS: 7 }, { ['k'.repeat(129)]: '' }, { k: 'v'.repeat(257) }],
    ],
    [
      'aws.network.vpcId',
      ['vpc-01234567'],
      ['vpc-0123456', 'xvpc-01234567', 'vpc-0123456789abcdef01', 'news'],
    ],
    [
      'aws.network.egressCidrs',
      [Array.from({ length: 10 }, (_, n) => `10.${n}.0.0/16`)],
      [[], Array.from({ length: 51 }, (_, n) => `10.${n}.0.0/16`)],
    ],
    [
      'aws.network.subnets',
      [[id('subnet')]],
      [[], Array.from({ length: 17 }, (_, n) => `subnet-${String(n).padStart(8, '0')}`)],
    ],
    ['aws.network.dnsServers', [['10.0.0.53']], [[], ['10.0.0.053']]],
    ['aws.functions.sweep.memoryMb', [256, 10_240], [255, 10_241]],
    ['aws.functions.sweep.timeout', ['3s', '15m'], ['2s', '901s', '16m', '1d']],
    ['aws.functions.sweep.reservedConcurrency', [1, 10_000], [0, 10_001]],
    ['aws.maxConcurrentBatches', [1, 900], [0, 901]],
    ['aws.maxSessionsPerTarget', [1, 100], [0, 101]],
    ['aws.inlineBelowHosts', [0, 1_500], [-1, 1_501]],
    [
      'aws.pushgateway.image',
      ['111122223333.dkr.ecr.eu-central-1.amazonaws.com/a@sha256:'.concat('0'.repeat(64))],
      ['a', 'a:', 'a b:c'],
    ],
    ['esxi.hostKeys.until', ['2999-01-01'], ['2999-13-01', 'never']],
  ])('of %s on AWS are what is said of them', (path, taken, refused) => {
    const at = path.split('.').map((key) => (/^\d+$/.test(key) ? Number(key) : key));
    for (const value of taken) expect([value, messageAt(at, value, DEPLOYED)]).toEqual([value, '']);
    for (const value of refused) expect([value, messageAt(at, value, DEPLOYED)]).not.toEqual([value, '']);
  });
});

describe('the messages of the configuration', () => {
  it.each(['10.0.0.7:99999', '10.0.0.7:0', '[fe80::1]:65536', 'fe80::1', '10.0.0.7:'])(
    'refuse the override %s and name the ports and the brackets',
    (written) => {
      const message = messageAt(['esxi', 'overrides', 'esx07'], written);
      expect(message).toContain('1 to 65535');
      expect(message).toContain('"[fe80::1]:22"');
    },
  );

  it.each([
    ['[10.0.0.7]:22', 'write an IPv4 address without brackets: "10.0.0.7" or "10.0.0.7:<port>"'],
    ['[10.0.0.7]', 'write an IPv4 address without brackets: "10.0.0.7" or "10.0.0.7:<port>"'],
    ['[fe80::1%vmk0]:22', 'write an IPv6 address without a zone ("%" and what follows it)'],
    ['[fe80::1::2]:22', 'an IPv6 address in brackets: "[fe80::1]:22"'],
  ])('refuse what is no IPv6 address in the brackets of the override %s', (written, remedy) => {
    expect(messageAt(['esxi', 'overrides', 'esx07'], written)).toContain(remedy);
  });

  it.each(['10.0.0.7', 'esx07.example.org:65535', '[fe80::1]', '[fe80::1]:1'])(
    'take the override %s',
    (written) => {
      expect(messageAt(['esxi', 'overrides', 'esx07'], written)).toBe('');
    },
  );

  it('say that the URL of a vCenter is https', () => {
    expect(messageAt(['targets', 0, 'url'], 'http://vc01/sdk')).toContain('an https URL');
  });

  it('name the key that was probably meant, and all keys of the section', () => {
    expect(messageAt(['esxi', 'service'], ['hostd'])).toMatch(
      /^"service" is unknown; did you mean "services"\? Known keys: credentials, address, .*timeouts$/,
    );
    expect(messageAt(['esxi', 'timeouts', 'connectSecond'], 3)).toContain('did you mean "connectSeconds"?');
    expect(messageAt(['push', 'ulr'], 'x')).toContain('did you mean "url"?');
    expect(messageAt(['sweep'], [])).toMatch(
      /^"sweep" is unknown; did you mean "sweeps"\? Known keys: targets, /,
    );
    expect(messageAt(['push', 'colour'], 'red')).toBe(
      '"colour" is unknown; known keys: url, credentials, tls, gzip, protocol',
    );
  });

  it('name the forms of which one is to be written where two stand, whatever their values', () => {
    const tls = /^write one of \{ sha256: .* \{ ca: .* and \{ insecure: true \}$/;
    expect(messageAt(['targets', 0, 'tls'], { insecure: 'yes', ca: 'nofile.pem' })).toMatch(tls);
    expect(messageAt(['targets', 0, 'tls'], { insecure: true, ca: 'nofile.pem' })).toMatch(tls);
    const credentials = /^write one of \{ secret: .*, \{ env: .* and \{ file: /;
    expect(messageAt(['push', 'credentials'], { secret: 'a', env: 7 })).toMatch(credentials);
  });

  it('name the collector that was probably meant, or all', () => {
    const said = (name: string) => messageAt(['sweeps', 0, 'collectors', 0], name);
    expect(said('overal-status')).toBe(
      'there is no collector "overal-status"; did you mean "overall-status"?',
    );
    expect(said('elephant')).toMatch(/^there is no collector "elephant"; known collectors: overall-status/);
  });
});
