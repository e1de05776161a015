import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sections } from '../../../lib/config/schema.ts';

const FILE = join(import.meta.dirname, '../../fixtures/config/section-messages.txt');

/** Each key of each section, in each form in which it may be written: what is below it is spoiled in turn. */
const SECTIONS: readonly (readonly [keyof typeof sections, ...wholes: unknown[]])[] = [
  [
    'targets',
    [
      {
        name: 'a',
        aliases: ['b'],
        url: 'https://a/sdk',
        site: 's',
        credentials: { env: 'A' },
        tls: { sha256: ['ab'.repeat(32)] },
        hosts: [{ name: 'h', site: 's' }],
        endLeftoverSessions: true,
      },
    ],
    [{ name: 'a', credentials: { file: 'a' }, tls: { ca: 'a' } }],
    [{ name: 'a', credentials: { secret: 'a' }, tls: { insecure: true } }],
  ],
  [
    'esxi',
    {
      credentials: { env: 'E', scope: 'domain' },
      address: 'name',
      domain: 'd',
      port: 22,
      overrides: { a: 'b:22' },
      services: ['hostd', { name: 'smad', silentMeansRunning: true }],
      hostKeys: { unknown: 'trust-first', until: '2027-01-31', file: 'f' },
      lockdown: 'skip',
      maintenance: 'skip',
      concurrency: 1,
      timeouts: { connectSeconds: 1, loginSeconds: 1, commandSeconds: 1 },
    },
  ],
  ['sweeps', [{ name: 's', every: '1m', collectors: ['c'], targets: ['a'], job: 'j', samples: 'all' }]],
  [
    'netbox',
    {
      url: 'https://n',
      token: { env: 'N' },
      tls: { ca: 'a' },
      filter: { status: ['active', 1], a: true },
      cacheMinutes: 1,
      whenDown: 'use-stale',
    },
  ],
  [
    'push',
    { url: 'https://p', credentials: { env: 'P' }, tls: { ca: 'a' }, gzip: true, protocol: 'push-only' },
  ],
  ['victoriaMetrics', { url: 'https://v', credentials: { env: 'V' }, tls: { ca: 'a' }, maxBackfill: '30m' }],
  [
    'remoteWrite',
    {
      url: 'https://r',
      externalLabels: { a: 'b' },
      token: { env: 'T' },
      tls: { ca: 'a' },
      maxBackfill: '30m',
    },
    { workspaceArn: 'arn:aws:aps:eu-central-1:111122223333:workspace/ws-0' },
    { url: 'https://r', credentials: { env: 'T' } },
  ],
  [
    'otlp',
    {
      url: 'https://o',
      token: { env: 'T' },
      tokenHeader: 'x-key',
      headers: { 'x-a': 'b' },
      tls: { ca: 'a' },
      maxBackfill: '30m',
    },
    { region: 'eu-central-1' },
    { url: 'https://o', credentials: { env: 'T' } },
  ],
  ['textfile', { path: 'p' }],
  ['stdout', {}],
  ['exporter', { listen: 'a:1', token: { env: 'T' } }],
  [
    'metrics',
    {
      legacyNames: true,
      preset: ['otel', 'vmware_exporter'],
      otelNames: 'mixin',
      moid: true,
      own: {
        a: {
          property: 'HostSystem name',
          each: 'HostSystem config.network.pnic',
          counter: 'VirtualMachine cpu.ready.summation',
          esxcli: 'a b',
          ssh: ['a', 1],
          value: 'a',
          labels: { nic: 'device' },
          states: ['green'],
          test: { equals: 'a', matches: 'b', above: 1, below: 2 },
          count: 'a',
          scale: '1/2',
          divide: 'a',
          unset: 0,
          instances: { label: 'disk', keep: '*' },
          interval: '20s',
          every: '1m',
          timeout: 1,
          max: 1,
          type: 'gauge',
          help: 'h',
        },
      },
      only: { folder: ['a'], cluster: 'b', name: ['c'], tag: ['d=e'] },
      series: 1,
    },
  ],
  ['events', { types: ['VmFailoverFailed'] }],
  ['blacklist', { minutes: 1 }],
  [
    'polls',
    {
      allow: ['config'],
      curve: { secretKey: { env: 'C' }, clients: ['rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7'] },
    },
  ],
  ['state', { path: 'p' }],
  [
    'aws',
    {
      stack: 'a',
      stateTable: {
        name: 'abc',
        integritySecret: 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:a-AbCdEf',
      },
      tags: { a: 'b' },
      kmsKeyArn: 'arn:aws:kms:eu-central-1:111122223333:key/a',
      network: {
        vpcId: 'vpc-01234567',
        cidr: '10.0.0.0/8',
        subnets: ['subnet-01234567', { id: 'subnet-01234568', zone: 'euc1-az1' }],
        routeTables: ['rtb-01234567'],
        dynamodbPrefixList: 'pl-01234567',
        s3PrefixList: 'pl-01234568',
        egressCidrs: ['10.0.0.0/8'],
        endpoints: { lambda: 'existing' },
        endpointCidrs: ['10.9.0.0/16'],
        nat: true,
        dnsServers: ['10.0.0.53'],
        dualStack: true,
      },
      allowPublicEgress: true,
      tracing: true,
      task: true,
      taskSize: { vcpu: 0.5, memoryMb: 1_024 },
      taskBaseImage: `a/node@sha256:${'0a'.repeat(32)}`,
      functions: {
        sweep: { memoryMb: 512, timeout: '1m', reservedConcurrency: 1 },
        'collect-batch': {},
        poll: {},
      },
      poll: { functionUrl: true },
      split: 'target',
      maxConcurrentBatches: 1,
      maxSessionsPerTarget: 1,
      inlineBelowHosts: 1,
      alarms: {
        topicArn: 'arn:aws:sns:eu-central-1:111122223333:alarms',
        emails: ['ops@example.org'],
        secretReads: true,
      },
      pushgateway: { deploy: true, image: 'a:1', prometheusCidrs: ['10.0.5.0/24'] },
    },
    { network: { vpcId: 'new', egressCidrs: ['10.0.0.0/8'], endpoints: 'nat' } },
  ],
];

