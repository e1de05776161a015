import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createTemporaryFolder } from '../../../support/peers/temporary-folder.ts';
import { vsweep } from '../vsweep-command.ts';

const CONFIG = `targets: [{ name: vc01, credentials: { env: NOBODY } }]
sweeps: [{ name: services, every: 1m, collectors: [overall-status] }]
state: { path: state }
`;

/** What people type, and what vsweep says of it; 2 is the exit code of wrong usage. */
const TYPED: [typed: string, says: RegExp, exitCode?: number][] = [
  ['swep services', /Did you mean sweep\?/],
  ['check', /did you mean vsweep config check or vsweep metrics check or vsweep state check\?/],
  ['scan', /did you mean vsweep hostkey scan\?/],
  ['config chek', /Did you mean check\?/],
  ['sweep', /missing required argument 'sweep'/],
  ['sweep services --dryrun', /Did you mean --dry-run\?/],
  [
    '--config vsweep.yaml sweep services',
    /put options after the command: vsweep sweep services --config vsweep\.yaml/,
  ],
  ['--json status', /put options after the command: vsweep status --json/],
  ['sweep serivces', /there is no sweep "serivces"; did you mean "services"\?/],
  ['sweep services --config vsweep.yml', /ENOENT.*; did you mean --config vsweep\.yaml\?/],
  ['sweep services --config .', /is a folder; name a file in it: --config vsweep\.yaml/],
  ['poll -m vm.gett -V vc01', /there is no method "vm\.gett"; did you mean vm\.get\?/, 1],
  ['poll -m about -V https://vc01/sdk', /the target with this url is called "vc01"/, 1],
  ['hostkey list --target vc1', /there is no target "vc1"; did you mean "vc01"\?/],
  ['doctor --target vc1', /there is no target "vc1"; did you mean "vc01"\?/],
  ['explain virtualDisk', /vmware_vm_virtualDisk_/],
  ['doctor --prometheus localhost:9090', /such as http:\/\/127\.0\.0\.1:9090/],
  ['metrics try vmware_vm_cpu_usage', /did you mean vmware_vm_cpu_usage_/],
  ['metrics try vmware_host_connected --target vc1', /there is no target "vc1"; did you mean "vc01"\?/],
  ['explain vmware_hosts_connected', /the nearest names are vmware_host_connected/],
  ['role --collectors host', /host \(did you mean hosts\?\)/],
  ['status --outcome fail', /write ok, failed, skipped, or one such as failed\(auth\)/],
  ['lease release servces vc01 --run-is-dead', /there is no sweep "servces"; did you mean "services"\?/, 1],
  ['lease release services vc1 --run-is-dead', /there is no target "vc1"; did you mean "vc01"\?/, 1],
  ['blacklist lift --user nobody', /see every account that has one by: vsweep blacklist list/, 1],
  ['config from-vpoller none.db', /name its file, such as \/var\/lib\/vconnector\/vconnector\.db/],
];

describe('a mistake on the command line', () => {
  it.each<[string, RegExp, number?]>(TYPED)(
    'vsweep %s: the message says what was meant',
    async (typed, says, code = 2) => {
      await using folder = await createTemporaryFolder('mistakes');
      await writeFile(join(folder.path, 'vsweep.yaml'), CONFIG);
      const { output, errors, exitCode } = await vsweep(folder.path, ...typed.split(' '));
      expect(output + errors).toMatch(says);
      expect(exitCode).toBe(code);
    },
  );

  it.each([
    ['scan', /did you mean npx vsweep hostkey scan\?/],
    ['--json status', /put options after the command: npx vsweep status --json/],
  ])('npx vsweep %s: the message names a command that npx has', async (typed, says) => {
    await using folder = await createTemporaryFolder('mistakes');
    const env = { npm_lifecycle_event: 'npx', npm_lifecycle_script: 'vsweep' };
    const { errors } = await vsweep({ folder: folder.path, env }, ...typed.split(' '));
    expect(errors).toMatch(says);
  });

  it('says of a table of AWS without a region what to set', async () => {
    await using folder = await createTemporaryFolder('mistakes');
    await writeFile(join(folder.path, 'vsweep.yaml'), CONFIG);
    const env = {
      AWS_REGION: '',
      AWS_CONFIG_FILE: '/dev/null',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
      AWS_EC2_METADATA_DISABLED: 'true',
    };
    const { errors, exitCode } = await vsweep({ folder: folder.path, env }, 'status', '--table', 'state');
    expect(errors).toMatch(
      /The state table state was not asked: .*\. Set AWS_REGION, and AWS_PROFILE or other/,
    );
    expect(exitCode).toBe(1);
  });

  it('says in a folder without a configuration how to begin, and what it names can be pasted', async () => {
    await using folder = await createTemporaryFolder('mistakes');
    const { errors, exitCode } = await vsweep(folder.path, 'run');
    expect(exitCode).toBe(2);
    const [, example] = /To begin, copy an example: cp (\S+) vsweep\.yaml$/m.exec(errors) ?? [];
    await writeFile(join(folder.path, 'vsweep.yaml'), await readFile(String(example)));
    expect((await vsweep(folder.path, 'config', 'check')).output).toMatch(/^vsweep\.yaml: ok, 1 warning\n/);
  });
});
