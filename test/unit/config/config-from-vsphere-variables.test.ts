import { describe, expect, it } from 'vitest';
import { KNOWN_COLLECTORS } from '../../../lib/collectors/known-collectors.ts';
import { inspectConfig } from '../../../lib/config/check-config.ts';
import { configFromVariables, hasVariables } from '../../../lib/config/variables/config-from-variables.ts';

type Env = Readonly<Record<string, string>>;

function read(env: Env) {
  const made = configFromVariables(env, new Map());
  const { config, issues } = inspectConfig(made.raw, KNOWN_COLLECTORS);
  return { ...made, config, faults: [...made.issues, ...made.explain(issues)] };
}
const faultsOf = (env: Env) =>
  Object.fromEntries(read(env).faults.map(({ path, message }) => [path, message]));

/** The variables of its README. */
const README: Env = { VSPHERE_HOST: 'vc01.example.org', VSPHERE_USER: 'monitor', VSPHERE_PASSWORD: 'secret' };
const ALL = [
  'hosts',
  'host-hardware',
  'host-performance',
  'vms',
  'vm-performance',
  'vm-guests',
  'snapshots',
  'datastores',
];

describe("vmware_exporter's variables", () => {
  it('are a configuration: the target, everything that it collected, its job and its port', () => {
    expect(hasVariables(README)).toBe(true);
    const { config, faults, raw } = read(README);
    expect(faults).toEqual([]);
    expect(config).toMatchObject({
      targets: [
        {
          name: 'vc01.example.org',
          url: 'https://vc01.example.org/sdk',
          credentials: { env: 'VSPHERE' },
        },
      ],
      sweeps: [{ name: 'inventory', job: 'vmware_vcenter', collectors: ALL }],
      exporter: { listen: { host: '0.0.0.0', port: 9272 } },
    });
    expect(JSON.stringify(raw)).not.toContain('secret');
    expect(Object.keys(raw)).toEqual(['targets', 'sweeps', 'exporter']);
    const push = read({ ...README, VSWEEP_PUSH_URL: 'http://gateway:9091', VSWEEP_PUSH_USER: 'u' }).raw;
    expect(push['push']).toEqual({ url: 'http://gateway:9091', credentials: { env: 'VSWEEP_PUSH' } });
  });

  it('leave out what COLLECT_… switches off', () => {
    const { config, faults } = read({
      ...README,
      VSPHERE_COLLECT_VMS: 'False',
      VSPHERE_COLLECT_HOSTS: 'false',
      VSPHERE_COLLECT_SNAPSHOTS: 'true',
    });
    expect(faults).toEqual([]);
    expect(config?.sweeps[0]?.collectors).toEqual(['vm-guests', 'snapshots', 'datastores']);
  });

  it('are a target a section, each with its account, and a sweep for all of which the same is collected', () => {
    const section = (name: string, host: string) => ({
      [`VSPHERE_${name}_HOST`]: host,
      [`VSPHERE_${name}_USER`]: 'monitor',
      [`VSPHERE_${name}_PASSWORD`]: 'secret',
    });
    const { config, faults } = read({
      ...README,
      ...section('LAB', 'vc02.example.org:8443'),
      ...section('SITE_B', 'vc03.example.org'),
      VSPHERE_LAB_COLLECT_VMS: 'false',
    });
    expect(faults).toEqual([]);
    expect(config?.targets.map(({ name, url, credentials }) => [name, url, credentials])).toEqual([
      ['vc01.example.org', 'https://vc01.example.org/sdk', { env: 'VSPHERE' }],
      ['vc02.example.org', 'https://vc02.example.org:8443/sdk', { env: 'VSPHERE_LAB' }],
      ['vc03.example.org', 'https://vc03.example.org/sdk', { env: 'VSPHERE_SITE_B' }],
    ]);
    expect(config?.sweeps).toMatchObject([
      { name: 'inventory', collectors: ALL, targets: ['vc01.example.org', 'vc03.example.org'] },
      {
        name: 'inventory-2',
        collectors: ALL.filter((name) => name !== 'vms' && name !== 'vm-performance'),
        targets: ['vc02.example.org'],
      },
    ]);
    const third = { ...section('C', 'vc04.example.org'), VSPHERE_C_COLLECT_HOSTS: 'false' };
    const lab = { ...section('LAB', 'vc02.example.org'), VSPHERE_LAB_COLLECT_VMS: 'false' };
    expect(read({ ...README, ...lab, ...third }).config?.sweeps.map(({ name }) => name)).toEqual([
      'inventory',
      'inventory-2',
      'inventory-3',
    ]);
  });

  it('collect nothing of what a COLLECT_… that is set and empty names, as its own reader did', () => {
    const { config, faults } = read({ ...README, VSPHERE_COLLECT_VMS: '', VSPHERE_IGNORE_SSL: '' });
    expect(faults).toEqual([]);
    expect(config?.sweeps[0]?.collectors).toEqual(
      ALL.filter((name) => name !== 'vms' && name !== 'vm-performance'),
    );
    expect(
      read({ ...README, VSPHERE_COLLECT_VMS: '', vsphere_collect_vms: 'true' }).config?.sweeps[0]?.collectors,
    ).toEqual(ALL);
  });

  it('do not count without a host, so that another program may have its VSPHERE_USER', () => {
    const foreign = { VSPHERE_USER: 'terraform', VSPHERE_PASSWORD: 'x', VSPHERE_SERVER: 'vc09.example.org' };
    expect(hasVariables(foreign)).toBe(false);
    const esxiExporter = {
      VCENTER_URL: 'vc02.example.org',
      VCENTER_USER: 'monitor',
      VCENTER_PASSWORD: 'secret',
      DISABLE_SSH: '1',
    };
    const { config, faults } = read({ ...foreign, ...esxiExporter });
    expect(faults).toEqual([]);
    expect(config?.targets.map(({ name }) => name)).toEqual(['vc02.example.org']);
    expect(hasVariables({ ...foreign, VSPHERE_LAB_USER: 'x', VSPHERE_LAB_HOST: 'vc03' })).toBe(true);
  });

  it('take the host "None" of its templates for one that is not set', () => {
    expect(faultsOf({ ...README, VSPHERE_HOST: 'None' })).toEqual({
      VSPHERE_HOST: expect.stringContaining('is not set'),
    });
  });

  it('tell of two sections of one vCenter by both, once', () => {
    const faults = read({
      ...README,
      VSPHERE_LAB_HOST: 'VC01.example.org',
      VSPHERE_LAB_USER: 'other',
      VSPHERE_LAB_PASSWORD: 'secret',
      VSPHERE_LAB_COLLECT_VMS: 'false',
    }).faults;
    expect(faults).toEqual([
      { path: 'VSPHERE_HOST, VSPHERE_LAB_HOST', message: expect.stringContaining('name one vCenter') },
    ]);
  });

  it('make no section of a variable that only ends in another word', () => {
    expect(hasVariables({ VSPHERE_FETCH_TAGS: 'true', VSPHERE_SUPERUSER: 'x' })).toBe(false);
  });

  it('are refused where they switch the check of certificates off, with what to set instead', () => {
    const faults = faultsOf({ ...README, VSPHERE_IGNORE_SSL: 'True' });
    expect(Object.keys(faults)).toEqual(['VSPHERE_IGNORE_SSL']);
    expect(faults['VSPHERE_IGNORE_SSL']).toMatch(
      /openssl s_client .* add tls: .* to the target.*VSWEEP_TLS_SHA256 .*VSWEEP_TLS_CA .*VSWEEP_TLS_INSECURE=1/,
    );
    expect(faultsOf({ ...README, VSPHERE_IGNORE_SSL: 'false' })).toEqual({});
  });

  it('take the pin of each certificate from VSWEEP_TLS_SHA256', () => {
    const pin = Array(32).fill('AB').join(':');
    expect(read({ ...README, VSWEEP_TLS_SHA256: pin }).config?.targets[0]?.tls).toEqual({ sha256: [pin] });
  });

  it('tell every fault by its variable', () => {
    expect(
      faultsOf({
        VSPHERE_USER: 'monitor',
        VSPHERE_LAB_USER: 'x',
        VSPHERE_LAB_HOST: 'vc 1',
        VSPHERE_COLLECT_VMS: '1',
      }),
    ).toMatchObject({
      VSPHERE_HOST: expect.stringContaining('is not set'),
      VSPHERE_PASSWORD: expect.stringContaining('is not set'),
      VSPHERE_LAB_PASSWORD: expect.stringContaining('is not set'),
      VSPHERE_LAB_HOST: expect.any(String),
      VSPHERE_COLLECT_VMS: 'is neither true nor false',
    });
    const none = Object.fromEntries(
      ['HOSTS', 'VMS', 'VMGUESTS', 'SNAPSHOTS', 'DATASTORES'].map((name) => [
        `VSPHERE_COLLECT_${name}`,
        'false',
      ]),
    );
    expect(faultsOf({ ...README, ...none })).toMatchObject({
      VSPHERE_COLLECT_HOSTS: expect.stringContaining('nothing is left'),
    });
  });

  it('collect alarms only where they are fetched', () => {
    const collectorsOf = (fetch: string) =>
      read({ ...README, VSPHERE_FETCH_ALARMS: fetch }).config?.sweeps[0]?.collectors;
    expect(collectorsOf('True')).toContain('alarms');
    expect(collectorsOf('false')).not.toContain('alarms');
    expect(read(README).config?.sweeps[0]?.collectors).not.toContain('alarms');
    expect(faultsOf({ ...README, VSPHERE_FETCH_ALARMS: 'maybe' })).toMatchObject({
      VSPHERE_FETCH_ALARMS: 'is neither true nor false',
    });
  });

  it('say which of them are not used, and why', () => {
    const { variables, faults } = read({ ...README, VSPHERE_FETCH_TAGS: 'true', VSPHERE_SPECS_SIZE: '5000' });
    expect(faults).toEqual([]);
    expect(variables.ignored.map(({ name }) => name)).toEqual(['VSPHERE_SPECS_SIZE', 'VSPHERE_FETCH_TAGS']);
  });

  it('are not mixed with those of esxi-exporter', () => {
    const faults = faultsOf({ ...README, VCENTER_URL: 'vc02.example.org' });
    expect(Object.keys(faults)).toEqual(['VSPHERE_…, VCENTER_…']);
  });
});
