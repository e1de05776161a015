import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { credentialChecks } from '../../../../lib/cli/doctor/checks/credentials.ts';
import { networkChecks } from '../../../../lib/cli/doctor/checks/network.ts';
import type { Check } from '../../../../lib/cli/doctor/engine/check.ts';
import type { Surroundings } from '../../../../lib/cli/doctor/engine/surroundings.ts';
import { createWords } from '../../../../lib/cli/doctor/engine/vsweep-words.ts';
import { planChecks } from '../../../../lib/cli/doctor/plan-checks.ts';
import { green } from '../../../../lib/cli/doctor/verdicts/verdict.ts';
import { NO_KNOWN_HOSTS } from '../../../../lib/config/known-hosts/find-keys.ts';
import type { LoadedConfig } from '../../../../lib/config/loaded-config.ts';
import { createManualClock } from '../../../support/manual-clock.ts';
import { printVerdict } from '../../../support/print-verdict.ts';
import { configOf, sweep } from '../../config/deployable.ts';

const { signal } = new AbortController();
const clock = createManualClock();
const passing = (name: string): Check => ({ name, subject: 'own', run: async () => green('') });

function planOf(
  sections: Parameters<typeof configOf>[0],
  chosen: { target?: string; prometheus?: string; variables?: boolean; env?: Record<string, string> } = {},
) {
  const config = { ...configOf(sections), aws: undefined };
  const loaded = {
    config,
    certificates: new Map(),
    knownHosts: NO_KNOWN_HOSTS,
    ...(chosen.variables && { variables: { taken: [], ignored: [] } }),
  } as unknown as LoadedConfig;
  const [opened, stack] = [passing('state'), passing('stack')];
  const parts = {
    loaded,
    env: chosen.env ?? {},
    clock,
    words: createWords(loaded, 'vsweep.yaml'),
    state: { checks: [opened], opened },
    stack: { checks: [stack] },
    file: 'vsweep.yaml',
  } as unknown as Parameters<typeof planChecks>[0];
  const checks = planChecks(parts, {
    target: config.targets.find(({ name }) => name === chosen.target),
    prometheus: chosen.prometheus,
  });
  return {
    checks,
    told: checks.map((one) => `${one.name} ${one.subject} < ${(one.after ?? []).map(nameOf).join(', ')}`),
    config: async () => [(await checks[0]?.run({ signal })) ?? []].flat().map(printVerdict),
  };
}
const nameOf = ({ name, subject }: Check) => `${name} ${subject}`;

const env = (name: string) => ({ env: name });

describe('the plan of the doctor', () => {
  const vc = (name: string, url = `https://${name}.example.org`) => ({ name, url, credentials: env('VC') });
  const ofTarget = (name: string, tcp = `dns ${name}`) => [
    ...(tcp === '' ? [] : [`${tcp} < `]),
    `tcp ${name} < ${tcp}`,
    `tls ${name} < tcp ${name}`,
    `login ${name} < ${tcp === '' ? '' : `${tcp}, `}tcp ${name}, tls ${name}, credential VC_*, state own`,
    `hosts ${name} < login ${name}`,
    `privileges ${name} < login ${name}`,
    `clock ${name} < login ${name}`,
    `clock hosts of ${name} < hosts ${name}`,
  ];

  it('has each credential once, and what is behind what', () => {
    const { told } = planOf({
      targets: [vc('vc01'), vc('vc02', 'https://192.0.2.1'), { name: 'alone', hosts: [{ name: 'esx1' }] }],
      esxi: { credentials: env('ESXI') },
      sweeps: [sweep('services', ['ssh-services'])],
      netbox: { url: 'http://netbox', token: env('NB'), filter: { role: ['esxi'] } },
      push: { url: 'https://gw:9091', credentials: env('GW') },
    });
    const ssh = (name: string, listed: string) => [
      `ssh keys ${name} < ${listed}`,
      `ssh host ${name} < ${listed}`,
      `ssh login ${name} < ssh host ${name}, credential ESXI_*`,
    ];
    expect(told).toEqual([
      'configuration vsweep.yaml < ',
      'credential VC_* < ',
      'credential ESXI_* < ',
      'credential NB_* < ',
      'credential GW_* < ',
      'state own < ',
      ...ofTarget('vc01'),
      ...ssh('vc01', 'state own, hosts vc01'),
      ...ofTarget('vc02', ''),
      ...ssh('vc02', 'state own, hosts vc02'),
      ...ssh('alone', 'state own'),
      'dns netbox < ',
      'tcp netbox < dns netbox',
      'tls netbox < tcp netbox',
      'dns push < ',
      'tcp push < dns push',
      'tls push < tcp push',
      'netbox netbox < dns netbox, tcp netbox, tls netbox, credential NB_*',
      'sink pushgateway < dns push, tcp push, tls push, credential GW_*',
      'stack own < ',
    ]);
  });

  it('leaves out other targets than the chosen one, and hosts that no sweep asks by ssh', () => {
    const sections = {
      targets: [vc('vc01'), vc('vc02')],
      esxi: { credentials: env('ESXI') },
      sweeps: [sweep('status', ['overall-status'])],
    };
    const { told } = planOf(sections, { target: 'vc02' });
    expect(told.slice(3)).toEqual(['state own < ', ...ofTarget('vc02'), 'stack own < ']);
  });

  it('asks Prometheus last, where it was named', () => {
    const { told } = planOf({ targets: [vc('vc01')] }, { prometheus: 'http://127.0.0.1:9090' });
    const network = 'tcp prometheus, tls prometheus';
    expect(told.slice(-5)).toEqual([
      'tcp prometheus < ',
      'tls prometheus < tcp prometheus',
      `prometheus scrape prometheus < ${network}`,
      `prometheus groups prometheus < ${network}`,
      `prometheus rules prometheus < ${network}`,
    ]);
  });
});

