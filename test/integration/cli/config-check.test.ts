import { chmod, chown, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createTemporaryFolder } from '../../support/peers/temporary-folder.ts';
import { vsweep } from './vsweep-command.ts';

const CONFIG = `targets:
  - name: vc01
    credentials: { file: vc01.yaml }
  - name: vc02
    url: https://vc01/sdk
    credentials: { env: NOBODY }
esxi:
  credentials: { file: esxi.yaml }
netbox:
  url: https://netbox
  token: { file: netbox.token }
  filter: { site: x }
sweeps: [{ name: s, every: 1m, collectors: [overall-status, ssh-services] }]
state: { path: state }
`;
const GOOD = "username: u\npassword: 'p4ssw0rd'\n";

async function createFolder(files: Readonly<Record<string, string>>) {
  const folder = await createTemporaryFolder('config-check');
  for (const [name, text] of Object.entries({ 'vsweep.yaml': CONFIG, ...files }))
    await writeFile(join(folder.path, name), text, { mode: 0o600 });
  return folder;
}
const warnings = (output: string) =>
  output.split('\n').filter((line) => line.trimStart().startsWith('warning:'));

describe('vsweep config check of credentials', () => {
  it('says which are missing, with the place in the configuration and a command, and logs in to nobody', async () => {
    await using folder = await createFolder({ 'vc01.yaml': GOOD });
    const { output, exitCode } = await vsweep(folder.path, 'config', 'check');
    expect(exitCode).toBe(0);
    expect(output).toMatch(/^vsweep\.yaml: ok, 4 warnings\n/);
    const path = (name: string) => join(folder.path, name);
    expect(warnings(output)).toEqual([
      expect.stringContaining(
        'line 5, column 5: targets[1].url: asks https://vc01/sdk, as target "vc01" does',
      ),
      expect.stringMatching(
        /line 6, column 5: targets\[1\]\.credentials: The credential env:NOBODY is not set: set NOBODY_USER and NOBODY_PASSWORD/,
      ),
      expect.stringContaining(
        `line 8, column 3: esxi.credentials: The credential file:${path('esxi.yaml')} cannot be read: ENOENT`,
      ),
      expect.stringContaining(
        `line 11, column 3: netbox.token: The credential file:${path('netbox.token')} cannot be read: ENOENT`,
      ),
    ]);
    expect(output).toContain(`Run: install -D -m 600 /dev/null ${path('esxi.yaml')} && `);
  });

  it('says of a mode, of wrong keys and of a key where a password is needed what to do, without a word of the secret', async () => {
    await using folder = await createFolder({
      'vc01.yaml': 'username: u\nprivateKey: |\n  s3cret\n',
      'esxi.yaml': 'user: u\npassword: s3cret\n',
      'netbox.token': 's3cret',
    });
    await chmod(join(folder.path, 'netbox.token'), 0o644);
    const { output } = await vsweep(
      { folder: folder.path, env: { NOBODY_USER: 'u', NOBODY_PASSWORD: 'p' } },
      'config',
      'check',
      '--json',
    );
    const { ok, warnings: told } = JSON.parse(output);
    expect(ok).toBe(true);
    expect(told).toEqual([
      expect.objectContaining({
        path: 'targets[0].credentials',
        place: { line: 3, column: 5 },
        message: expect.stringContaining('holds a private key, and targets[0].credentials needs a password'),
      }),
      expect.objectContaining({ path: 'targets[1].url' }),
      expect.objectContaining({
        path: 'esxi.credentials',
        message: expect.stringContaining('has no key "username"'),
      }),
      expect.objectContaining({
        path: 'netbox.token',
        message: expect.stringContaining(`Run: chmod 600 ${folder.path}/netbox.token`),
      }),
    ]);
    expect(output).not.toContain('s3cret');
  });

  it('says that a private key of hosts cannot be used', async () => {
    await using folder = await createFolder({
      'vc01.yaml': GOOD,
      'netbox.token': 't',
      'esxi.yaml': 'username: u\nprivateKey: |\n  s3cret\n',
    });
    const { output } = await vsweep(folder.path, 'config', 'check');
    expect(warnings(output).join('\n')).toMatch(
      /esxi\.credentials: the private key of file:.* cannot be used: .*ssh-keygen -p/,
    );
  });

  it('counts a configuration without faults and warnings as ok', async () => {
    await using folder = await createFolder({ 'vc01.yaml': GOOD, 'esxi.yaml': GOOD, 'netbox.token': 't' });
    const text = CONFIG.replace('https://vc01/sdk', 'https://vc02/sdk').replace(
      '{ env: NOBODY }',
      '{ file: vc01.yaml }',
    );
    await writeFile(join(folder.path, 'vsweep.yaml'), text);
    const { output } = await vsweep(folder.path, 'config', 'check');
    expect(output).toMatch(/^vsweep\.yaml: ok\n/);
    expect(warnings(output)).toEqual([]);
  });
});

describe.runIf(process.geteuid?.() === 0)('a file of another user', () => {
  it.each([
    [
      'vsweep.yaml',
      2,
      () =>
        `vsweep.yaml: 1 fault\n  cannot be read: it belongs to user 12345, who can change it, and not to this user (0) or root. ` +
        `Run vsweep as that user: sudo -u '#12345' vsweep status; or, if that user runs no vsweep with it: sudo chown 0 vsweep.yaml\n`,
    ],
    [
      'vc01.yaml',
      0,
      (path: string) =>
        `cannot be read: it belongs to user 12345, who can change it, and not to this user (0) or root. ` +
        `Run vsweep as that user: sudo -u '#12345' vsweep status; or, if that user runs no vsweep with it: sudo chown 0 ${path}\n`,
    ],
  ])('%s is refused with the command that mends it', async (name, expected, message) => {
    await using folder = await createFolder({ 'vc01.yaml': GOOD });
    await mkdir(join(folder.path, 'state'), { mode: 0o700 });
    await chown(join(folder.path, name), 12_345, 12_345);
    const { output, errors, exitCode } = await vsweep(folder.path, 'config', 'check');
    expect(exitCode).toBe(expected);
    expect(output + errors).toContain(message(join(folder.path, name)));
  });
});
