import { describe, expect, it } from 'vitest';
import { type Config, sections } from '../../../lib/config/schema.ts';

type Section = keyof typeof sections;
const ARN = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:';
const NETWORK = { vpcId: 'new', egressCidrs: ['10.0.0.0/8'] };
const inAws = (key: string) => (value: unknown) => ({ [key]: value });
const inNetwork = (key: string) => (value: unknown) => ({ network: { ...NETWORK, [key]: value } });
const inTarget = (key: string) => (value: unknown) => [{ name: 'a', [key]: value }];
const inEsxi = (key: string) => (value: unknown) => ({ credentials: { env: 'E' }, [key]: value });
const inOtlp = (key: string) => (value: unknown) => ({ url: 'https://o', token: { env: 'T' }, [key]: value });
const inSweep = (key: string) => (value: unknown) => [
  { name: 's', every: '1m', collectors: ['hosts'], [key]: value },
];
const LINE_AFTER = '\n';

/** By what is written: where, which texts are taken, and which are not. */
const FORMS: readonly (readonly [
  what: string,
  section: Section,
  at: (value: unknown) => unknown,
  taken: readonly unknown[],
  refused: readonly unknown[],
])[] = [
  [
    'a VPC',
    'aws',
    inNetwork('vpcId'),
    ['new', 'vpc-01234567', 'vpc-0123456789abcdef0'],
    [
      '',
      'new ',
      ' new',
      'news',
      'anew',
      'vpc-',
      'vpc-0123456g',
      `vpc-01234567${LINE_AFTER}x`,
      'xvpc-01234567',
    ],
  ],
  [
    'a zone',
    'aws',
    (zone) => inNetwork('subnets')([{ id: 'subnet-01234567', zone }]),
    ['eu-central-1a', 'euc1-az1', 'abcd', `a${'b'.repeat(31)}`],
    ['', 'abc', '1abc', 'Eu-central-1a', 'eu central', `a${'b'.repeat(32)}`, 'xeu_1a', ' eu-central-1a'],
  ],
  [
    'an image',
    'aws',
    (image) => ({ pushgateway: { deploy: true, image } }),
    ['prom/pushgateway:v1.11.3', 'r.example.org:5000/a/b-c_d:1', `a@sha256:${'0a'.repeat(32)}`],
    ['a', ':v1', 'a:', 'a b:c', 'a:v 1', ' a:v1', 'a:v1 ', '#a:1', 'a:#', `a@sha256:${'0a'.repeat(32)}#`],
  ],
  [
    'a stack',
    'aws',
    inAws('stack'),
    ['V', 'Vsweep-lab2', `a${'9'.repeat(49)}`],
    ['', '9', '-a', 'a_b', 'a b', ' a', 'a ', `a${'9'.repeat(50)}`],
  ],
  [
    'a table',
    'aws',
    (name) => ({ stateTable: { name, integritySecret: `${ARN}a-AbCdEf` } }),
    ['a.b', 'A_9-', 'a'.repeat(255)],
    ['', 'ab', 'a'.repeat(256), 'a/b', 'a b', ' abc', 'abc ', 'äbc'],
  ],
  [
    'a secret by its ARN',
    'aws',
    (integritySecret) => ({ stateTable: { name: 'abc', integritySecret } }),
    [`${ARN}a/b+c=d.e@f_9-AbCd12`, `${ARN.replace('aws', 'aws-us-gov')}a-AbCdEf`],
    [
      `${ARN}a`,
      `${ARN}a-AbCdE`,
      `${ARN}a b-AbCdEf`,
      `${ARN}-AbCdEf`,
      `${ARN}a-AbCdEf `,
      ` ${ARN}a-AbCdEf`,
      ARN.replace('111122223333', '11112222333').concat('a-AbCdEf'),
      ARN.replace('eu-central-1', 'EU').concat('a-AbCdEf'),
      ARN.replace('eu-central-1', '').concat('a-AbCdEf'),
      ARN.replace('aws', 'AWS').concat('a-AbCdEf'),
    ],
  ],
  [
    'a key by its ARN',
    'aws',
    inAws('kmsKeyArn'),
    ['arn:aws:kms:eu-central-1:111122223333:key/1234abcd-_', 'arn:aws-cn:kms:cn-north-1:111122223333:key/k'],
    [
      'arn:aws:kms:eu-central-1:111122223333:key/',
      'arn:aws:kms:eu-central-1:111122223333:key/a/b',
      'arn:aws:kms:eu-central-1:1111:key/a',
      'arn:aws:kms::111122223333:key/a',
      'arn:AWS:kms:eu-central-1:111122223333:key/a',
      'arn:aws:kms:EU:111122223333:key/a',
      'xarn:aws:kms:eu-central-1:111122223333:key/a',
    ],
  ],
  [
    'a topic by its ARN',
    'aws',
    (topicArn) => ({ alarms: { topicArn } }),
    [
      'arn:aws:sns:eu-central-1:111122223333:alarms_1-a',
      `arn:aws-us-gov:sns:us-gov-west-1:111122223333:${'a'.repeat(256)}`,
    ],
    [
      'arn:aws:sns:eu-central-1:111122223333:',
      'arn:aws:sns:eu-central-1:111122223333:a b',
      `arn:aws:sns:eu-central-1:111122223333:${'a'.repeat(257)}`,
      'arn:aws:sns:eu-central-1:1111:a',
      'arn:aws:sns::111122223333:a',
      'arn:AWS:sns:eu-central-1:111122223333:a',
      'arn:aws:sns:EU:111122223333:a',
      ' arn:aws:sns:eu-central-1:111122223333:a',
    ],
  ],
  [
    'tags',
    'aws',
    inAws('tags'),
    [
      { 'Team of .:/=+@-_1': 'A b.:/=+@-_1' },
      { k: '' },
      { xaws: 'a' },
      Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`k${n}`, ''])),
    ],
    [
      { '': 'a' },
      { 'aws:a': 'b' },
      { 'AWS:a': 'b' },
      { 'a#': 'b' },
      { 'ä b': 'b' },
      { a: 'b#' },
      { a: '#b' },
      { a: 'ö' },
      { a: 'x', A: 'y' },
      Object.fromEntries(Array.from({ length: 41 }, (_, n) => [`k${n}`, ''])),
    ],
  ],
  [
    'the memory of a function',
    'aws',
    (memoryMb) => ({ functions: { poll: { memoryMb } } }),
    [256, 10_240],
    [255, 10_241, 256.5, '256'],
  ],
  [
    'the time of a function',
    'aws',
    (timeout) => ({ functions: { poll: { timeout } } }),
    ['3s', '180s', '15m'],
    ['2s', '16m', '901s', 's', '3', '3s ', ' 3s', '3d'],
  ],
  ['workers at once', 'aws', inAws('maxConcurrentBatches'), [1, 900], [0, 901]],
  ['hosts of one function', 'aws', inAws('inlineBelowHosts'), [0, 5_000], [-1, 5_001, 0.5]],
  [
    'a name',
    'targets',
    inTarget('name'),
    ['a', '9', 'vc-01.Example_org', `a${'b'.repeat(252)}`],
    ['', '-a', '.a', '_a', 'a b', 'a/b', ' a', 'a ', `a${'b'.repeat(253)}`],
  ],
  [
    'a credential in variables',
    'targets',
    (env) => inTarget('credentials')({ env }),
    ['A', '_a9', `A${'9'.repeat(100)}`],
    ['', '9A', 'A-B', 'A B', ' A', 'A ', `A${'9'.repeat(101)}`],
  ],
  [
    'a service',
    'esxi',
    (service) => inEsxi('services')([service]),
    ['hostd', '9p', 'nsx-opsagent_1.x', `a${'b'.repeat(63)}`],
    ['', '-a', '.a', '_a', 'a b', 'a/b', ' a', 'a ', 'a;b', `a${'b'.repeat(64)}`],
  ],
  [
    'the address of a host',
    'esxi',
    (address) => inEsxi('overrides')({ esx1: address }),
    ['10.0.0.7', 'esx_7.example-1.org:1', '[fe80::A]:65535', '[::ffff:10.0.0.1]'],
    [
      '',
      ':22',
      'a:',
      'a:0',
      'a:65536',
      'a:123456',
      'a:x',
      'fe80::1',
      '[fe80::1',
      'fe80::1]',
      '[]',
      '[g::1]',
      '[10.0.0.7]:22',
      '[1::2::3]',
      '[fe80::1%vmk0]',
      'a b',
      ' a',
      'a ',
      'root@a',
    ],
  ],
  [
    'where to listen',
    'exporter',
    (listen) => ({ listen }),
    ['127.0.0.1:0', '[::1]:65535', 'A-9.example.org:9666'],
    ['', '9666', ':9666', 'a:', 'a:65536', 'a:123456', '[a:9666', '[g]:1', '[]:1', 'a_b:1', ' a:1', 'a:1 '],
  ],
  [
    'an interval',
    'sweeps',
    inSweep('every'),
    ['10s', '86400s', '1440m', '24h'],
    ['', '9s', '86401s', '1441m', '25h', '1', 'm', '1d', ' 1m', '1m ', '1.5m', '0000060s', '-1m'],
  ],
  [
    'a header',
    'otlp',
    inOtlp('tokenHeader'),
    ['X', '9-a', `A${'b'.repeat(63)}`],
    ['', '-a', 'a_b', 'a b', 'a:', ' a', 'a ', `A${'b'.repeat(64)}`, 'USER-AGENT', 'host'],
  ],
  [
    'headers',
    'otlp',
    inOtlp('headers'),
    [
      {},
      { 'X-A': ' ~' },
      { 'X-A': 'a'.repeat(1_024) },
      Object.fromEntries(Array.from({ length: 16 }, (_, n) => [`X-${n}`, 'a'])),
    ],
    [
      { 'X-A': '' },
      { 'X-A': 'ä' },
      { 'X-A': 'a\tb' },
      { 'X-A': '\u007f' },
      { 'X-A': 'a'.repeat(1_025) },
      { 'X-A': 'a', 'Content-Length': '5' },
      ...['Connection', 'content-encoding', 'content-type', 'HOST', 'transfer-encoding', 'User-Agent'].map(
        (name) => ({ [name]: 'a' }),
      ),
      Object.fromEntries(Array.from({ length: 17 }, (_, n) => [`X-${n}`, 'a'])),
    ],
  ],
  [
    'a region',
    'otlp',
    (region) => ({ region }),
    ['eu-central-1', 'us-gov-west-1', 'ap-southeast-9'],
    [
      '',
      'eu',
      'eu-1',
      'eu-central',
      'eu-central-12',
      'EU-central-1',
      'eur-central-1',
      'xeu-central-1',
      ' eu-central-1',
      'eu-central-1 ',
    ],
  ],
  [
    'a workspace by its ARN',
    'remoteWrite',
    (workspaceArn) => ({ workspaceArn }),
    [
      'arn:aws:aps:eu-central-1:111122223333:workspace/ws-0a1b-2c',
      `arn:aws-cn:aps:cn-north-1:111122223333:workspace/ws-${'a'.repeat(64)}`,
    ],
    [
      'arn:aws:aps:eu-central-1:111122223333:workspace/ws-',
      'arn:aws:aps:eu-central-1:111122223333:workspace/ws-g',
      `arn:aws:aps:eu-central-1:111122223333:workspace/ws-${'a'.repeat(65)}`,
      'arn:aws:aps:eu-central-1:1111:workspace/ws-a',
      'arn:aws:aps:EU:111122223333:workspace/ws-a',
      'arn:aws:aps::111122223333:workspace/ws-a',
      'arn:AWS:aps:eu-central-1:111122223333:workspace/ws-a',
      ' arn:aws:aps:eu-central-1:111122223333:workspace/ws-a',
    ],
  ],
  [
    'labels',
    'remoteWrite',
    (externalLabels) => ({ url: 'https://o', externalLabels }),
    [
      {},
      { _a9: 'b', [`A${'b'.repeat(127)}`]: 'x'.repeat(1_024) },
      Object.fromEntries(Array.from({ length: 32 }, (_, n) => [`l${n}`, 'a'])),
    ],
    [
      { '': 'a' },
      { __name__: 'a' },
      { '9a': 'a' },
      { 'a-b': 'a' },
      { ' a': 'a' },
      { 'a ': 'a' },
      { [`A${'b'.repeat(128)}`]: 'a' },
      { a: '' },
      { a: 'x'.repeat(1_025) },
      { job: 'a' },
      { instance: 'a' },
      Object.fromEntries(Array.from({ length: 33 }, (_, n) => [`l${n}`, 'a'])),
    ],
  ],
  [
    'a filter of NetBox',
    'netbox',
    (filter) => ({ url: 'https://nb', filter }),
    [{}, { a9_B: 'x'.repeat(256), [`a${'b'.repeat(127)}`]: Array(100).fill(1) }, { has_primary_ip: true }],
    [
      { '9a': 'x' },
      { _a: 'x' },
      { 'a-b': 'x' },
      { ' a': 'x' },
      { 'a ': 'x' },
      { [`a${'b'.repeat(128)}`]: 'x' },
      { a: '' },
      { a: 'x'.repeat(257) },
      { a: [] },
      { a: Array(101).fill(1) },
      { a: null },
      ...['brief', 'exclude', 'fields', 'format', 'limit', 'offset', 'omit', 'ordering', 'start'].map(
        (name) => ({ [name]: '1' }),
      ),
    ],
  ],
  [
    'types of events',
    'events',
    (type) => ({ types: [type] }),
    [
      'A',
      'VmFailoverFailed',
      `vim.event.a${'9'.repeat(127)}`,
      `a${'-'.repeat(63)}.${'9'.repeat(64)}`,
      'a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p',
    ],
    [
      '',
      '9a',
      'a b',
      'a-b',
      'a.',
      '.a',
      'a..b',
      'vim.event.',
      ' a.b',
      'a.b ',
      'A ',
      ' A',
      `a${'9'.repeat(128)}`,
      `a${'-'.repeat(64)}.b`,
      `a.${'9'.repeat(65)}`,
      'a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q',
      '9.a',
    ],
  ],
  [
    'a pin',
    'push',
    (sha256) => ({ url: 'https://gw', tls: { sha256 } }),
    [
      'ab'.repeat(32),
      ` ${Array(32).fill('Ab').join(':')}\n`,
      `sha256 Fingerprint=${Array(32).fill('AB').join(':')}`,
      `SHA256 Fingerprint=${Array(32).fill('AB').join(':')}`,
    ],
    [
      '',
      'ab'.repeat(31),
      'ab'.repeat(33),
      'gg'.repeat(32),
      Array(31).fill('AB').join(':'),
      Array(33).fill('AB').join(':'),
      Array(32).fill('A').join(':'),
      Array(32).fill('GG').join(':'),
      `${Array(32).fill('AB').join(':')}:`,
      `SHA1 Fingerprint=${Array(32).fill('AB').join(':')}`,
      `x${'ab'.repeat(32)}`,
      `${'ab'.repeat(32)}x`,
    ],
  ],
  [
    'the address of a Pushgateway',
    'push',
    (url) => ({ url }),
    ['http://gw', 'https://gw:1/base/', 'https://gw/metricsx', 'https://gw/metrics/jobs'],
    [
      'gw',
      'ftp://gw',
      'https://u@gw',
      'https://u:p@gw',
      'https://gw/metrics',
      'https://gw/metrics/',
      'https://gw/base/metrics/job',
      'https://gw/metrics/job/a/b',
      'https://gw/metrics/job@base64/YQ',
    ],
  ],
  [
    'the address of VictoriaMetrics',
    'victoriaMetrics',
    (url) => ({ url }),
    ['http://vm:8428', 'https://vm/api/v1/imports', 'https://vm/api/v1/import/prometheus/x'],
    [
      'vm',
      'ftp://vm',
      'https://vm/api/v1/import',
      'https://vm/api/v1/import/',
      'https://vm/select/api/v1/import/prometheus',
      'https://vm/api/v1/import/prometheus/',
    ],
  ],
];