describe('the configuration', () => {
  it('has no fault, or what was hardly meant', async () => {
    const fine = planOf({ targets: [{ name: 'vc01', url: 'https://vc01/sdk', credentials: env('VC') }] });
    expect(await fine.config()).toEqual(['green: has no fault, and belongs to this user or root']);
    const odd = planOf({ targets: [{ name: 'vc01', url: 'https://vc01/ui', credentials: env('VC') }] });
    expect(await odd.config()).toEqual([
      `yellow: targets[0].url: ends in /ui, and vCenter and ESXi answer at /sdk. Write https://vc01/sdk | vsweep config check --config ${resolve('vsweep.yaml')}`,
    ]);
  });

  it('that came from variables is called so, and named by no command', async () => {
    const targets = [{ name: 'vc01', url: 'https://vc01/ui', credentials: env('VC') }];
    const { checks, config } = planOf({ targets }, { variables: true });
    expect(checks[0]?.subject).toBe('environment variables');
    expect(await config()).toEqual([expect.stringMatching(/ \| vsweep config check$/)]);
  });
});

describe('the check of a credential', () => {
  const checksOf = (sections: object, variables: Record<string, string> = {}) =>
    credentialChecks({ loaded: { config: configOf({ ...sections }) }, env: variables } as Surroundings);
  const tell = async (check: Check | undefined) =>
    [(await check?.run({ signal })) ?? []].flat().map(printVerdict);

  it('is there once for all who name it alike, and told apart by what it has to be', () => {
    const { checks, of } = checksOf({
      targets: [
        { name: 'vc01', url: 'https://a', credentials: env('VC') },
        { name: 'vc02', url: 'https://b', credentials: env('VC') },
        { name: 'vc03', url: 'https://c', credentials: { file: '/etc/vc.yaml' } },
      ],
      push: { url: 'https://gw', credentials: { secret: 'gw' } },
      netbox: { url: 'https://netbox', token: env('VC'), filter: { role: ['esxi'] } },
    });
    expect(checks.map(({ name, subject }) => [name, subject])).toEqual(
      ['VC_*', '/etc/vc.yaml', 'VC_*', 'gw'].map((subject) => ['credential', subject]),
    );
    expect(of('targets[0].credentials')).toEqual([checks[0]]);
    expect(of('targets[1].credentials')).toEqual([checks[0]]);
    expect(of('netbox.token')).toEqual([checks[2]]);
    expect(of('push.credentials')).toEqual([checks[3]]);
    expect(of('push.token')).toEqual([]);
  });

  it('says that it can be read, or what mends it', async () => {
    const targets = [{ name: 'vc01', url: 'https://a', credentials: env('VC') }];
    const set = { VC_USER: 'u', VC_PASSWORD: 'p' };
    expect(await tell(checksOf({ targets }, set).checks[0])).toEqual(['green: can be read, and is whole']);
    expect(await tell(checksOf({ targets }).checks[0])).toEqual([
      expect.stringMatching(/^red: The credential env:VC /),
    ]);
    const file = '/nonexistent/vc 1.yaml';
    const missing = checksOf({ targets: [{ name: 'vc01', url: 'https://a', credentials: { file } }] });
    expect(await tell(missing.checks[0])).toEqual([
      expect.stringMatching(/^red: .* \| install -D -m 600 \/dev\/null '\/nonexistent\/vc 1\.yaml' && /),
    ]);
  });
});

describe('the network of a peer', () => {
  const peer = { subject: 'gw', path: 'push', trust: undefined, hasSecret: true };
  const checksOf = (url: string, hasSecret = true) =>
    networkChecks({ ...peer, url, hasSecret }, { clock }).map(({ name, subject, after = [], ms }) => ({
      line: `${name} ${subject}`,
      after: after.map(({ name: before }) => before).join(),
      ms,
    }));

  it('is a name, a port and a certificate, each behind the one before; an address has no name', () => {
    const [tcp, tls] = [
      { line: 'tcp gw', after: 'dns', ms: 10_000 },
      { line: 'tls gw', after: 'tcp', ms: undefined },
    ];
    const named = [{ line: 'dns gw', after: '', ms: 10_000 }, tcp, tls];
    expect(checksOf('https://gw.example.org')).toEqual(named);
    expect(checksOf('http://gw.example.org:9091')).toEqual(named);
    for (const url of ['https://192.0.2.1', 'http://[2001:db8::1]:9091'])
      expect(checksOf(url)).toEqual([{ ...tcp, after: '' }, tls]);
  });

  it.each([
    [true, 'yellow: its password or token is sent without TLS: everybody on the way can read it'],
    [false, 'green: is asked without TLS, and gets no password'],
  ])('without TLS is judged by whether a secret is sent: %s', async (hasSecret, expected) => {
    const checks = networkChecks({ ...peer, url: 'http://192.0.2.1', hasSecret }, { clock });
    expect(printVerdict((await checks[1]?.run({ signal })) as never)).toBe(expected);
  });
});

it('a command names the configuration that was looked at, wherever it is pasted', () => {
  const words = createWords({} as LoadedConfig, "it's.yaml");
  expect(words('blacklist', 'lift', '--user', 'a b')).toBe(
    `vsweep blacklist lift --user 'a b' --config '${resolve("it's.yaml").replace("'", "'\\''")}'`,
  );
});