const LONG_TEXT = 'x'.repeat(5_000);
const LONG_LIST = Array(1_001).fill('y');
const SPOILED = [
  undefined,
  null,
  true,
  0,
  -1,
  1.5,
  1e12,
  '',
  'x',
  '#/ :',
  '10.0.0.1/8',
  LONG_TEXT,
  [],
  [7],
  ['x', 'x'],
  LONG_LIST,
  {},
  { zzz: 1 },
  { '#': 'x' },
];

/** Too much only where there is a text or a list: elsewhere it is as wrong as a short one, and takes long. */
const spoiledOf = (value: unknown): readonly unknown[] =>
  SPOILED.filter(
    (wrong) =>
      (wrong !== LONG_TEXT || typeof value === 'string') && (wrong !== LONG_LIST || Array.isArray(value)),
  );

type Path = readonly (string | number)[];

function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  const below = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return [path, ...below.flatMap(([key, one]) => pathsOf(one, [...path, key]))];
}

const at = (from: unknown, path: Path): unknown =>
  path.reduce<unknown>((value, key) => (value as Record<string | number, unknown>)[key], from);

function put(from: unknown, [key, ...rest]: Path, value: unknown): unknown {
  if (key === undefined) return value;
  if (Array.isArray(from)) return from.map((one, at) => (at === key ? put(one, rest, value) : one));
  const { [key]: old, ...others } = from as Record<string, unknown>;
  const changed = put(old, rest, value);
  return changed === undefined ? others : { ...others, [key]: changed };
}

/** The first two. */
function faultsOf(section: keyof typeof sections, value: unknown): string[] {
  const issues = sections[section].safeParse(value).error?.issues ?? [];
  return issues
    .slice(0, 2)
    .map(
      ({ path, message }) =>
        `${[section, ...path.map(String)].join('.')}: ${message.replaceAll(/x{9,}/g, 'x…')}`,
    );
}

describe('each section of the configuration', () => {
  it('takes the wholes whose parts are spoiled below', () => {
    for (const [section, ...wholes] of SECTIONS)
      for (const whole of wholes) expect([section, faultsOf(section, whole)]).toEqual([section, []]);
    expect(SECTIONS.map(([section]) => section).toSorted()).toEqual(Object.keys(sections).toSorted());
  });

  it('says of wrong values of each key what section-messages.txt has: npx vitest run --project unit test/unit/config --update renews it', async () => {
    const lines = SECTIONS.flatMap(([section, ...wholes]) =>
      wholes.flatMap((whole) =>
        pathsOf(whole).flatMap((path) =>
          spoiledOf(at(whole, path)).flatMap((value) => faultsOf(section, put(whole, path, value))),
        ),
      ),
    );
    await expect(`${[...new Set(lines)].join('\n')}\n`).toMatchFileSnapshot(FILE);
  });
});
