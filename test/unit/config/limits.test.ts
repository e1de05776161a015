import { describe, expect, it } from 'vitest';
import { sections } from '../../../lib/config/schema.ts';

const PIN = Array(32).fill('AB').join(':');
const TARGET = { name: 'vc01', credentials: { env: 'VC' } };
const SWEEP = { name: 's', every: '1m', collectors: ['overall-status'] };
const ESXI = { credentials: { env: 'ESXI' } };
const NETBOX = { url: 'https://netbox', token: { env: 'NETBOX' } };
const NETWORK = { vpcId: 'vpc-01234567', egressCidrs: ['10.0.0.0/8'] };
const SUBNET = 'subnet-0123456789abcdef0';

const many = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));
const long = (characters: number) => 'x'.repeat(characters);

const target = (changes: object) => [{ ...TARGET, ...changes }];
const sweep = (changes: object) => [{ ...SWEEP, ...changes }];
const esxi = (changes: object) => ({ ...ESXI, ...changes });
const network = (changes: object) => ({ network: { ...NETWORK, ...changes } });

type Section = keyof typeof sections;
/** The first fault of a section, as its place in it and what an operator reads. */
function faultOf(section: Section, value: unknown): string | undefined {
  const [issue] = sections[section].safeParse(value).error?.issues ?? [];
  return issue === undefined ? undefined : `${issue.path.join('.')}: ${issue.message}`;
}

