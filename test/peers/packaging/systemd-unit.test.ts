import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { vsweep } from '../../integration/cli/vsweep-process.ts';
import { describeWithPeers } from '../../support/peers/peer-requirements.ts';
import { createTemporaryFolder } from '../../support/peers/temporary-folder.ts';

const UNIT = fileURLToPath(new URL('../../../packaging/systemd/vsweep.service', import.meta.url));
const unit = readFileSync(UNIT, 'utf8');
const run = promisify(execFile);

/** The values of a setting of the unit. */
const settings = (name: string) =>
  unit
    .split('\n')
    .filter((line) => line.startsWith(`${name}=`))
    .map((line) => line.slice(name.length + 1));

/** What the unit starts, without the path of the program. */
const startArguments = settings('ExecStart').join(' ').split(' ').slice(1);

describeWithPeers(['systemd'], 'the unit of systemd', () => {
  it('is exposed less than 3, as systemd judges it', async () => {
    const { stdout } = await run('systemd-analyze', ['security', '--offline=true', '--no-pager', UNIT]);
    const exposure = /Overall exposure level for vsweep\.service: (\d+\.\d)/.exec(stdout)?.[1];
    expect(Number(exposure)).toBeLessThan(3);
  });

  it('has no setting that systemd does not know', async () => {
    await using folder = await createTemporaryFolder('unit');
    const program = join(folder.path, 'vsweep');
    await writeFile(program, '#!/bin/sh\n');
    await chmod(program, 0o755);
    const copy = join(folder.path, 'vsweep.service');
    // The program and its page are where npm installs them, which is not here.
    await writeFile(copy, unit.replace('/usr/local/bin/vsweep', program).replace(/^Documentation=.*$/m, ''));
    const { stdout, stderr } = await run('systemd-analyze', ['verify', '--man=no', copy]);
    // It looks at all units that this one needs; those of the machine are not ours.
    expect(`${stdout}${stderr}`.split('\n').filter((line) => line.includes('vsweep'))).toEqual([]);
  });

  it('is not started again after a fault of the configuration', async () => {
    await using folder = await createTemporaryFolder('unit');
    await writeFile(join(folder.path, 'vsweep.yaml'), 'targets: []\n');
    const { exitCode, errors } = await vsweep(folder.path, ...startArguments);
    expect(settings('RestartPreventExitStatus')).toEqual([String(exitCode)]);
    expect(errors).toContain('vsweep.yaml');
  });

  it('takes the variables of esxi-exporter where there is no file', async () => {
    await using folder = await createTemporaryFolder('unit');
    const env = { VCENTER_USER: 'root' };
    const { errors } = await vsweep({ folder: folder.path, env }, ...startArguments);
    expect(errors).toContain('VCENTER_');
  });
});
