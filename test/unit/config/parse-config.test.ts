import { describe, expect, it } from 'vitest';
import { inspectConfig } from '../../../lib/config/check-config.ts';
import { ConfigError } from '../../../lib/config/errors.ts';
import { parseConfig } from '../../../lib/config/parse-config.ts';

const collectors = {
  names: ['overall-status', 'ssh-services'],
  overSsh: ['ssh-services'],
  overVcenter: ['overall-status'],
};
const parse = (text: string) => parseConfig(text, { file: 'vsweep.yaml', collectors });
function issuesOf(text: string): Record<string, string> {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof ConfigError)
      return Object.fromEntries(error.issues.map((one) => [one.path, one.message]));
    throw error;
  }
  return {};
}

const TARGETS = 'targets: [{ name: vc01.example.org, credentials: { env: VC } }]';
const ESXI = 'esxi: { credentials: { file: esxi.yaml } }';
const SWEEPS = 'sweeps: [{ name: services, every: 1m, collectors: [ssh-services] }]';

describe('the section netbox', () => {
  const netbox = (text: string) => parse(`${TARGETS}\n${ESXI}\n${SWEEPS}\nnetbox: ${text}`).netbox;
  const faultsOf = (filter: string) =>
    issuesOf(`${TARGETS}\n${ESXI}\n${SWEEPS}\nnetbox: { url: "https://netbox", filter: ${filter} }`);

  it('asks for active ESXi hosts once an hour, when nothing else is said', () => {
    expect(netbox('{ url: "https://netbox.example.org" }')).toEqual({
      url: 'https://netbox.example.org',
      filter: { platform: ['vmware-esxi'], status: ['active'] },
      cacheMinutes: 60,
      whenDown: 'use-stale',
    });
  });

  it('asks for active devices unless the filter has a status of its own', () => {
    const filterOf = (filter: string) => netbox(`{ url: "https://netbox", filter: ${filter} }`)?.filter;
    expect(filterOf('{ region: [qa, 7], has_primary_ip: true }')).toEqual({
      status: ['active'],
      region: ['qa', '7'],
      has_primary_ip: ['true'],
    });
    expect(filterOf('{ status: [active, staged] }')).toEqual({ status: ['active', 'staged'] });
    expect(filterOf('{}')).toEqual({ status: ['active'] });
  });

  it('refuses as a filter what vsweep says itself, and what cannot be one', () => {
    expect(faultsOf('{ limit: 5 }')).toEqual({
      'netbox.filter.limit': 'is set by vsweep itself; leave it out',
    });
    expect(faultsOf('{ "a b": 5 }')['netbox.filter.a b']).toContain('is no name of a filter');
    expect(faultsOf('{ region: [] }')['netbox.filter.region']).toContain('a list of 1 to 100 of them');
    expect(faultsOf('{ region: { slug: qa } }')['netbox.filter.region']).toContain('write a text');
  });
});

