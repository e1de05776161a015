import { describe, expect, it } from 'vitest';
import { parseAtlas, regionOfVcenter, siteOfVcenter } from '../../../lib/config/variables/atlas-file.ts';
import {
  configFromVariables,
  type FileText,
  type FileVariable,
} from '../../../lib/config/variables/config-from-variables.ts';
import { parseOldConfig } from '../../../lib/config/variables/old-config-file.ts';
import { tlsSection, toVcenter } from '../../../lib/config/variables/targets-from-variables.ts';
import { lookUp, readVariables } from '../../../lib/config/variables/variables.ts';

const ACCOUNTS = { VCENTER_USER: 'u', VCENTER_PASSWORD: 'p', ESXI_USER: 'root', ESXI_PASSWORD: 'p' };
const ENV = { ...ACCOUNTS, VCENTER_URL: 'vc01' };
const HOST = { labels: { job: 'vmware-esxi', name: 'node001', site: 'qa-de-1a' } };
const VCENTER = { labels: { job: 'vcenter', server_name: 'vc02', site: 's' } };

function make(env: Readonly<Record<string, string>>, files: Partial<Record<FileVariable, string>> = {}) {
  const texts = Object.entries(files).map(([name, text]) => [name as FileVariable, { text }] as const);
  const named = Object.fromEntries(texts.map(([name]) => [name, name.toLowerCase()]));
  return configFromVariables({ ...env, ...named }, new Map<FileVariable, FileText>(texts));
}
const faultsOf = (...of: Parameters<typeof make>) => make(...of).issues.map(({ path }) => path);

describe('readVariables', () => {
  it.each([
    ['1', true],
    ['TRUE', true],
    ['yes', true],
    ['On', true],
    ['0', false],
    ['False', false],
    ['no', false],
    [' off ', false],
    ['', false],
  ])('takes the flag %j for %s', (written, value) => {
    const variables = readVariables({ flag: written });
    expect(variables.flag('FLAG')).toBe(value);
    expect(variables.issues).toEqual([]);
  });

  it('takes another word for a flag that is set, and says which words there are', () => {
    const variables = readVariables({ FLAG: 'perhaps' });
    expect(variables.flag('FLAG')).toBe(true);
    expect(variables.issues).toEqual([
      { path: 'FLAG', message: 'is neither 1, true, yes, on nor 0, false, no, off' },
    ]);
  });

  it.each(['-1', '1.5', '1e3', 'x1', '1x', '1'.repeat(10)])('takes %s for no number', (written) => {
    const variables = readVariables({ NUMBER: written });
    expect(variables.integer('NUMBER')).toBeUndefined();
    expect(variables.issues).toEqual([{ path: 'NUMBER', message: 'is not a whole number' }]);
  });

  it('reads the exact spelling first, and tells once of two that differ', () => {
    const variables = readVariables({ name: 'small', NAME: 'large', Number: ' 7 ', other: '' });
    expect([variables.text('NAME'), variables.text('NAME')]).toEqual(['large', 'large']);
    expect(variables.integer('NUMBER')).toBe(7);
    expect(variables.text('OTHER')).toBeUndefined();
    expect(variables.issues).toHaveLength(1);
    expect(variables.read()).toEqual({ taken: ['NAME', 'Number'], ignored: [] });
  });

  it('lists what is not used by its spelling and with why, and nothing that is not set', () => {
    const variables = readVariables({ name: 'x' });
    variables.text('NAME');
    variables.ignore('NAME', 'no need');
    variables.ignore('OTHER', 'no need');
    variables.note('a file: a field', 'it has no effect');
    expect(variables.read()).toEqual({
      taken: [],
      ignored: [
        { name: 'name', why: 'no need' },
        { name: 'a file: a field', why: 'it has no effect' },
      ],
    });
  });
});