const faultsOf = (section: Section, written: unknown): readonly string[] =>
  sections[section].safeParse(written).error?.issues.map(({ message }) => message) ?? [];

describe('the forms of what a configuration has', () => {
  it.each(FORMS)('take and refuse at their edges: %s', (_what, section, at, taken, refused) => {
    const isTaken = (value: unknown) => faultsOf(section, at(value)).length === 0;
    expect(taken.filter((value) => !isTaken(value))).toEqual([]);
    expect(refused.filter(isTaken)).toEqual([]);
  });

  it('say of a url with the path that vsweep adds which part is to be left out', () => {
    expect(faultsOf('push', { url: 'https://gw/base/metrics/job/a' })).toEqual([
      'leave out /metrics/job/a: vsweep adds the path',
    ]);
    expect(faultsOf('victoriaMetrics', { url: 'https://vm/api/v1/import' })).toEqual([
      'leave out /api/v1/import: vsweep adds the path',
    ]);
  });

  it('stand for the same in whatever spelling: pins, types of events and workspaces', () => {
    const pin = Array(32).fill('AB').join(':');
    const parsed = sections.push.parse({
      url: 'https://gw',
      tls: { sha256: ['ab'.repeat(32), `SHA256 Fingerprint=${pin.toLowerCase()} `] },
    });
    expect(parsed?.tls).toEqual({ sha256: [pin, pin] });
    expect(sections.events.parse({ types: ['vim.event.VmFailoverFailed', 'vim.event.a.b'] }).types).toEqual([
      'VmFailoverFailed',
      'vim.event.a.b',
    ]);
    const workspace = (partition: string) => ({
      workspaceArn: `arn:${partition}:aps:eu-central-1:111122223333:workspace/ws-1`,
    });
    const at = (partition: string): Config['remoteWrite'] => sections.remoteWrite.parse(workspace(partition));
    expect(at('aws')).toMatchObject({
      url: 'https://aps-workspaces.eu-central-1.amazonaws.com/workspaces/ws-1/api/v1/remote_write',
      region: 'eu-central-1',
    });
    expect(at('aws-cn')?.url).toMatch(/\.amazonaws\.com\.cn\/workspaces\/ws-1\//);
  });
});