/** What is refused first beyond each limit, beside the last that is taken, and what to write instead. */
const LIMITS: readonly (readonly [Section, taken: unknown, refused: unknown, told: string])[] = [
  ['targets', target({}), [], ': list at least one target'],
  [
    'targets',
    many(1_000, (n) => ({ ...TARGET, name: `vc${n}` })),
    many(1_001, (n) => ({ ...TARGET, name: `vc${n}` })),
    ': list at most 1000 targets',
  ],
  [
    'targets',
    target({ name: `a${long(252)}` }),
    target({ name: `a${long(253)}` }),
    '0.name: use letters, digits, ".", "_" and "-", at most 253 of them, beginning with a letter or digit',
  ],
  [
    'targets',
    target({ aliases: many(32, String) }),
    target({ aliases: many(33, String) }),
    '0.aliases: name at most 32 aliases',
  ],
  ['targets', target({ site: long(256) }), target({ site: long(257) }), '0.site: use at most 256 characters'],
  [
    'targets',
    target({ hosts: [{ name: 'h' }] }),
    target({ hosts: [] }),
    '0.hosts: name at least one host, or leave "hosts" out',
  ],
  [
    'targets',
    target({ hosts: [{ name: long(253) }] }),
    target({ hosts: [{ name: long(254) }] }),
    '0.hosts.0.name: write the name of a host, as vCenter has it, at most 253 characters',
  ],
  [
    'targets',
    target({ hosts: [{ name: 'h', site: long(256) }] }),
    target({ hosts: [{ name: 'h', site: long(257) }] }),
    '0.hosts.0.site: use at most 256 characters',
  ],
  [
    'targets',
    target({ tls: { sha256: [PIN] } }),
    target({ tls: { sha256: [] } }),
    '0.tls.sha256: name at least one fingerprint',
  ],
  [
    'targets',
    target({ tls: { sha256: many(8, () => PIN) } }),
    target({ tls: { sha256: many(9, () => PIN) } }),
    '0.tls.sha256: name at most 8 fingerprints',
  ],
  [
    'targets',
    target({ tls: { ca: long(4_096) } }),
    target({ tls: { ca: long(4_097) } }),
    '0.tls.ca: write the path of a PEM file, at most 4096 characters',
  ],
  [
    'targets',
    target({ credentials: { secret: long(512) } }),
    target({ credentials: { secret: long(513) } }),
    '0.credentials.secret: write the name of a secret, at most 512 characters',
  ],
  [
    'targets',
    target({ credentials: { file: long(4_096) } }),
    target({ credentials: { file: long(4_097) } }),
    '0.credentials.file: write the path of a file, at most 4096 characters',
  ],
  [
    'targets',
    target({ credentials: { env: `A${long(100)}` } }),
    target({ credentials: { env: `A${long(101)}` } }),
    '0.credentials.env: write a prefix of letters, digits and "_", at most 101 of them, not beginning with a digit',
  ],
  ['sweeps', sweep({}), [], ': list at least one sweep'],
  [
    'sweeps',
    many(100, (n) => ({ ...SWEEP, name: `s${n}` })),
    many(101, (n) => ({ ...SWEEP, name: `s${n}` })),
    ': list at most 100 sweeps',
  ],
  [
    'sweeps',
    sweep({ every: '10s' }),
    sweep({ every: '9s' }),
    '0.every: "9s" is not a duration of 10s to 24h, such as 1m',
  ],
  [
    'sweeps',
    sweep({ every: '24h' }),
    sweep({ every: '25h' }),
    '0.every: "25h" is not a duration of 10s to 24h, such as 1m',
  ],
  [
    'sweeps',
    sweep({ every: '1h' }),
    sweep({ every: 'hourly' }),
    '0.every: "hourly" is not a duration of 10s to 24h, such as 1m',
  ],
  [
    'sweeps',
    sweep({ collectors: ['a'] }),
    sweep({ collectors: [] }),
    '0.collectors: name at least one collector',
  ],
  [
    'sweeps',
    sweep({ collectors: many(64, String) }),
    sweep({ collectors: many(65, String) }),
    '0.collectors: name at most 64 collectors',
  ],
  [
    'sweeps',
    sweep({ targets: ['a'] }),
    sweep({ targets: [] }),
    '0.targets: name at least one target, or leave "targets" out for all',
  ],
  ['sweeps', sweep({ job: 'j' }), sweep({ job: '' }), '0.job: write a job name'],
  ['sweeps', sweep({ job: long(256) }), sweep({ job: long(257) }), '0.job: use at most 256 characters'],
  ['esxi', esxi({ port: 1 }), esxi({ port: 0 }), 'port: use 1 to 65535'],
  ['esxi', esxi({ port: 65_535 }), esxi({ port: 65_536 }), 'port: use 1 to 65535'],
  ['esxi', esxi({ port: 22 }), esxi({ port: 22.5 }), 'port: write a port number'],
  ['esxi', esxi({ services: ['hostd'] }), esxi({ services: [] }), 'services: name at least one service'],
  [
    'esxi',
    esxi({ services: many(64, (n) => `s${n}`) }),
    esxi({ services: many(65, (n) => `s${n}`) }),
    'services: name at most 64 services',
  ],
  ['esxi', esxi({ concurrency: 1 }), esxi({ concurrency: 0 }), 'concurrency: use 1 to 900'],
  ['esxi', esxi({ concurrency: 900 }), esxi({ concurrency: 901 }), 'concurrency: use 1 to 900'],
  [
    'esxi',
    esxi({ timeouts: { connectSeconds: 60 } }),
    esxi({ timeouts: { connectSeconds: 61 } }),
    'timeouts.connectSeconds: use at most 60 s',
  ],
  [
    'esxi',
    esxi({ timeouts: { loginSeconds: 120 } }),
    esxi({ timeouts: { loginSeconds: 121 } }),
    'timeouts.loginSeconds: use at most 120 s',
  ],
  [
    'esxi',
    esxi({ timeouts: { commandSeconds: 300 } }),
    esxi({ timeouts: { commandSeconds: 301 } }),
    'timeouts.commandSeconds: use at most 300 s',
  ],
  [
    'esxi',
    esxi({ timeouts: { commandSeconds: 0.1 } }),
    esxi({ timeouts: { commandSeconds: 0 } }),
    'timeouts.commandSeconds: use at least 0.1 s',
  ],
  [
    'esxi',
    esxi({ overrides: { esx07: '[fe80::1]:65535' } }),
    esxi({ overrides: { esx07: '10.0.0.7:65536' } }),
    'overrides.esx07: write "<address>" or "<address>:<port>" with a port of 1 to 65535, and an IPv6 address in brackets: "[fe80::1]:22"',
  ],
  ['netbox', { ...NETBOX, cacheMinutes: 1 }, { ...NETBOX, cacheMinutes: 0 }, 'cacheMinutes: use at least 1'],
  [
    'netbox',
    { ...NETBOX, cacheMinutes: 10_080 },
    { ...NETBOX, cacheMinutes: 10_081 },
    'cacheMinutes: use at most 10080',
  ],
  ['blacklist', { minutes: 1 }, { minutes: 0 }, 'minutes: use at least 1'],
  ['blacklist', { minutes: 10_080 }, { minutes: 10_081 }, 'minutes: use at most 10080'],
  [
    'exporter',
    { listen: '[::1]:65535' },
    { listen: '[::1]:65536' },
    'listen: "[::1]:65536" is not "<address>:<port>", such as 127.0.0.1:9666',
  ],
  [
    'exporter',
    { listen: 'localhost:0' },
    { listen: 'localhost' },
    'listen: "localhost" is not "<address>:<port>", such as 127.0.0.1:9666',
  ],
  [
    'state',
    { path: long(4_096) },
    { path: long(4_097) },
    'path: write the path of a folder, at most 4096 characters',
  ],
  [
    'metrics',
    { preset: ['otel', 'vmware_exporter'] },
    { preset: ['otel', 'otel'] },
    'preset: name each preset once',
  ],
  ['metrics', { preset: ['otel'] }, { preset: [] }, 'preset: write vmware_exporter, otel, or both as a list'],
  [
    'aws',
    { functions: { poll: { memoryMb: 256 } } },
    { functions: { poll: { memoryMb: 255 } } },
    'functions.poll.memoryMb: use at least 256',
  ],
  [
    'aws',
    { functions: { poll: { memoryMb: 10_240 } } },
    { functions: { poll: { memoryMb: 10_241 } } },
    'functions.poll.memoryMb: use at most 10240',
  ],
  [
    'aws',
    { functions: { poll: { timeout: '3s' } } },
    { functions: { poll: { timeout: '2s' } } },
    'functions.poll.timeout: write a duration of 3s to 15m, such as 1m',
  ],
  [
    'aws',
    { functions: { poll: { timeout: '15m' } } },
    { functions: { poll: { timeout: '16m' } } },
    'functions.poll.timeout: write a duration of 3s to 15m, such as 1m',
  ],
  [
    'aws',
    { functions: { poll: { reservedConcurrency: 1 } } },
    { functions: { poll: { reservedConcurrency: 0 } } },
    'functions.poll.reservedConcurrency: use at least 1',
  ],
  ['aws', { maxConcurrentBatches: 1 }, { maxConcurrentBatches: 0 }, 'maxConcurrentBatches: use 1 to 900'],
  ['aws', { maxConcurrentBatches: 900 }, { maxConcurrentBatches: 901 }, 'maxConcurrentBatches: use 1 to 900'],
  ['aws', { maxSessionsPerTarget: 1 }, { maxSessionsPerTarget: 0 }, 'maxSessionsPerTarget: use 1 to 100'],
  ['aws', { maxSessionsPerTarget: 100 }, { maxSessionsPerTarget: 101 }, 'maxSessionsPerTarget: use 1 to 100'],
  ['aws', { inlineBelowHosts: 0 }, { inlineBelowHosts: -1 }, 'inlineBelowHosts: use 0 to 5000'],
  ['aws', { inlineBelowHosts: 5_000 }, { inlineBelowHosts: 5_001 }, 'inlineBelowHosts: use 0 to 5000'],
  [
    'aws',
    { stack: `V${long(49)}` },
    { stack: `V${long(50)}` },
    'stack: use letters, digits and "-", at most 50 of them, beginning with a letter, such as Vsweep-lab',
  ],
  [
    'aws',
    { pushgateway: { deploy: true, image: `${long(507)}:v1.0` } },
    { pushgateway: { deploy: true, image: `${long(508)}:v1.0` } },
    'pushgateway.image: write an image, at most 512 characters',
  ],
  [
    'aws',
    { pushgateway: { deploy: true, image: 'prom/pushgateway:v1' } },
    { pushgateway: { deploy: true, image: 'prom/pushgateway' } },
    'pushgateway.image: write an image with a tag or digest, such as prom/pushgateway:v1.11.3',
  ],
  [
    'aws',
    network({ egressCidrs: ['10.0.0.0/8'] }),
    network({ egressCidrs: [] }),
    'network.egressCidrs: write a range of addresses such as 10.20.0.0/16',
  ],
  [
    'aws',
    network({ egressCidrs: many(50, (n) => `10.${n}.0.0/16`) }),
    network({ egressCidrs: many(51, (n) => `10.${n}.0.0/16`) }),
    'network.egressCidrs: name at most 50 ranges',
  ],
  [
    'aws',
    network({ dnsServers: many(4, (n) => `10.0.0.${n}`) }),
    network({ dnsServers: many(5, (n) => `10.0.0.${n}`) }),
    'network.dnsServers: name at most 4 servers, as many as DHCP options take',
  ],
  [
    'aws',
    network({ dnsServers: ['10.0.0.1'] }),
    network({ dnsServers: [] }),
    'network.dnsServers: write an address such as 10.20.0.53',
  ],
  [
    'aws',
    network({ subnets: [SUBNET] }),
    network({ subnets: [SUBNET, SUBNET] }),
    `network.subnets.1: ${SUBNET} stands there twice; leave one of them out`,
  ],
];

