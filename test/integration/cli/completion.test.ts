import { execFile } from 'node:child_process';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTemporaryFolder, type TemporaryFolder } from '../../support/peers/temporary-folder.ts';
import { vsweep } from './vsweep-command.ts';

const MAIN = fileURLToPath(new URL('../../../lib/cli/main.ts', import.meta.url));
const run = promisify(execFile);
const CONFIG = `targets:
  - { name: vc1, credentials: { env: VC1 } }
  - { name: standby, credentials: { env: VC2 } }
sweeps:
  - { name: services, every: 1m, collectors: [overall-status], targets: [vc1] }
  - { name: status, every: 5m, collectors: [overall-status] }
`;

describe('vsweep completion bash', () => {
  let folder: TemporaryFolder;
  beforeAll(async () => {
    folder = await createTemporaryFolder('completion');
    await writeFile(join(folder.path, 'vsweep.yaml'), CONFIG);
    await writeFile(join(folder.path, 'other.yaml'), CONFIG.replace('standby', 'elsewhere'));
    const command = join(folder.path, 'vsweep');
    await writeFile(command, `#!/bin/sh\nexec '${process.execPath}' '${MAIN}' "$@"\n`);
    await chmod(command, 0o755);
    const { output } = await vsweep(folder.path, 'completion', 'bash');
    await writeFile(join(folder.path, 'completion.bash'), output);
  });
  afterAll(() => folder[Symbol.asyncDispose]());

  /** What bash offers at the end of a line. */
  async function complete(line: string): Promise<string[]> {
    const script = `source ./completion.bash
      COMP_WORDS=(${line}); [[ "$1" == *' ' ]] && COMP_WORDS+=('')
      COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)) COMP_LINE=$1 COMP_POINT=\${#1}
      $(complete -p vsweep | sed 's/.*-F \\([^ ]*\\).*/\\1/') vsweep
      printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout, stderr } = await run('bash', ['-c', script, 'bash', line], {
      cwd: folder.path,
      env: { ...process.env, PATH: `${folder.path}:${process.env['PATH']}` },
    });
    expect(stderr).toBe('');
    return stdout.split('\n').filter((word) => word !== '');
  }

  it.each<[string, string[]]>([
    ['vsweep bl', ['blacklist']],
    ['vsweep blacklist ', ['list', 'lift']],
    ['vsweep blacklist lift --co', ['--config', '--counter-was-reset']],
    ['vsweep sweep ', ['services', 'status']],
    ['vsweep sweep --json st', ['status']],
    ['vsweep sweep services ', []],
    ['vsweep lease release services ', ['vc1', 'standby']],
    ['vsweep poll --vsphere-host v', ['vc1']],
    ['vsweep poll --config other.yaml -V e', ['elsewhere']],
    ['vsweep poll -V vc1 -m vm.get -p runtime.po', ['runtime.powerState']],
    ['vsweep poll --method vm.poll -p name,runtime.po', ['name,runtime.powerState']],
    ['vsweep invoke poll -m vm.guest.net.get --properties ipA', ['ipAddress']],
    ['vsweep poll -m host.alarm.get -p na', []],
    ['vsweep poll -p na', []],
    ['vsweep poll -m vm.perf.metric.get -i ', []],
    // As bash splits it.
    ['vsweep poll --config = other.yaml -V e', ['elsewhere']],
    ['vsweep poll --vsphere-host = v', ['vc1']],
    ['vsweep hostkey list --config=other.yaml --target ', ['vc1', 'elsewhere']],
    ['vsweep config check --config ot', ['other.yaml']],
    ['vsweep config check --config missing.yaml --', ['--config', '--json', '--help']],
    ['vsweep sweep --config missing.yaml ', []],
    ['vsweep blacklist lift --user ', []],
    ['vsweep explain vmware_host_ha_', ['vmware_host_ha_state', 'vmware_host_ha_connected']],
    ['vsweep explain --config other.yaml vsweep_build', ['vsweep_build_info']],
  ])('completes "%s"', async (line, expected) => {
    expect(await complete(line)).toEqual(expected);
  });

  it('completes every command at the beginning of the line', async () => {
    expect(await complete('vsweep ')).toEqual(expect.arrayContaining(['run', 'sweep', 'status', 'groups']));
  });

  it('completes a data object with its own properties', async () => {
    const paths = await complete('vsweep poll -m vm.get -p runt');
    expect(paths).toEqual(expect.arrayContaining(['runtime', 'runtime.powerState', 'runtime.bootTime']));
    expect(paths.every((path) => path.startsWith('runtime'))).toBe(true);
  });

  it('exits 2 for a shell that it does not know', async () => {
    const { errors, exitCode } = await vsweep(folder.path, 'completion', 'fish');
    expect(exitCode).toBe(2);
    expect(errors).toContain('bash, zsh');
  });
});