describe('parseConfig', () => {
  // pyVmomi's SmartConnect and govmomi's soap.ParseURL complete it so.
  it.each([
    ['https://vc1.example.org', 'https://vc1.example.org/sdk'],
    ['https://vc1.example.org/', 'https://vc1.example.org/sdk'],
    ['https://vc1.example.org:8443', 'https://vc1.example.org:8443/sdk'],
    ['https://[fe80::1]', 'https://[fe80::1]/sdk'],
    ['https://vc1.example.org/sdk', 'https://vc1.example.org/sdk'],
    ['https://proxy.example.org/vc1/sdk', 'https://proxy.example.org/vc1/sdk'],
    ['https://proxy.example.org/?to=vc1', 'https://proxy.example.org/?to=vc1'],
    ['https://proxy.example.org/#vc1', 'https://proxy.example.org/#vc1'],
  ])('gives a target whose url is %s the url %s', (written, url) => {
    const targets = `targets: [{ name: vc1, credentials: { file: vc.yaml }, url: "${written}" }]`;
    expect(parse([targets, ESXI, SWEEPS].join('\n')).targets).toMatchObject([{ url }]);
  });

  it('fills in the defaults that the documentation names', () => {
    const config = parse([TARGETS, ESXI, SWEEPS].join('\n'));
    expect(config.targets[0]).toMatchObject({ url: 'https://vc01.example.org/sdk', site: '' });
    expect(config.sweeps[0]).toMatchObject({ everyMs: 60_000, job: 'vsweep_services' });
    expect(config.esxi).toMatchObject({
      address: 'name',
      port: 22,
      lockdown: 'skip',
      maintenance: 'collect',
      timeouts: { connectSeconds: 3, loginSeconds: 15, commandSeconds: 15 },
    });
    expect(config.esxi?.services).toEqual([
      'hostd',
      'nsx-opsagent',
      'nsx-proxy',
      'nsxa',
      'ntpd',
      'vpxa',
      'vvold',
    ]);
    expect(config.blacklist.minutes).toBe(20);
  });

  it('names the key that is unknown, so that its own place can be found', () => {
    const { issues } = inspectConfig(
      { netbox: { url: 'https://nb', colour: 'red', cacheMinutes: 0 } },
      collectors,
    );
    const ofNetbox = issues.filter(({ path }) => path.startsWith('netbox'));
    expect(ofNetbox.map(({ path, key }) => [path, key])).toEqual([
      ['netbox.cacheMinutes', undefined],
      ['netbox', 'colour'],
    ]);
  });

  const esxiWith = (services: string) =>
    [TARGETS, `esxi: { credentials: { env: E }, services: ${services} }`, SWEEPS].join('\n');

  it('takes a service by its name or with what must be known of it', () => {
    const config = parse(esxiWith('[hostd, { name: smad, silentMeansRunning: true }, { name: ntpd }]'));
    expect(config.esxi?.services).toEqual([
      'hostd',
      { name: 'smad', silentMeansRunning: true },
      { name: 'ntpd', silentMeansRunning: false },
    ]);
  });

  it('says of a service that cannot be one what to write', () => {
    expect(issuesOf(esxiWith('["a b"]'))).toEqual({
      'esxi.services[0]': 'write the name of a script in /etc/init.d without its folder, such as hostd',
    });
    expect(issuesOf(esxiWith('[3]'))['esxi.services[0]']).toContain(
      'or a map such as { name: smad, silentMeansRunning: true }',
    );
    expect(Object.values(issuesOf(esxiWith('[{ name: smad, silent: true }]'))).join()).toContain('silent');
  });

  it('reports all faults at once, those between values too, each at its path', () => {
    const issues = issuesOf(`
      targets:
        - { name: vc01, credentials: { env: VC, file: x }, colour: red }
        - { name: vc02, credentials: { env: VC }, tls: { sha256: [AB] } }
      esxi: { credentials: { env: ESXI }, port: 0 }
      sweeps:
        - { name: a, every: 5s, collectors: [overall-status] }
        - { name: b, every: 1m, collectors: [overall-statu], targets: [vc09] }
      nextbox: {}
    `);
    expect(Object.keys(issues).sort()).toEqual([
      'esxi.port',
      'nextbox',
      'sweeps[0].every',
      'sweeps[1].collectors[0]',
      'sweeps[1].targets[0]',
      'targets[0]',
      'targets[0].credentials',
      'targets[1].tls.sha256[0]',
    ]);
    expect(issues['sweeps[0].every']).toContain('10s to 24h');
    expect(issues['sweeps[1].collectors[0]']).toContain('did you mean "overall-status"?');
  });

  it('holds the fields of an entry against the others although another of its fields is faulty', () => {
    const issues = issuesOf(`
      targets:
        - { name: vc01, credentials: 5 }
        - { name: vc01, site: 5, credentials: { env: VC } }
      sweeps:
        - { name: a, every: often, job: j, collectors: [nothing, ssh-services], targets: [vc09, 5] }
        - { name: a, every: 5, job: j, collectors: [overall-status], colour: red }
        - { name: b, job: j, collectors: [5, overall-status], targets: [vc01] }
        - 5
    `);
    expect(Object.keys(issues).sort()).toEqual([
      'sweeps[0].collectors',
      'sweeps[0].collectors[0]',
      'sweeps[0].every',
      'sweeps[0].targets[0]',
      'sweeps[0].targets[1]',
      'sweeps[1]',
      'sweeps[1].every',
      'sweeps[1].name',
      'sweeps[2].collectors[0]',
      'sweeps[2].every',
      'sweeps[2].job',
      'sweeps[3]',
      'targets[0].credentials',
      'targets[1].name',
      'targets[1].site',
    ]);
  });

  it('says of no target that it is unknown while the list of targets cannot be read', () => {
    const sweeps = 'sweeps: [{ name: a, every: 1m, collectors: [overall-status], targets: [vc09] }]';
    expect(Object.keys(issuesOf(`targets: vc09\n${sweeps}`))).toEqual(['targets']);
    expect(Object.keys(issuesOf(`targets: [{ credentials: { env: VC } }]\n${sweeps}`))).toEqual([
      'targets[0].name',
    ]);
  });

  it('knows no section by the name of what every object has', () => {
    expect(issuesOf(`${TARGETS}\n${ESXI}\n${SWEEPS}\nconstructor: {}`)).toHaveProperty('constructor');
  });

  it('names a sweep target that does not exist', () => {
    const sweeps = 'sweeps: [{ name: a, every: 1m, collectors: [overall-status], targets: [vc09] }]';
    expect(Object.keys(issuesOf(`${TARGETS}\n${sweeps}`))).toEqual(['sweeps[0].targets[0]']);
  });

  it('takes two sweeps that ssh into one target, and refuses two that push one group', () => {
    const two = (second: string) => `${TARGETS}\n${ESXI}\nsweeps:\n
      - { name: a, every: 1m, job: j, collectors: [ssh-services] }\n      - ${second}`;
    expect(issuesOf(two('{ name: b, every: 15m, job: k, collectors: [ssh-services] }'))).toEqual({});
    expect(issuesOf(two('{ name: b, every: 1m, job: j, collectors: [overall-status] }'))).toEqual({
      'sweeps[1].job': expect.stringContaining('also pushed by sweep "a"'),
    });
  });

  it('refuses a repeated name, and ssh collectors without a section esxi', () => {
    expect(
      issuesOf(`${TARGETS}\nsweeps: [{ name: a, every: 1m, collectors: [ssh-services] }]`),
    ).toHaveProperty(['sweeps[0].collectors']);
    const repeated = 'targets: [{ name: x, credentials: { env: V } }, { name: x, credentials: { env: V } }]';
    expect(issuesOf(`${repeated}\n${ESXI}\n${SWEEPS}`)).toHaveProperty(['targets[1].name']);
    const aliases =
      'targets: [{ name: x, aliases: [y, z], credentials: { env: V } }, { name: v, aliases: [x, z], credentials: { env: V } }]';
    const issues = issuesOf(`${aliases}\n${ESXI}\n${SWEEPS}`);
    expect(issues).toHaveProperty(['targets[1].aliases[0]'], expect.stringContaining('"x"'));
    expect(issues).toHaveProperty(['targets[1].aliases[1]'], expect.stringContaining('"z"'));
    expect(Object.keys(issues)).toHaveLength(2);
  });

  it('takes a target without credentials that lists its hosts, and lets only ssh ask there', () => {
    const sweeps = (collector: string) => `sweeps: [{ name: a, every: 1m, collectors: [${collector}] }]`;
    const listed = 'targets: [{ name: vc01, hosts: [{ name: esx01, site: qa }] }]';
    expect(issuesOf(`${listed}\n${ESXI}\n${sweeps('ssh-services')}`)).toEqual({});
    expect(issuesOf(`${listed}\n${ESXI}\n${sweeps('overall-status')}`)).toEqual({
      'sweeps[0].collectors': expect.stringContaining('target "vc01" has no credentials'),
    });
    expect(issuesOf(`targets: [{ name: vc01 }]\n${ESXI}\n${sweeps('ssh-services')}`)).toEqual({
      'targets[0].credentials': expect.stringContaining('list "hosts"'),
    });
  });

  it('refuses a password in a URL without repeating it', () => {
    const issues = issuesOf(
      `${TARGETS}\n${ESXI}\n${SWEEPS}\npush: { url: "https://me:hunter2@gw.example.org" }`,
    );
    expect(issues['push.url']).toContain('without user and password');
    expect(JSON.stringify(issues)).not.toContain('hunter2');
  });

  it('calls a sweep that has no name by its place', () => {
    const sweeps = `sweeps:
      - { every: 1m, job: j, collectors: [ssh-services] }
      - { name: b, every: 1m, job: j, collectors: [ssh-services] }`;
    expect(issuesOf(`${TARGETS}\n${ESXI}\n${sweeps}`)).toMatchObject({
      'sweeps[1].job': expect.stringContaining('also pushed by sweep "sweeps[0]"'),
    });
  });

  it('takes a text of 4,000,000 characters, and says of a longer one how long it may be', () => {
    const text = `${TARGETS}\n${ESXI}\n${SWEEPS}\n#`;
    expect(parse(text.padEnd(4_000_000, 'x')).sweeps).toHaveLength(1);
    expect(issuesOf(text.padEnd(4_000_001, 'x'))).toEqual({ '': 'larger than 4000000 characters' });
  });

  it('says that a text is not YAML, or not a configuration', () => {
    expect(issuesOf('targets: [')['']).toContain('not YAML');
    expect(issuesOf('- a')['']).toContain('not a configuration');
    expect(issuesOf('')['']).toContain(
      'the file is empty; it needs at least the sections targets and sweeps',
    );
  });
});

