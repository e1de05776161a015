import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createTemporaryFolder } from '../../../support/peers/temporary-folder.ts';
import { vsweep } from '../vsweep-command.ts';
import { CREDENTIAL_MISTAKES, GOOD_CONFIG, GOOD_CREDENTIAL, WRITTEN_MISTAKES } from './written.ts';

/** What `vsweep config check` says of a folder with these files beside the good ones. */
async function check(files: Readonly<Record<string, string | Buffer>>, mode = 0o600, env = {}) {
  await using folder = await createTemporaryFolder('mistakes');
  await mkdir(join(folder.path, 'credentials'), { mode: 0o700 });
  const good = {
    'vsweep.yaml': GOOD_CONFIG,
    'credentials/vc01.yaml': GOOD_CREDENTIAL,
    'credentials/esxi.yaml': GOOD_CREDENTIAL,
    'credentials/netbox.token': 'Token 0123456789abcdef',
    'ca.der': Buffer.from([0x30, 0x82, 0x01, 0x01]),
  };
  for (const [name, text] of Object.entries({ ...good, ...files })) {
    await writeFile(join(folder.path, name), text, { mode: name in files ? mode : 0o600 });
  }
  const { output, errors, exitCode } = await vsweep({ folder: folder.path, env }, 'config', 'check');
  return { exitCode, told: `${output}${errors}`.replaceAll(`${folder.path}/`, '') };
}

describe('a mistake in vsweep.yaml', () => {
  it('is none in the configuration that the others spoil', async () => {
    expect((await check({})).told).toMatch(/^vsweep\.yaml: ok\n(?!.*warning)/);
  });

  it.each(WRITTEN_MISTAKES)(
    '$mistake: the message says what to write',
    async ({ spoil, says, isWarning, env }) => {
      const text = spoil(GOOD_CONFIG);
      expect(text).not.toBe(GOOD_CONFIG);
      const { exitCode, told } = await check({ 'vsweep.yaml': text }, 0o600, env);
      expect(told).toMatch(says);
      expect(told).not.toContain('s3cret');
      expect(exitCode).toBe(isWarning === true ? 0 : 2);
    },
  );

  it.each([
    ['line ends of Windows', GOOD_CONFIG.replaceAll('\n', '\r\n')],
    ['a byte order mark', `\ufeff${GOOD_CONFIG}`],
  ])('%s: is none', async (_what, text) => {
    expect((await check({ 'vsweep.yaml': text })).told).toMatch(/^vsweep\.yaml: ok\n/);
  });
});

describe('a mistake in a credential file', () => {
  it.each(CREDENTIAL_MISTAKES)('$mistake: is told without a word of it', async ({ text, says, mode }) => {
    const { exitCode, told } = await check({ 'credentials/vc01.yaml': text }, mode);
    expect(told).toMatch(says);
    expect(told).toContain('targets[0].credentials: The credential file:credentials/vc01.yaml');
    expect(told).not.toMatch(/s3cret/i);
    expect(exitCode).toBe(0);
  });
});