describe('a fault of what variables stand for', () => {
  const told = (path: string, ...of: Parameters<typeof make>) =>
    make(...of).explain([{ path, message: 'm' }])[0]?.path;
  const config = 'port: 1\ncollectors: { critical_service_collector: { enabled: true, services: [a] } }';

  it.each<[string, string, Readonly<Record<string, string>>]>([
    ['targets[0].name', 'VCENTER_URL', {}],
    ['targets[0].tls.ca', 'VSWEEP_TLS_CA', { VSWEEP_TLS_CA: 'a' }],
    ['targets[3].tls.sha256[0]', 'VSWEEP_TLS_SHA256', { VSWEEP_TLS_SHA256: 'a' }],
    ['esxi.port', 'VSWEEP_SSH_PORT', {}],
    ['esxi.services[0]', 'CONFIG_FILE', {}],
    ['esxi.concurrency', 'CONFIG_FILE', {}],
    ['esxi.concurrency', 'SSH_WORKERCOUNT', { SSH_WORKERCOUNT: '5' }],
    ['netbox.url', 'NETBOX_URL', { NETBOX_URL: 'x' }],
    ['netbox.cacheMinutes', 'CASHTIME', { NETBOX_URL: 'x' }],
    ['push.url', 'VSWEEP_PUSH_URL', { VSWEEP_PUSH_URL: 'x' }],
    ['exporter.listen', 'CONFIG_FILE', {}],
    ['exporter.listen', 'EXPORTER_PORT', { EXPORTER_PORT: '5' }],
    ['blacklist.minutes', 'BLACKLISTTIME', {}],
  ])('at %s is told of %s', (path, variable, env) => {
    expect(told(path, { ...ENV, ...env }, { CONFIG_FILE: config })).toBe(variable);
  });

  it('of a target is told of the file that names the vCenters', () => {
    const atlas = { ATLAS_FILE: JSON.stringify([VCENTER]) };
    expect(told('targets[0].name', ACCOUNTS, atlas)).toBe('ATLAS_FILE');
    const withoutVcenter = { ATLAS_FILE: JSON.stringify([HOST]) };
    expect(told('targets[0].name', ENV, withoutVcenter)).toBe('VCENTER_URL');
  });

  it('keeps its place where no variable stands for it, and is left out where it is told already', () => {
    expect(told('sweeps[0].every', ENV)).toBe('sweeps[0].every');
    expect(make(ENV).explain([{ path: 'targets', message: 'm' }])).toEqual([]);
  });
});

