import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../../lib/config/errors.ts';
import { parseVmwareExporterFile } from '../../../lib/config/variables/vmware-exporter-file.ts';

const read = (yaml: string) => parseVmwareExporterFile(yaml, 'config.yml').variables;
function faultsOf(yaml: string): Record<string, string> {
  try {
    read(yaml);
  } catch (error) {
    if (error instanceof ConfigError)
      return Object.fromEntries(error.issues.map(({ path, message }) => [path, message]));
    throw error;
  }
  return {};
}
const section = (name: string, lines = '') => `${name}: { vsphere_user: monitor${lines} }\n`;

describe("vmware_exporter's file", () => {
  it('has the booleans of PyYAML', () => {
    const yaml = section(
      'default',
      ', ignore_ssl: no, fetch_tags: On, collect_only: { vms: yes, hosts: NO }',
    );
    expect(read(yaml)).toEqual({
      VSPHERE_USER: 'monitor',
      VSPHERE_IGNORE_SSL: 'false',
      VSPHERE_FETCH_TAGS: 'true',
      VSPHERE_COLLECT_VMS: 'true',
      VSPHERE_COLLECT_HOSTS: 'false',
    });
  });

  it('may have any character in the name of a section', () => {
    expect(read(section('default') + section('vc-2') + section("'süd west'"))).toEqual({
      VSPHERE_USER: 'monitor',
      VSPHERE_VC_2_USER: 'monitor',
      VSPHERE_S_D_WEST_USER: 'monitor',
    });
  });

  it.each([
    ['esx', 'ESX', 'VSPHERE_ESX_…'],
    ['vc-2', 'vc_2', 'VSPHERE_VC_2_…'],
  ])('loses no section to one with the same variables: %s and %s', (one, other, prefix) => {
    const yaml = section('default') + section(one) + section(other);
    expect(faultsOf(yaml)).toEqual({ [`${one}, ${other}`]: `both are ${prefix}; rename one` });
  });

  it('has what is null as not set', () => {
    const yaml = section(
      'default',
      ', vsphere_host: null, vsphere_password: ~, ignore_ssl: , specs_size: null',
    );
    expect(read(yaml)).toEqual({ VSPHERE_USER: 'monitor' });
  });

  it('has a name for each section, of at most 100 characters', () => {
    const faultsWith = (name: string) =>
      Object.values(faultsOf(section('default') + section(JSON.stringify(name))));
    expect(faultsWith('')).toEqual(['name the section']);
    expect(faultsWith('x'.repeat(100))).toEqual([]);
    expect(faultsWith('x'.repeat(101))).toEqual(['use at most 100 characters']);
  });

  it('is told to quote what YAML takes for another kind of value', () => {
    expect(faultsOf(section('default', ', vsphere_password: 0123'))).toEqual({
      'default.vsphere_password': 'write a text, in quotes',
    });
  });
});