describe('a limit of the configuration', () => {
  it.each(LIMITS.map(([section, ...rest]) => [section, rest[2], rest] as const))(
    '%s: takes the last value before it, and says of the first one beyond it "%s"',
    (section, told, [taken, refused]) => {
      expect(faultOf(section, taken)).toBeUndefined();
      expect(faultOf(section, refused)).toBe(told);
    },
  );
});

describe('what is not written', () => {
  const parsed = (section: Section, value: unknown) => sections[section].parse(value);

  it('is what costs least and asks most', () => {
    expect(parsed('targets', [TARGET])).toEqual([
      { ...TARGET, aliases: [], url: 'https://vc01/sdk', site: '', endLeftoverSessions: false },
    ]);
    expect(parsed('sweeps', [SWEEP])).toEqual([
      { name: 's', everyMs: 60_000, collectors: ['overall-status'], job: 'vsweep_s', samples: 'newest' },
    ]);
    expect(parsed('esxi', ESXI)).toMatchObject({
      credentials: { env: 'ESXI', scope: 'host' },
      address: 'name',
      port: 22,
      overrides: {},
      services: ['hostd', 'nsx-opsagent', 'nsx-proxy', 'nsxa', 'ntpd', 'vpxa', 'vvold'],
      lockdown: 'skip',
      maintenance: 'collect',
      concurrency: 250,
      timeouts: { connectSeconds: 3, loginSeconds: 15, commandSeconds: 15 },
    });
    expect(parsed('netbox', NETBOX)).toMatchObject({ cacheMinutes: 60, whenDown: 'use-stale' });
    expect(parsed('push', { url: 'http://gw' })).toEqual({
      url: 'http://gw',
      gzip: true,
      protocol: 'pushgateway',
    });
    expect(parsed('metrics', undefined)).toEqual({
      legacyNames: false,
      preset: ['vmware_exporter'],
      otelNames: 'mixin',
      moid: false,
      own: {},
      series: 200_000,
    });
    expect(parsed('blacklist', undefined)).toEqual({ minutes: 20 });
    expect(parsed('state', undefined)).toEqual({});
    expect(parsed('aws', {})).toEqual({
      stack: 'Vsweep',
      tags: {},
      allowPublicEgress: false,
      task: false,
      tracing: false,
      functions: {},
      poll: { functionUrl: false },
      split: 'sweep',
      maxConcurrentBatches: 50,
      maxSessionsPerTarget: 8,
      alarms: { emails: [], secretReads: false },
    });
    expect(parsed('aws', network({}))).toMatchObject({ network: { endpoints: 'create', dualStack: false } });
    expect(parsed('aws', { pushgateway: { deploy: true } })).toMatchObject({
      pushgateway: { image: 'prom/pushgateway:v1.11.3' },
    });
  });
});