describe('the accounts that variables name', () => {
  it('are those of the Pushgateway where either half of one is set', () => {
    const pushOf = (more: object) => make({ ...ENV, VSWEEP_PUSH_URL: 'http://gw', ...more }).raw['push'];
    expect(pushOf({})).toEqual({ url: 'http://gw' });
    for (const half of [{ VSWEEP_PUSH_USER: 'u' }, { VSWEEP_PUSH_PASSWORD: 'p' }])
      expect(pushOf(half)).toEqual({ url: 'http://gw', credentials: { env: 'VSWEEP_PUSH' } });
  });

  it('need one for vCenter where it is asked, or where nobody else could be', () => {
    const esxi = { ESXI_USER: 'root', ESXI_PASSWORD: 'p' };
    const sshOnly = { ...esxi, DISABLE_OVERALLSTATE: '1', DISABLE_PYVIM: '1' };
    const atlas = { ATLAS_FILE: JSON.stringify([HOST, VCENTER]) };
    expect(faultsOf(esxi, atlas)).toEqual(['VCENTER_USER', 'VCENTER_PASSWORD']);
    expect(faultsOf(sshOnly, atlas)).toEqual([]);
    expect(faultsOf({ ...sshOnly, VCENTER_URL: 'vc01' })).toEqual(['VCENTER_USER', 'VCENTER_PASSWORD']);
    expect(faultsOf({ ...sshOnly, VCENTER_USER: 'u' }, atlas)).toEqual(['VCENTER_PASSWORD']);
    expect(faultsOf({ ...ENV, VCENTER_PASSWORD: '', VCENTER_MPW: 'x' })).toEqual(['VCENTER_MPW']);
  });

  it('need one for the hosts, by password or by private key, where they are asked', () => {
    expect(faultsOf({ ...ENV, ESXI_PASSWORD: '', ESXI_PRIVATE_KEY: 'k' })).toEqual([]);
    const without = make({ ...ENV, ESXI_USER: '', ESXI_PASSWORD: '' }).issues;
    expect(without).toEqual([
      {
        path: 'ESXI_USER',
        message: expect.stringMatching(/DISABLE_SSH=1\. esxi-exporter's first version took root$/),
      },
      {
        path: 'ESXI_PASSWORD',
        message: 'is not set; set the account for ssh on the hosts, or DISABLE_SSH=1',
      },
    ]);
  });

  it('are not asked for what an atlas leaves out, and it says what it has to name', () => {
    const empty = make(ACCOUNTS, { ATLAS_FILE: '[]' });
    expect(empty.issues).toEqual([
      { path: 'ATLAS_FILE', message: 'names neither a vCenter nor a host to ask by ssh' },
    ]);
    expect(make(ACCOUNTS).issues).toEqual([
      { path: 'VCENTER_URL', message: 'is not set; set the name of the vCenter, or ATLAS_FILE' },
    ]);
  });
});

describe('what a CONFIG_FILE says of certificates', () => {
  it.each([
    ['ssl_verify: false', true],
    ['verify_ssl: false', true],
    ['ssl_verify: true', false],
    ['port: 9666', false],
  ])('had no effect, which is said where it would switch them off: %s', (text, isTold) => {
    const ignored = make(ENV, { CONFIG_FILE: text }).variables.ignored.map(({ name }) => name);
    expect(ignored.includes('CONFIG_FILE: ssl_verify')).toBe(isTold);
  });
});

describe('the vCenter of VCENTER_URL', () => {
  it('is swept beside the hosts of an ATLAS_FILE that names no vCenter, and is ignored beside one that does', () => {
    const of = (...entries: object[]) => {
      const { raw, variables } = make(ENV, { ATLAS_FILE: JSON.stringify(entries) });
      const names = (raw['targets'] as { name: string }[]).map(({ name }) => name);
      return { names, ignored: variables.ignored };
    };
    expect(of(HOST)).toEqual({ names: expect.arrayContaining(['vc01']), ignored: [] });
    expect(of(HOST, VCENTER)).toEqual({
      names: expect.not.arrayContaining(['vc01']),
      ignored: [expect.objectContaining({ name: 'VCENTER_URL', why: 'ATLAS_FILE names the vCenters' })],
    });
  });

  it('is believed whatever certificate it shows when VSWEEP_TLS_INSECURE says so', () => {
    const tlsOf = (env: Readonly<Record<string, string>>) =>
      (make({ ...ENV, ...env }).raw['targets'] as { tls?: object }[]).map(({ tls }) => tls);
    expect(tlsOf({ VSWEEP_TLS_INSECURE: '1' })).toEqual([{ insecure: true }]);
    expect(tlsOf({})).toEqual([undefined]);
  });
});

describe('lookUp', () => {
  it('has the exact spelling first, wherever it stands', () => {
    expect(lookUp({ name: 'a', NAME: 'b', Name: 'c' }, 'NAME')?.[0]).toBe('NAME');
    expect(lookUp({ NAME: 'b', name: 'a' }, 'NAME')).toEqual(['NAME', 'name']);
    expect(lookUp({ name: 'a', nAme: '' }, 'NAME')).toEqual(['name']);
    expect(lookUp({ other: 'a' }, 'NAME')).toBeUndefined();
  });
});

describe('parseAtlas', () => {
  const parse = (...entries: object[]) => parseAtlas(JSON.stringify(entries), 'atlas.json');

  it('takes the site of a vCenter from its name, else from its label', () => {
    const named = { labels: { job: 'vcenter', server_name: 'vc-a-0.cc.qa-de-1.cloud.sap', site: 'x' } };
    const nameless = { labels: { job: 'vcenter' } };
    expect(parse(named, VCENTER, nameless, { labels: { job: 'netapp', server_name: 'y' } }).vcenters).toEqual(
      [
        { name: 'vc-a-0.cc.qa-de-1.cloud.sap', site: 'qa-de-1a' },
        { name: 'vc02', site: 's' },
      ],
    );
  });

  it('completes the name of a host by its site, unless it has a domain, or no such site', () => {
    const host = (name: string, site?: string) => ({ labels: { job: 'vmware-esxi', name, site } });
    expect(
      parse(
        host('a', 'qa-de-1a'),
        host('b.example.org', 'qa-de-1a'),
        host('c', 'lab'),
        host('d'),
        host('e', 'x-qa-de-1a'),
      ).hosts,
    ).toEqual([
      { name: 'a.cc.qa-de-1.cloud.sap', site: 'qa-de-1a' },
      { name: 'b.example.org', site: 'qa-de-1a' },
      { name: 'c', site: 'lab' },
      { name: 'd', site: '' },
      { name: 'e', site: 'x-qa-de-1a' },
    ]);
  });

  it('tells ten faults of a file at most', () => {
    const faulty = Array.from({ length: 12 }, () => ({ labels: { job: 5 } }));
    expect(() => parse(...faulty)).toThrow(
      expect.objectContaining({ issues: Array(10).fill(expect.anything()) }),
    );
    const long = { labels: { name: 'n'.repeat(513) } };
    expect(() => parse(long)).toThrow('0.labels.name: is longer than 512 characters');
  });

  it.each([
    ['vc-a-0.cc.qa-de-1.cloud.sap', 'qa-de-1a', 'qa-de-1'],
    ['VC-B-12.CC.QA-DE-2.cloud.sap', 'QA-DE-2B', 'qa-de-2'],
    ['x-vc-a-0.cc.qa-de-1.cloud.sap', undefined, undefined],
    ['vc-a-0.cc.qa-de-1', undefined, undefined],
    ['vc01.example.org', undefined, undefined],
  ])('reads of the name %s site %s and region %s', (name, site, region) => {
    expect([siteOfVcenter(name), regionOfVcenter(name)]).toEqual([site, region]);
  });
});

describe('toVcenter', () => {
  it.each([
    ['vc01', { name: 'vc01' }],
    ['https://vc01', { name: 'vc01' }],
    ['vc01:8443', { name: 'vc01', url: 'https://vc01:8443/sdk' }],
    ['HTTPS://vc01:8443/sdk', { name: 'vc01', url: 'HTTPS://vc01:8443/sdk' }],
    ['vc01/sdk?by=http://proxy', { name: 'vc01', url: 'https://vc01/sdk?by=http://proxy' }],
  ])('takes %s for a name, a name with a port, or a URL', (written, vcenter) => {
    expect(toVcenter(written)).toEqual(vcenter);
  });
});

describe('tlsSection', () => {
  const sectionOf = (env: Readonly<Record<string, string>>) => tlsSection(readVariables(env), new Map());

  it('splits fingerprints at spaces and commas, also at those that are too many', () => {
    expect(sectionOf({ VSWEEP_TLS_SHA256: 'AA:BB, CC:DD,\n' })).toEqual({ sha256: ['AA:BB', 'CC:DD'] });
  });
});

describe('parseOldConfig', () => {
  it('has every collector off that is not enabled', () => {
    const { collectors } = parseOldConfig('port: 9666', 'config.yaml');
    expect(collectors.overall_state_collector.enabled).toBe(false);
    expect(collectors.critical_service_collector.enabled).toBe(false);
  });
});
