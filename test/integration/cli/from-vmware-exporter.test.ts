import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { createTemporaryFolder } from '../../support/peers/temporary-folder.ts';
import { vsweep } from './vsweep-command.ts';

/** As its README has it. */
const YAML = `
default:
    vsphere_host: vc01.example.org
    vsphere_user: "DOM\\\\monitor"
    vsphere_password: 'Leak: "1"'
    ignore_ssl: False
    specs_size: 5000
    fetch_tags: True
    collect_only: { vms: True, vmguests: True, datastores: True, hosts: True, snapshots: True }
limited:
    vsphere_host: vc02.example.org
    vsphere_user: monitor
    vsphere_password: Leak2
    collect_only: { vms: False, vmguests: False, datastores: True, hosts: False, snapshots: False }
`;

async function convert(folder: string, yaml: string, ...options: string[]) {
  await writeFile(join(folder, 'config.yml'), yaml);
  return await vsweep(folder, 'config', 'from-vmware-exporter', 'config.yml', ...options);
}

it('makes a target of each section, with files that only their owner may read, and a file that checks', async () => {
  await using folder = await createTemporaryFolder('from-vmware-exporter');
  const { output, errors, exitCode } = await convert(folder.path, YAML, '--credentials', 'credentials');
  expect(exitCode, errors).toBe(0);
  expect(output + errors).not.toContain('Leak');
  expect(errors).toContain(
    'default.fetch_tags is not used: a tag is a series of its own here; add the collector tags',
  );
  expect(errors).toContain('exporter.listen is 0.0.0.0:9272');
  const file = join(folder.path, 'credentials', 'vc01.example.org.yaml');
  expect(parse(output)).toMatchObject({
    targets: [{ name: 'vc01.example.org', credentials: { file } }, { name: 'vc02.example.org' }],
    sweeps: [
      { targets: ['vc01.example.org'] },
      { collectors: ['datastores'], targets: ['vc02.example.org'] },
    ],
  });
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await readFile(file, 'utf8')).toBe('username: DOM\\monitor\npassword: \'Leak: "1"\'\n');
  await writeFile(join(folder.path, 'vsweep.yaml'), output);
  expect(await vsweep(folder.path, 'config', 'check')).toMatchObject({ exitCode: 0 });
});

it('writes over no credential that is there, and says how to go on', async () => {
  await using folder = await createTemporaryFolder('from-vmware-exporter');
  await convert(folder.path, YAML, '--credentials', 'credentials');
  const { output, errors, exitCode } = await convert(folder.path, YAML, '--credentials', 'credentials');
  expect([exitCode, output]).toEqual([2, '']);
  expect(errors).toMatch(/EEXIST.*; delete the file, or name another folder with --credentials/);
});

it('says which secrets to create, and prints no password', async () => {
  await using folder = await createTemporaryFolder('from-vmware-exporter');
  const { output, errors } = await convert(folder.path, YAML);
  expect(parse(output)).toMatchObject({
    targets: [{ credentials: { secret: 'vsweep/vc01.example.org' } }, {}],
  });
  expect(output + errors).not.toContain('Leak');
});

it.each([
  [YAML.replace('ignore_ssl: False', 'ignore_ssl: True'), 'default.ignore_ssl: vsweep sends no password'],
  [YAML.replace('vsphere_password: Leak2', ''), 'VSPHERE_LIMITED_PASSWORD: is not set'],
  [YAML.replace('vsphere_user: monitor', ''), 'limited.vsphere_user: is not set'],
  [YAML.replace('default:', 'other:'), 'has no section "default"'],
  [YAML.replace('vms: False', 'vms: maybe'), 'limited.collect_only.vms: write true or false'],
  ['- a list', '1 fault'],
  [YAML.replace('vc02', 'VC01'), 'default.vsphere_host, limited.vsphere_host: name one vCenter'],
  [YAML.replace('vc02.example.org', '"vc 2"'), 'limited.vsphere_host: '],
  [
    YAML.replace('limited:', 'Default:').replace('default:', 'DEFAULT: { vsphere_user: x }\ndefault:'),
    'DEFAULT, Default: both',
  ],
])('tells of a fault, and writes nothing', async (yaml, fault) => {
  await using folder = await createTemporaryFolder('from-vmware-exporter');
  const { output, errors, exitCode } = await convert(folder.path, yaml, '--credentials', 'credentials');
  expect([exitCode, output]).toEqual([2, '']);
  expect(errors).toContain(fault);
  await expect(stat(join(folder.path, 'credentials'))).rejects.toMatchObject({ code: 'ENOENT' });
});