describe('the section metrics', () => {
  const KNOWN = {
    names: ['overall-status', 'hosts', 'snapshots'],
    overSsh: [],
    overVcenter: ['overall-status', 'hosts', 'snapshots'],
    byPreset: {
      vmware_exporter: ['overall-status', 'hosts', 'snapshots'],
      otel: ['overall-status', 'hosts'],
    },
  };
  const sweeps = 'sweeps: [{ name: s, every: 1m, collectors: [overall-status, hosts, snapshots] }]';
  const read = (metrics: string) =>
    parseConfig(`${TARGETS}\n${sweeps}\nmetrics: ${metrics}`, { file: 'f', collectors: KNOWN }).metrics;
  const refuse = (metrics: string) => {
    try {
      read(metrics);
    } catch (error) {
      if (error instanceof ConfigError) return error.issues.map(({ path, message }) => [path, message]);
      throw error;
    }
    return [];
  };

  it('has the names of vmware_exporter, unless it says others', () => {
    expect(read('{}')).toEqual({
      legacyNames: false,
      preset: ['vmware_exporter'],
      otelNames: 'mixin',
      moid: false,
      own: {},
      series: 200_000,
    });
    expect(read('{ preset: vmware_exporter }').preset).toEqual(['vmware_exporter']);
    expect(read('{ preset: [vmware_exporter, otel], otelNames: receiver }')).toMatchObject({
      preset: ['vmware_exporter', 'otel'],
      otelNames: 'receiver',
    });
  });

  it('refuses presets that there are not, none, and one named twice', () => {
    const form = 'write vmware_exporter, otel, or both as a list';
    for (const written of ['telegraf', '[]', '[otel, telegraf]', 'esxi_exporter'])
      expect(refuse(`{ preset: ${written} }`)).toContainEqual([
        expect.stringMatching(/^metrics\.preset/),
        expect.stringContaining(form),
      ]);
    expect(refuse('{ preset: [otel, otel] }')).toContainEqual(['metrics.preset', 'name each preset once']);
    expect(refuse('{ otelNames: telegraf }')).toEqual([['metrics.otelNames', 'write mixin or receiver']]);
  });

  it('refuses a collector that has no metric under the names that are pushed', () => {
    const issue = [
      'sweeps[0].collectors[2]',
      '"snapshots" has no metric under the names of otel; leave it out, or write metrics: { preset: [vmware_exporter, otel] }',
    ];
    expect(refuse('{ preset: otel }')).toEqual([issue]);
    expect(refuse('{ preset: [otel] }')).toEqual([issue]);
    expect(refuse('{ preset: [otel, vmware_exporter] }')).toEqual([]);
  });
});
