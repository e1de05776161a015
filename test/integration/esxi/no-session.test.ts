import { generateKeyPairSync } from 'node:crypto';
import type { Algorithms } from 'ssh2';
import { describe, expect, it, vi } from 'vitest';
import { startOddServer } from '../../support/ssh/odd-server.ts';
import { ask, failureOf } from './demo-fleet.ts';

const at = ({ address, port }: { address: string; port: number }) => ({ target: { host: address, port } });

/** What a server that is not OpenSSH's sshd, or takes no connection, sends in the place of a banner. */
const says = (...pieces: readonly (string | Buffer)[]) =>
  startOddServer({
    onSocket: (socket) => {
      socket.resume();
      for (const piece of pieces) socket.write(piece);
      socket.end();
    },
  });

describe('runCommand, on a host that says something else than a banner', () => {
  it.each(['Exceeded MaxStartups', 'Not allowed at this time'])(
    'shows "%s" and that it is busy',
    async (words) => {
      await using server = await says(`${words}\r\n`);
      const error = await failureOf(ask(server, at(server)));
      expect(error).toMatchObject({ code: 'banner', credentialSent: false, retryable: true });
      expect(error.message).toContain(
        `the host accepts no ssh connection at the moment. It sent "${words}"; `,
      );
      expect(error.message).toMatch(/MaxStartups in its sshd_config$|PerSourcePenalties/);
    },
  );

  it('shows the first line of what another service says, printable, and asks for the port', async () => {
    await using server = await says('HTTP/1.1 400 \x1b[2JBad\r\n\r\n<html>', Buffer.from([0, 255, 7]));
    const error = await failureOf(ask(server, at(server)));
    expect(error.message).toMatch(
      /the server there does not speak ssh\. It sent "HTTP\/1\.1 400 {2}\[2JBad"; check that this is the address and port/,
    );
  });

  it('shows 200 characters at most', async () => {
    await using server = await says('x'.repeat(1_000));
    const error = await failureOf(ask(server, at(server)));
    expect(error.message).toContain(`It sent "${'x'.repeat(200)}"`);
  });

  it('says what happened when nothing was said', async () => {
    await using server = await says();
    const error = await failureOf(ask(server, at(server)));
    expect(error.message).toMatch(/the server there does not speak ssh \(Connection lost before handshake\)/);
  });

  it('takes lines before the banner for what they are', async () => {
    await using server = await says('Welcome!\r\nSS', 'H-2.0-x\r\n');
    const error = await failureOf(ask(server, at(server)));
    expect(error.message).toMatch(/the ssh conversation failed before the login/);
  });
});

describe('runCommand, on a host that has no algorithm in common', () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey.export({
    type: 'pkcs1',
    format: 'pem',
  });
  it.each<[string, Algorithms, RegExp]>([
    [
      'key exchange',
      { kex: ['diffie-hellman-group-exchange-sha256', 'diffie-hellman-group18-sha512'] },
      /no key exchange algorithm in common: the host offers diffie-hellman-group-exchange-sha256, diffie-hellman-group18-sha512; allow one of ecdh-sha2-nistp256, .* in KexAlgorithms of its sshd_config$/,
    ],
    [
      'cipher',
      { cipher: ['aes256-cbc', '3des-cbc'] },
      /no C->S cipher in common: the host offers aes256-cbc, 3des-cbc; allow one of .*aes256-ctr.* in Ciphers of/,
    ],
    [
      'MAC',
      { cipher: ['aes128-ctr'], hmac: ['hmac-sha1'] },
      /no C->S MAC in common: the host offers hmac-sha1; allow one of hmac-sha2-256-etm@openssh.com, .* in MACs of/,
    ],
    [
      'host key',
      { serverHostKey: ['ssh-rsa'] },
      /no host key format in common: the host offers ssh-rsa; allow one of .*rsa-sha2-512.* in HostKeyAlgorithms of/,
    ],
  ])('says what it offers as %s and where to allow another one', async (_what, algorithms, message) => {
    await using server = await startOddServer({ algorithms, hostKeys: [String(rsa)] });
    const error = await failureOf(ask(server, at(server)));
    expect(error).toMatchObject({ code: 'banner', credentialSent: false });
    expect(error.message).toMatch(message);
    await vi.waitFor(() => expect(server.connections()).toBe(0));
  });
});
