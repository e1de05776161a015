import { describe, expect, it } from 'vitest';
import { describeConfig, describeInVain, describeProxies } from '../../../lib/cli/config-check.ts';
import { NO_KNOWN_HOSTS } from '../../../lib/config/known-hosts/find-keys.ts';
import { parseConfig } from '../../../lib/config/parse-config.ts';

const collectors = { names: ['overall-status'], overSsh: [], overVcenter: ['overall-status'] };
const PIN = Array(32).fill('AB').join(':');

function describeText(more: string): string[] {
  const text = `sweeps: [{ name: status, every: 1m, collectors: [overall-status] }]\n${more}`;
  const config = parseConfig(text, { file: 'vsweep.yaml', collectors });
  return describeConfig(
    { config, certificates: new Map(), knownHosts: NO_KNOWN_HOSTS },
    { XDG_STATE_HOME: '/states' },
  );
}

describe('describeConfig', () => {
  it('writes defaults out', () => {
    expect(describeText('targets: [{ name: vc01, credentials: { env: VC } }]\n')).toEqual([
      '  1 target',
      '    vc01: https://vc01/sdk, certificates by the issuers of Node and the system',
      '  sweep status: every 60 s, 1 target, overall-status',
      '  push: not configured',
      '  "run" serves http://127.0.0.1:9666/metrics',
      '  state: /states/vsweep',
    ]);
  });

  it('lists every sink', () => {
    const told = describeText(`targets: [{ name: vc01, credentials: { env: VC } }]
victoriaMetrics: { url: "http://127.0.0.1:8428" }
textfile: { path: /no/such/o'folder }
stdout: {}
`);
    expect(told.filter((line) => /^ {2}(push|victoria|textfile|stdout)/.test(line))).toEqual([
      '  victoriaMetrics: http://127.0.0.1:8428, without TLS',
      "  textfile: /no/such/o'folder",
      '  stdout: the series of each run',
    ]);
  });

  it.each([
    [
      '',
      ['  host keys: the first key that a host presents is trusted (the default). Choose one under esxi:'],
    ],
    [', hostKeys: { unknown: refuse }', ['  host keys: no ssh login to hosts without a known key']],
    [
      ', hostKeys: { unknown: trust-first, until: 2999-01-01 }',
      ['  host keys: the first key that a host presents is trusted until the end of 2999-01-01 (UTC)'],
    ],
    [
      ', hostKeys: { unknown: trust-first, until: 2020-01-01, file: known_hosts }',
      [
        '  host keys: no ssh login to hosts without a known key since the end of 2020-01-01',
        '    0 keys from known_hosts',
      ],
    ],
  ])('says what becomes of unknown host keys: esxi: { …%s }', (hostKeys, expected) => {
    const told = describeText(
      `targets: [{ name: vc01, credentials: { env: VC } }]\nesxi: { credentials: { env: X }${hostKeys} }\n`,
    );
    expect(told).toEqual(expect.arrayContaining(expected));
  });

  it('prints the choice so that each can be pasted, where nobody chose', () => {
    const target = 'targets: [{ name: vc01, credentials: { env: VC } }]\n';
    const choices = describeText(`${target}esxi: { credentials: { env: X } }\n`).filter((line) =>
      line.startsWith('    hostKeys:'),
    );
    expect(choices).toHaveLength(2);
    for (const choice of choices) {
      const told = describeText(`${target}esxi: { credentials: { env: X }, ${choice.trim()} }\n`);
      expect(told.filter((line) => line.includes('nobody chose'))).toEqual([]);
    }
  });

  it('says that on AWS the Pushgateway is a deployed one', () => {
    const told = describeText(
      `targets: [{ name: vc01, credentials: { secret: vc01 } }]
aws:
  alarms: { emails: [ops@example.org] }
  network: { vpcId: new, endpoints: nat, egressCidrs: [10.20.0.0/16] }
  pushgateway: { deploy: true, prometheusCidrs: [10.0.5.0/24] }
`,
    );
    expect(told).toContain('  push: none on one machine; on AWS to the deployed Pushgateway');
  });

  it.each([
    [
      'network: { vpcId: new, endpoints: nat, egressCidrs: [10.20.0.0/16, 10.30.0.0/16] }, split: target',
      [
        '  on AWS, the stack Vsweep:',
        '    a schedule for each sweep and target',
        '    network: a VPC of its own, out to 10.20.0.0/16, 10.30.0.0/16',
        '    state: the table of the stack',
      ],
    ],
    [
      'stack: Lab, stateTable: { name: kept, integritySecret: "arn:aws:secretsmanager:eu-central-1:111122223333:secret:Lab-AbCdEf" }',
      [
        '  on AWS, the stack Lab:',
        '    a schedule for each sweep',
        '    network: no VPC; functions reach public addresses only',
        '    state: the table kept',
      ],
    ],
  ])('says apart what holds on AWS and what on one machine: aws: { %s }', (aws, onAws) => {
    const told = describeText(
      `targets: [{ name: vc01, credentials: { secret: vc01 } }]\naws: { alarms: { emails: [ops@example.org] }, ${aws} }\n`,
    );
    expect(told.slice(-7)).toEqual([
      ...onAws,
      '  on one machine:',
      '    "run" serves http://127.0.0.1:9666/metrics',
      '    state: /states/vsweep',
    ]);
  });

  it('says whom it trusts, where it pushes to, where it serves and what it remembers', () => {
    const told = describeText(
      `targets:
  - { name: vc01, credentials: { env: VC }, tls: { sha256: ["${PIN}"] } }
  - { name: vc02, url: "https://vc02:8443", credentials: { env: VC }, tls: { ca: vmca.pem } }
netbox: { url: "https://netbox", tls: { ca: netbox.pem }, filter: { status: [active, staged], site: qa } }
push: { url: "http://127.0.0.1:9091" }
exporter: { listen: "[::1]:9000" }
state: { path: remembered }
`,
    );
    expect(told).toEqual([
      '  2 targets',
      '    vc01: https://vc01/sdk, 1 pin',
      '    vc02: https://vc02:8443/sdk, certificates by the issuers in vmca.pem',
      '  sweep status: every 60 s, 2 targets, overall-status',
      '  netbox: https://netbox, certificates by the issuers in netbox.pem, status active or staged, site qa',
      '  push: http://127.0.0.1:9091, without TLS',
      '  "run" serves http://[::1]:9000/metrics',
      '  state: remembered',
    ]);
  });
});

