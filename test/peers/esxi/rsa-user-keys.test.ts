import { execFile, spawn } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { SshError } from '../../../lib/esxi/errors.ts';
import { runCommand } from '../../../lib/esxi/run-command.ts';
import { systemClock } from '../../../lib/platform/clock.ts';
import { freePort } from '../../support/peers/free-port.ts';
import { describeWithPeers } from '../../support/peers/peer-requirements.ts';
import { pollUntil } from '../../support/peers/poll-until.ts';
import { createTemporaryFolder } from '../../support/peers/temporary-folder.ts';

const timeouts = { connectMs: 30_000, loginMs: 30_000, commandMs: 30_000 };

describeWithPeers(['sshd'], 'an RSA key, on an OpenSSH sshd', () => {
  let folder: Awaited<ReturnType<typeof createTemporaryFolder>>;
  const file = (name: string) => join(folder.path, name);
  beforeAll(async () => {
    folder = await createTemporaryFolder('rsa');
    // Debian's sshd wants it, and its own start script makes it.
    await mkdir('/run/sshd', { recursive: true }).catch(() => undefined);
    const generate = (name: string, type: string) =>
      promisify(execFile)('ssh-keygen', ['-q', '-t', type, '-N', '', '-f', file(name)]);
    await Promise.all([generate('host', 'ecdsa'), generate('user', 'rsa')]);
  });
  afterAll(async () => await folder?.[Symbol.asyncDispose]());

  /** Logs in to an sshd that takes these algorithms: how it ended, and which signatures sshd got. */
  async function logIn(accepted: string): Promise<{ end: string; signed: string[] }> {
    const port = await freePort();
    const lines = [
      `ListenAddress 127.0.0.1:${port}`,
      'PidFile none',
      'StrictModes no',
      'PermitRootLogin yes',
      'UsePAM no',
      'LogLevel DEBUG3',
      `HostKey ${file('host')}`,
      `AuthorizedKeysFile ${file('user.pub')}`,
      `PubkeyAcceptedAlgorithms ${accepted}`,
    ];
    await writeFile(file('sshd_config'), `${lines.join('\n')}\n`);
    const log = file(`log-${port}`);
    const sshd = spawn('/usr/sbin/sshd', ['-D', '-E', log, '-f', file('sshd_config')], { stdio: 'ignore' });
    const said = async () => await readFile(log, 'utf8').catch(() => '');
    try {
      await pollUntil('sshd listens', async () => (await said()).includes('listening') || undefined, {
        timeoutMs: 20_000,
      });
      const credential = {
        ...{ id: 'file:key', version: 'v1', username: userInfo().username },
        proof: { kind: 'private-key', privateKey: await readFile(file('user'), 'utf8') },
      } as const;
      const target = { host: '127.0.0.1', port };
      const end = await runCommand(
        { target, credential, command: 'echo hi', timeouts, maxOutputBytes: 10_000 },
        { clock: systemClock, verifyHostKey: async () => true },
        { signal: new AbortController().signal },
      ).then(
        ({ stdout }) => stdout.trim(),
        (error: unknown) =>
          error instanceof SshError ? `${error.code}, sent ${error.credentialSent}` : String(error),
      );
      const signed = (await said()).matchAll(/userauth_pubkey: publickey have (\S+) signature/g);
      return { end, signed: Array.from(signed, ([, algorithm = '']) => algorithm) };
    } finally {
      sshd.kill();
    }
  }

  it.each([
    ['rsa-sha2-512', ['rsa-sha2-512'], 'hi'],
    ['rsa-sha2-256', ['rsa-sha2-256'], 'hi'],
    ['ssh-rsa,rsa-sha2-256,rsa-sha2-512', ['rsa-sha2-512'], 'hi'],
    ['ssh-rsa', [], 'auth, sent false'],
  ])('that takes %s, signs with %j', async (accepted, signed, end) => {
    expect(await logIn(accepted)).toEqual({ end, signed });
  });
});
