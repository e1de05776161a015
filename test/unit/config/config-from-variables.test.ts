import { describe, expect, it } from 'vitest';
import { KNOWN_COLLECTORS } from '../../../lib/collectors/known-collectors.ts';
import { inspectConfig } from '../../../lib/config/check-config.ts';
import {
  configFromVariables,
  type FileText,
  type FileVariable,
  hasVariables,
} from '../../../lib/config/variables/config-from-variables.ts';

type Env = Readonly<Record<string, string>>;
type Files = Partial<Record<FileVariable, string>>;

function read(env: Env, files: Files = {}) {
  const texts = Object.entries(files).map(([name, text]): [FileVariable, FileText] => [
    name as FileVariable,
    { text },
  ]);
  const names = Object.fromEntries(texts.map(([name]) => [name, `/etc/${name.toLowerCase()}`]));
  const made = configFromVariables({ ...names, ...env }, new Map(texts));
  const { config, issues } = inspectConfig(made.raw, KNOWN_COLLECTORS);
  return { ...made, config, faults: [...made.issues, ...made.explain(issues)] };
}
const faultsOf = (env: Env, files: Files = {}) =>
  Object.fromEntries(read(env, files).faults.map(({ path, message }) => [path, message]));

/** The variables of its README. */
const FIRST: Env = {
  vcenter_user: 'monitor@vsphere.local',
  vcenter_password: 'vc-secret',
  vcenter_url: 'vc-a-0.cc.qa-de-1.cloud.sap',
  esxi_user: 'root',
  esxi_password: 'esxi-secret',
};
const PIN = Array(32).fill('AB').join(':');

const entry = (labels: object) => ({ targets: ['any'], labels });
const ATLAS = JSON.stringify([
  entry({ job: 'vcenter', server_name: 'vc-a-0.cc.qa-de-1.cloud.sap', site: 'qa-de-1' }),
  entry({ job: 'vmware-esxi', name: 'node001-bb01', site: 'qa-de-1a', status: 'Active' }),
  entry({ job: 'vmware-esxi', name: 'node002-bb01', site: 'qa-de-1b', status: 'Active' }),
  entry({ job: 'netapp', name: 'filer' }),
]);
const CONFIG = `
port: 9203
ssl_verify: false
collectors:
  overall_state_collector:
    enabled: true
  critical_service_collector:
    enabled: true
    max_threads: 12
    services: [hostd, nsx-opsagent]
`;