describe('describeInVain', () => {
  const told = (credentials: string, env: Readonly<Record<string, string>>, more = '') => {
    const text = `targets: [{ name: vc01, credentials: { env: ${credentials} } }]
sweeps: [{ name: status, every: 1m, collectors: [overall-status] }]
${more}`;
    return describeInVain({ config: parseConfig(text, { file: 'vsweep.yaml', collectors }) }, env);
  };
  const env = { vcenter_url: 'vc01', vcenter_user: 'u', VCENTER_PASSWORD: 'p' };

  it('names the variables that a file makes useless, and not those that its credentials are in', () => {
    expect(told('VCENTER', env)).toEqual(['  ignored, because a configuration file exists: vcenter_url']);
    expect(told('VC', env)).toEqual([
      '  ignored, because a configuration file exists: vcenter_url, vcenter_user, VCENTER_PASSWORD',
    ]);
    expect(told('VC', { VC_USER: 'u', CONFIG_FILE: '/etc/other' })).toEqual([]);
  });

  it('does not name the variable of a token that the file names', () => {
    const set = { VCENTER_URL: 'vc01', NETBOX_URL: 'https://netbox.example.org', NETBOX_TOKEN: 't' };
    const netbox = (token: string) =>
      `netbox: { url: "https://netbox.example.org", token: { env: ${token} }, filter: { role: [esxi] } }\n`;
    expect(told('VC', set, netbox('NETBOX'))).toEqual([
      '  ignored, because a configuration file exists: VCENTER_URL, NETBOX_URL',
    ]);
    expect(told('NETBOX', set, netbox('NB'))).toEqual([
      '  ignored, because a configuration file exists: VCENTER_URL, NETBOX_URL, NETBOX_TOKEN',
    ]);
  });
});

it('proxies of the environment are named, because nothing goes through them', () => {
  const env = {
    HTTP_PROXY: 'p',
    https_proxy: 'p',
    All_Proxy: 'p',
    http_proxy: '',
    NO_PROXY: 'p',
    MY_HTTP_PROXY: 'p',
    HTTP_PROXY_X: 'p',
  };
  expect(describeProxies(env)).toEqual([
    '  ignored: HTTP_PROXY, https_proxy, All_Proxy; vsweep connects to all addresses without a proxy',
  ]);
  expect(describeProxies({ HTTPX_PROXY: 'p' })).toEqual([]);
});
