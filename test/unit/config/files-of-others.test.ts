import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../../lib/config/errors.ts';
import { parseKnownHosts } from '../../../lib/config/known-hosts/parse-known-hosts.ts';
import { parseAtlas } from '../../../lib/config/variables/atlas-file.ts';
import { parseOldConfig } from '../../../lib/config/variables/old-config-file.ts';
import { parseVmwareExporterFile } from '../../../lib/config/variables/vmware-exporter-file.ts';

const entry = (labels: object) => ({ labels });

function faultsOf(read: () => unknown): string[] {
  try {
    read();
  } catch (error) {
    if (error instanceof ConfigError) return error.issues.map(({ path, message }) => `${path}: ${message}`);
    throw error;
  }
  return [];
}

describe('a file of another exporter', () => {
  it.each([
    ['7', [': is not a JSON list of { "labels": { "job": …, "name": …, "site": … } }']],
    ['[{ "labels": { "job": 7 } }]', ['0.labels.job: is not a text']],
    [JSON.stringify([entry({ name: 'x'.repeat(513) })]), ['0.labels.name: is longer than 512 characters']],
    [JSON.stringify([entry({ site: 'x'.repeat(512) })]), []],
    [JSON.stringify(Array(100_001).fill(entry({}))), [': has more than 100000 entries']],
  ])('of hosts says what is wrong: %.40s', (text, told) => {
    expect(faultsOf(() => parseAtlas(text, 'f'))).toEqual(told);
  });

  it('of hosts names ten faults of many', () => {
    expect(faultsOf(() => parseAtlas(JSON.stringify(Array(11).fill(entry({ job: 7 }))), 'f'))).toHaveLength(
      10,
    );
  });

  it.each([
    ['- a', [': not a configuration; it needs at least the sections targets and sweeps']],
    ['port: 7', []],
    ['port: x', ['port: write a port number']],
    [
      'collectors: { overall_state_collector: { enabled: 1 } }',
      ['collectors.overall_state_collector.enabled: write true or false'],
    ],
  ])('of esxi-exporter says what is wrong: %s', (text, told) => {
    expect(faultsOf(() => parseOldConfig(text, 'f'))).toEqual(told);
  });

  it.each([
    ['other: { vsphere_user: u }', [': has no section "default"']],
    ['default: 7', ['default: write a map with vsphere_host, vsphere_user and so on']],
    ['default: {}', ['default.vsphere_user: is not set; write the account for vCenter']],
    [
      `default: { vsphere_user: ${'u'.repeat(4_097)}, vsphere_host: ${'h'.repeat(4_097)} }`,
      [
        'default.vsphere_host: is longer than 4096 characters',
        'default.vsphere_user: is longer than 4096 characters',
      ],
    ],
    [
      'default: { vsphere_user: u, specs_size: x, fetch_tags: 7, collect_only: 7 }',
      [
        'default.specs_size: write a number',
        'default.fetch_tags: write true or false',
        'default.collect_only: write a map of what to collect',
      ],
    ],
    [
      'default: { vsphere_user: u, collect_only: { vms: 7 } }',
      ['default.collect_only.vms: write true or false'],
    ],
  ])('of vmware_exporter says what is wrong: %.60s', (text, told) => {
    expect(faultsOf(() => parseVmwareExporterFile(text, 'f'))).toEqual(told);
  });

  it('of vmware_exporter is its variables, each with its place', () => {
    const yaml =
      'default: { vsphere_host: vc01, vsphere_user: u, specs_size: 7, collect_only: { vms: no } }\nlab-2: { vsphere_user: v, fetch_tags: yes }\n';
    const { variables, paths } = parseVmwareExporterFile(yaml, 'f');
    expect(variables).toEqual({
      VSPHERE_HOST: 'vc01',
      VSPHERE_USER: 'u',
      VSPHERE_SPECS_SIZE: '7',
      VSPHERE_COLLECT_VMS: 'false',
      VSPHERE_LAB_2_USER: 'v',
      VSPHERE_LAB_2_FETCH_TAGS: 'true',
    });
    expect(Object.fromEntries(paths)).toEqual({
      VSPHERE_HOST: 'default.vsphere_host',
      VSPHERE_USER: 'default.vsphere_user',
      VSPHERE_SPECS_SIZE: 'default.specs_size',
      VSPHERE_COLLECT_VMS: 'default.collect_only.vms',
      VSPHERE_LAB_2_USER: 'lab-2.vsphere_user',
      VSPHERE_LAB_2_FETCH_TAGS: 'lab-2.fetch_tags',
    });
  });
});