describe('configFromVariables', () => {
  it('makes of the variables of its README what vsweep.yaml would say, in any case', () => {
    const upper = Object.fromEntries(
      Object.entries(FIRST).map(([name, value]) => [name.toUpperCase(), value]),
    );
    for (const env of [FIRST, upper]) {
      const { config, faults } = read(env);
      expect(faults).toEqual([]);
      expect(config).toMatchObject({
        targets: [
          {
            name: 'vc-a-0.cc.qa-de-1.cloud.sap',
            url: 'https://vc-a-0.cc.qa-de-1.cloud.sap/sdk',
            site: 'qa-de-1a',
            credentials: { env: 'VCENTER' },
          },
        ],
        esxi: {
          credentials: { env: 'ESXI', scope: 'host' },
          services: ['hostd', 'nsx-opsagent', 'nsx-proxy', 'nsxa', 'ntpd', 'vpxa', 'vvold'],
        },
        sweeps: [
          {
            name: 'services',
            everyMs: 60_000,
            collectors: ['overall-status', 'ssh-services', 'host-services'],
          },
        ],
        exporter: { listen: { host: '0.0.0.0', port: 9666 } },
        blacklist: { minutes: 20 },
        metrics: { legacyNames: false, preset: ['vmware_exporter'], otelNames: 'mixin', moid: false },
        push: undefined,
      });
    }
  });

  it('takes every number and switch', () => {
    const { config, faults, variables } = read({
      ...FIRST,
      exporter_port: '1234',
      ssh_workercount: '20',
      blacklisttime: '30',
      disable_pyvim: 'True',
      disable_ssh: 'false',
      VSWEEP_PUSH_URL: 'http://gateway:9091',
      VSWEEP_LEGACY_NAMES: '1',
      VSWEEP_TLS_SHA256: `${PIN}, ${PIN}`,
    });
    expect(faults).toEqual([]);
    expect(config).toMatchObject({
      targets: [{ tls: { sha256: [PIN, PIN] } }],
      esxi: { concurrency: 20 },
      sweeps: [{ collectors: ['overall-status', 'ssh-services'] }],
      exporter: { listen: { port: 1234 } },
      blacklist: { minutes: 30 },
      push: { url: 'http://gateway:9091' },
      metrics: { legacyNames: true },
    });
    expect(variables.taken).toEqual(
      expect.arrayContaining(['vcenter_url', 'exporter_port', 'VSWEEP_PUSH_URL']),
    );
    expect(variables.ignored).toEqual([]);
  });

  it('asks NetBox as esxi-exporter did: devices of the regions of its vCenters, without a token', () => {
    const env = { ...FIRST, netbox_url: 'https://netbox.example.org', cashtime: '90' };
    const { config, faults, variables } = read(env);
    expect(faults).toEqual([]);
    expect(config?.netbox).toEqual({
      url: 'https://netbox.example.org',
      filter: { platform: ['vmware-esxi'], status: ['active'], region: ['qa-de-1'] },
      cacheMinutes: 90,
      whenDown: 'use-stale',
    });
    expect(variables.taken).toEqual(expect.arrayContaining(['netbox_url', 'cashtime']));
    expect(variables.ignored).toEqual([]);
    // A vCenter of another name has no region that could be asked for.
    expect(read({ ...env, vcenter_url: 'vc01.example.org' }).config?.netbox?.filter).toEqual({
      platform: ['vmware-esxi'],
      status: ['active'],
    });
  });

  it('asks NetBox with the token that NETBOX_TOKEN holds, and by VSWEEP_TLS_INSECURE without a look at its certificate', () => {
    const env = { ...FIRST, netbox_url: 'https://netbox.example.org', netbox_token: 'nbt_marked-token' };
    const { raw, config } = read({ ...env, VSWEEP_TLS_INSECURE: '1', VSWEEP_TLS_SHA256: '' });
    expect(config?.netbox).toMatchObject({ token: { env: 'NETBOX' }, tls: { insecure: true } });
    expect(JSON.stringify(raw)).not.toContain('marked-token');
    expect(read({ ...env, VSWEEP_TLS_SHA256: PIN }).config?.netbox?.tls).toBeUndefined();
  });

  it.each([
    [{ netbox_url: 'ftp://netbox' }, 'NETBOX_URL', /an http or https URL/],
    [{ netbox_url: 'https://netbox', cashtime: 'an hour' }, 'CASHTIME', /is not a whole number/],
    [{ netbox_url: 'https://netbox', cashtime: '0' }, 'CASHTIME', /use at least 1/],
  ])('tells a fault of %o by the variable', (env, path, message) => {
    expect(read({ ...FIRST, ...env }).faults).toEqual([{ path, message: expect.stringMatching(message) }]);
  });

  it('says of what it knows and does not use that it is ignored', () => {
    const { config, faults, variables } = read({ ...FIRST, cashtime: '60', NETBOX_TOKEN: 'x' });
    expect(faults).toEqual([]);
    expect(config?.netbox).toBeUndefined();
    expect(variables.ignored).toEqual([
      { name: 'cashtime', why: 'NETBOX_URL is not set' },
      { name: 'NETBOX_TOKEN', why: 'NETBOX_URL is not set' },
    ]);
  });

  it.each([
    ['vc01.example.org', 'vc01.example.org', 'https://vc01.example.org/sdk'],
    ['https://vc01.example.org', 'vc01.example.org', 'https://vc01.example.org/sdk'],
    ['https://vc01.example.org/', 'vc01.example.org', 'https://vc01.example.org/sdk'],
    ['vc01.example.org:8443', 'vc01.example.org', 'https://vc01.example.org:8443/sdk'],
    ['https://10.0.0.7:8443/sdk', '10.0.0.7', 'https://10.0.0.7:8443/sdk'],
  ])('reads the vCenter of %s', (written, name, url) => {
    expect(read({ ...FIRST, vcenter_url: written }).config?.targets).toMatchObject([{ name, url, site: '' }]);
  });

  it.each(['https://vc 01', 'https://[::1', 'vc 01'])('tells of %j that it names no vCenter', (written) => {
    const { faults } = read({ ...FIRST, vcenter_url: written });
    expect(faults.map(({ path }) => path)).toEqual(['VCENTER_URL']);
  });

  it('never asks a host by ssh when ssh is disabled, and says that its variables are not used', () => {
    const { config, variables } = read({
      ...FIRST,
      disable_ssh: '1',
      ssh_workercount: '5',
      ESXI_PRIVATE_KEY: 'k',
    });
    expect(config).toMatchObject({
      esxi: undefined,
      sweeps: [{ collectors: ['overall-status', 'host-services'] }],
    });
    const why = 'no host is asked by ssh';
    expect(variables.ignored).toEqual([
      { name: 'esxi_user', why },
      { name: 'esxi_password', why },
      { name: 'ESXI_PRIVATE_KEY', why },
      { name: 'ssh_workercount', why },
    ]);
  });

  it('holds no secret in anything that it answers', () => {
    const { raw, issues, variables, faults } = read({
      ...FIRST,
      VCENTER_MPW: 'master-secret',
      ESXI_USER: 'other',
    });
    expect(faults.length).toBeGreaterThan(0);
    expect(JSON.stringify({ raw, issues, variables, faults })).not.toMatch(/secret/);
  });

  it('tells all faults at once, each by its variable', () => {
    const faults = faultsOf({
      VCENTER_MPW: 'x',
      vcenter_url: 'https://me:word@vc01',
      exporter_port: 'abc',
      ssh_workercount: '5000',
      blacklisttime: '0',
      VSWEEP_TLS_SHA256: 'AB',
      VSWEEP_TLS_CA: 'ca.pem',
      VSWEEP_PUSH_URL: 'gateway',
      disable_pyvim: 'perhaps',
    });
    expect(Object.keys(faults).toSorted()).toEqual([
      'BLACKLISTTIME',
      'DISABLE_PYVIM',
      'ESXI_PASSWORD',
      'ESXI_USER',
      'EXPORTER_PORT',
      'SSH_WORKERCOUNT',
      'VCENTER_MPW',
      'VCENTER_URL',
      'VCENTER_USER',
      'VSWEEP_PUSH_URL',
      'VSWEEP_TLS_SHA256',
      'VSWEEP_TLS_SHA256, VSWEEP_TLS_CA, VSWEEP_TLS_INSECURE',
    ]);
    expect(faults['VCENTER_MPW']).toContain('set VCENTER_PASSWORD');
    expect(faults['SSH_WORKERCOUNT']).toContain('1 to 900');
    expect(JSON.stringify(faults)).not.toContain('word@');
  });

  it('refuses two spellings with different values, and takes two with the same', () => {
    expect(faultsOf({ ...FIRST, VCENTER_URL: 'vc02' })).toEqual({
      VCENTER_URL: 'VCENTER_URL and vcenter_url hold different values; unset all but one',
    });
    expect(faultsOf({ ...FIRST, VCENTER_USER: 'monitor@vsphere.local' })).toEqual({});
  });

  it('says what is missing', () => {
    expect(Object.keys(faultsOf({ ESXI_USER: 'root' }))).toEqual([
      'VCENTER_USER',
      'VCENTER_PASSWORD',
      'VCENTER_URL',
      'ESXI_PASSWORD',
    ]);
    const off = { disable_ssh: '1', disable_pyvim: '1', disable_overallstate: '1' };
    expect(Object.keys(faultsOf({ ...FIRST, ...off }))).toContain('DISABLE_SSH');
  });

  describe('with the files of the chart', () => {
    const chart = { VCENTER_USER: 'u', VCENTER_PASSWORD: 'p', ESXI_USER: 'root', ESXI_PASSWORD: 'p' };

    it('takes vCenters, hosts and sites of ATLAS_FILE, and what CONFIG_FILE enables', () => {
      const { raw, faults, variables } = read(
        { ...chart, VCENTER_URL: 'vc09' },
        { ATLAS_FILE: ATLAS, CONFIG_FILE: CONFIG },
      );
      expect(faults).toEqual([]);
      expect(raw).toEqual({
        targets: [
          {
            name: 'vc-a-0.cc.qa-de-1.cloud.sap',
            site: 'qa-de-1a',
            credentials: { env: 'VCENTER' },
            hosts: [{ name: 'node001-bb01.cc.qa-de-1.cloud.sap', site: 'qa-de-1a' }],
          },
          {
            name: 'qa-de-1b',
            site: 'qa-de-1b',
            hosts: [{ name: 'node002-bb01.cc.qa-de-1.cloud.sap', site: 'qa-de-1b' }],
          },
        ],
        esxi: {
          credentials: { env: 'ESXI' },
          hostKeys: { unknown: 'trust-first' },
          services: ['hostd', 'nsx-opsagent'],
          concurrency: 12,
        },
        sweeps: [
          {
            name: 'services',
            every: '1m',
            collectors: ['overall-status', 'ssh-services'],
            targets: ['vc-a-0.cc.qa-de-1.cloud.sap'],
          },
          { name: 'hosts', every: '1m', collectors: ['ssh-services'], targets: ['qa-de-1b'] },
        ],
        exporter: { listen: '0.0.0.0:9203' },
      });
      expect(variables).toEqual({
        taken: [
          'CONFIG_FILE',
          'ATLAS_FILE',
          'VCENTER_USER',
          'VCENTER_PASSWORD',
          'ESXI_PASSWORD',
          'ESXI_USER',
        ],
        ignored: [
          { name: 'VCENTER_URL', why: 'ATLAS_FILE names the vCenters' },
          {
            name: 'CONFIG_FILE: ssl_verify',
            why: 'certificates are verified: set VSWEEP_TLS_SHA256 or VSWEEP_TLS_CA, or VSWEEP_TLS_INSECURE=1 if you must',
          },
        ],
      });
    });

    it('asks hosts by ssh without a vCenter when there is no account for it and none is needed', () => {
      const services = CONFIG.replace('enabled: true', 'enabled: false');
      const { config, faults } = read(
        { ESXI_USER: 'root', ESXI_PASSWORD: 'p' },
        { ATLAS_FILE: ATLAS, CONFIG_FILE: services },
      );
      expect(faults).toEqual([]);
      expect(config?.targets.map(({ name, credentials }) => [name, credentials])).toEqual([
        ['vc-a-0.cc.qa-de-1.cloud.sap', undefined],
        ['qa-de-1b', undefined],
      ]);
      expect(config?.sweeps).toMatchObject([{ name: 'hosts', collectors: ['ssh-services'] }]);
    });

    it('lets a variable win over the file', () => {
      const { config } = read(
        { ...FIRST, exporter_port: '1', ssh_workercount: '2' },
        { CONFIG_FILE: CONFIG },
      );
      expect(config).toMatchObject({ exporter: { listen: { port: 1 } }, esxi: { concurrency: 2 } });
    });

    it.each<[string, Files, string, string]>([
      ['an atlas that is no JSON', { ATLAS_FILE: '<html>' }, 'ATLAS_FILE', 'is not JSON'],
      [
        'an atlas of another form',
        { ATLAS_FILE: '[{"labels":{"job":5}}]' },
        'ATLAS_FILE',
        '0.labels.job: is not a text',
      ],
      ['an empty atlas', { ATLAS_FILE: '[]' }, 'ATLAS_FILE', 'names neither a vCenter nor a host'],
      ['a config that is no YAML', { ATLAS_FILE: ATLAS, CONFIG_FILE: ': [' }, 'CONFIG_FILE', 'not YAML'],
      [
        'a config with a wrong value',
        { ATLAS_FILE: ATLAS, CONFIG_FILE: CONFIG.replace('12', 'many') },
        'CONFIG_FILE',
        'collectors.critical_service_collector.max_threads: write a number',
      ],
      [
        'a service that no script can be called',
        { ATLAS_FILE: ATLAS, CONFIG_FILE: CONFIG.replace('hostd', '../hostd') },
        'CONFIG_FILE',
        'write the name of a script in /etc/init.d without its folder, such as hostd',
      ],
      [
        'a config that enables nothing',
        { ATLAS_FILE: ATLAS, CONFIG_FILE: 'port: 9666' },
        'CONFIG_FILE',
        'no collector is left',
      ],
    ])('refuses %s', (_what, files, variable, message) => {
      expect(faultsOf(chart, files)[variable]).toContain(message);
    });

    it('says which file is no JSON', () => {
      const html = new Map<FileVariable, FileText>([['ATLAS_FILE', { text: '<html>' }]]);
      const { issues } = configFromVariables({ ...chart, ATLAS_FILE: 'atlas.json' }, html);
      expect(issues).toEqual([{ path: 'ATLAS_FILE', message: 'atlas.json: is not JSON' }]);
    });

    it('says of a file why it cannot be read', () => {
      const unread = new Map<FileVariable, FileText>([['ATLAS_FILE', { fault: 'cannot be read: ENOENT' }]]);
      const { issues } = configFromVariables({ ...chart, ATLAS_FILE: 'atlas.json' }, unread);
      expect(issues).toEqual([{ path: 'ATLAS_FILE', message: 'atlas.json: cannot be read: ENOENT' }]);
    });
  });
});

describe('hasVariables', () => {
  it('takes a variable of esxi-exporter for its word, and no common one', () => {
    for (const name of [
      'vcenter_url',
      'VCENTER_USER',
      'VCENTER_MPW',
      'ATLAS_FILE',
      'ESXI_USER',
      'ESXI_PASSWORD',
    ])
      expect([name, hasVariables({ [name]: 'x' })]).toEqual([name, true]);
    expect(hasVariables({ CONFIG_FILE: '/etc/other', NETBOX_URL: 'x', VCENTER_URL: '' })).toBe(false);
  });
});