describe('a file of host keys', () => {
  const key = (type: string) => {
    const wire = Buffer.concat([Buffer.from([0, 0, 0, type.length]), Buffer.from(`${type}X`)]);
    return `${type} ${wire.toString('base64')}`;
  };
  const messagesOf = (text: string) =>
    parseKnownHosts(text).faults.map(({ line, message }) => `${line}: ${message}`);
  const KEY = key('ssh-rsa');
  const NOT_KEY = 'is not "<hosts> <type> <key in base64>", as ssh-keyscan prints it';
  const NOT_HASHED = 'has a hashed name that is not "|1|<salt>|<hash>", each 20 bytes in base64';
  const [short, right] = [Buffer.alloc(19).toString('base64'), Buffer.alloc(20).toString('base64')];

  it.each([
    [
      `@cert-authority a ${KEY}`,
      '@cert-authority is not supported, because host certificates are not; write the key of each host',
    ],
    [`@other a ${KEY}`, 'begins with an unknown marker; only @revoked is read'],
    [`!a ${KEY}`, 'names no host that it is about'],
    [`, ${KEY}`, 'names no host that it is about'],
    ['a', NOT_KEY],
    ['a ssh-rsa', NOT_KEY],
    ['a ssh-rsa AAA', NOT_KEY],
    ['a ssh-rsa AAAA', NOT_KEY],
    [`a ssh-rsa ${Buffer.alloc(12_289).toString('base64')}`, NOT_KEY],
    [`a ssh-rsb ${KEY.split(' ')[1]}`, `${NOT_KEY}: the key is not of the type that is written before it`],
    [
      `a ssh-rsa ${Buffer.from('\0\0\0\x07ssh-rsa').toString('base64')}`,
      `${NOT_KEY}: the key is not of the type that is written before it`,
    ],
    [`|1|${short}|${right} ${KEY}`, NOT_HASHED],
    [`|1|${right}|${short} ${KEY}`, NOT_HASHED],
    [`|1|${right}=|${right} ${KEY}`, NOT_HASHED],
  ])('says what is wrong with its line: %.40s', (line, told) => {
    expect(messagesOf(`# a\n${line}\n`)).toEqual([`2: ${told}`]);
  });

  it('says so once where too many of its lines are compared with every host, and names 20 faults of more', () => {
    const hashed = `|1|${right}|${right} ${KEY}\n`;
    expect(messagesOf(hashed.repeat(500) + `a* ${KEY}\n`.repeat(500))).toEqual([]);
    expect(
      messagesOf(hashed.repeat(334) + `a?,b ${KEY}\n`.repeat(334) + `a,!b ${KEY}\n`.repeat(334)),
    ).toEqual([
      '1001: has more than 1000 lines with hashed names or wildcards, and each of them is compared with every host; write plain names, as "vsweep hostkey scan --known-hosts" prints them',
    ]);
    expect(messagesOf('a\n'.repeat(21))).toHaveLength(20);
  });

  it('is read with tabs, comments, empty lines, a byte order mark and lines of Windows', () => {
    const { lines, faults } = parseKnownHosts(
      `\ufeffa,[b]:2222,[C.]:22\t ${KEY} comment\r\n \r\n\t# x\r\n@revoked d ${KEY}\r\n`,
    );
    expect(faults).toEqual([]);
    const pattern = (one: string) => ({ negated: false, pattern: one });
    expect(lines).toMatchObject([
      { number: 1, revoked: false, hosts: { patterns: [pattern('a'), pattern('[b]:2222'), pattern('c')] } },
      { number: 4, revoked: true, hosts: { patterns: [pattern('d')] } },
    ]);
  });
});
