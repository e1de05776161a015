import ssh2 from 'ssh2';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithPeers } from '../../support/peers/peer-requirements.ts';
import { loopbackAddresses, type Sshds, startSshds } from '../../support/peers/sshds.ts';
import { runSshSession, type SshSessionOptions } from './ssh-session.ts';

const PASSWORD = 'right-password';
const addresses = loopbackAddresses(91, 200);
const [first = '', second = '', third = '', fourth = '', fifth = '', sixth = ''] = addresses;
const key = ssh2.utils.generateKeyPairSync('ecdsa', { bits: 256 });

describeWithPeers(['sshd'], 'sshds', () => {
  let sshds: Sshds;

  beforeAll(async () => {
    sshds = await startSshds({
      addresses,
      password: PASSWORD,
      services: {
        hostd: 'running',
        vpxa: 'stopped',
        'nsx-opsagent': 'running',
        ntpd: 'running',
        SSH: 'running',
      },
      authorizedKeys: [key.public],
    });
  });
  afterAll(() => sshds?.[Symbol.asyncDispose]());

  const session = (host: string, command: string, more: Partial<SshSessionOptions> = {}) =>
    runSshSession({ host, port: sshds.port, credentials: { password: PASSWORD }, command, ...more });
  const wrongPassword = (host: string) => session(host, 'true', { credentials: { password: 'wrong' } });

  it('logs 200 hosts in at once, each with its own address and key', async () => {
    const sessions = await Promise.all(addresses.map((host) => session(host, 'echo $SSH_CONNECTION')));
    expect(sessions.map(({ stdout }) => stdout.split(' ')[2])).toEqual(addresses);
    expect(new Set(sessions.map(({ hostKey }) => hostKey)).size).toBe(addresses.length);
  }, 60_000);

  it('speaks as ESXi does: banner, busybox ash, its own PATH, a missing script is 127', async () => {
    const { banner, stdout } = await session(
      first,
      'sh --help 2>&1 | head -1; which sleep; /etc/init.d/nsxa status 2>&1; echo $?',
    );
    expect(banner).toContain('Authorized uses only');
    expect(stdout).toMatch(/^BusyBox v/);
    expect(stdout).toContain('/run/esxi/applets/sleep\n');
    expect(stdout).toContain('/etc/init.d/nsxa: not found\n127\n');
  });

  it('prints the status of each service in the words of ESXi', async () => {
    const script = 'for s in hostd vpxa nsx-opsagent SSH; do /etc/init.d/$s status; echo $?; done';
    const { stdout } = await session(first, script);
    expect(stdout.split('\n')).toEqual([
      ...['hostd is running.', '0', 'vpxa is not running', '3'],
      ...['opsAgent is running', '0', 'SSH login is started', '0', ''],
    ]);
  });

  it('keeps the services of each host apart', async () => {
    await sshds.setService(second, 'hostd', 'stopped');
    await sshds.setService(second, 'ntpd', 'absent');
    const [here, there] = await Promise.all([
      session(second, '/etc/init.d/hostd status; ls /etc/init.d'),
      session(first, '/etc/init.d/hostd status; ls /etc/init.d'),
    ]);
    expect(here.stdout).toBe('hostd is not running.\nSSH\nhostd\nnsx-opsagent\nvpxa\n');
    expect(there.stdout).toBe('hostd is running.\nSSH\nhostd\nnsx-opsagent\nntpd\nvpxa\n');
  });

  it('never answers for a service that hangs', async () => {
    await sshds.setService(second, 'vpxa', 'hung');
    const { stdout } = await session(
      second,
      '/etc/init.d/vpxa status & sleep 1; kill -0 $! && echo waiting; kill $!',
    );
    expect(stdout).toBe('waiting\n');
  });

  it('takes public keys, and offers no plain password login', async () => {
    const byKey = await session(first, 'id -u', { credentials: { privateKey: key.private } });
    expect(byKey.stdout).toBe('0\n');
    expect(await offeredMethods(first, sshds.port)).toEqual(['publickey', 'keyboard-interactive']);
  });

  it('refuses algorithms that ESXi does not have', async () => {
    const algorithms: ssh2.Algorithms = { kex: ['curve25519-sha256'] };
    await expect(session(first, 'true', { algorithms })).rejects.toThrow(/no matching key exchange/i);
  });

  it('refuses, hangs and slows down on demand, and comes back', async () => {
    await sshds.setMode(third, { mode: 'refuse-connection' });
    await expect(session(third, 'true')).rejects.toThrow(/ECONNREFUSED/);
    await sshds.setMode(third, { mode: 'hang-banner' });
    await expect(session(third, 'true', { readyTimeoutMs: 500 })).rejects.toThrow(/handshake/);
    await sshds.setMode(third, { mode: 'slow-command', seconds: 0.5 });
    const startedAt = performance.now();
    expect((await session(third, 'echo "late"')).stdout).toBe('late\n');
    expect(performance.now() - startedAt).toBeGreaterThan(500);
    await sshds.setMode(third, { mode: 'normal' });
    expect((await session(third, 'echo back')).stdout).toBe('back\n');
    await expect(sshds.setMode('127.0.0.9', { mode: 'normal' })).rejects.toThrow(/127\.0\.0\.9/);
  });

  it('counts refusals per host, locks after five, and a success resets the count', async () => {
    await expect(wrongPassword(fourth)).rejects.toThrow(/authentication/);
    await expect(wrongPassword(fourth)).rejects.toThrow(/authentication/);
    expect([await sshds.refusals(fourth), await sshds.refusals(fifth)]).toEqual([2, 0]);
    await session(fourth, 'true');
    expect(await sshds.refusals(fourth)).toBe(0);

    for (let i = 0; i < 5; i++) await expect(wrongPassword(fifth)).rejects.toThrow(/authentication/);
    await expect(session(fifth, 'true')).rejects.toThrow(/authentication/);
    expect(await sshds.refusals(fifth)).toBe(5);
  });

  it('changes the password and the host key of one host', async () => {
    const before = await session(sixth, 'true');
    await sshds.renewHostKey(sixth);
    await sshds.setPassword(sixth, 'rotated');
    await expect(session(sixth, 'true')).rejects.toThrow(/authentication/);
    const after = await session(sixth, 'true', { credentials: { password: 'rotated' } });
    expect(after.hostKey).not.toBe(before.hostKey);
  });
});

/** The methods that the server names when it is asked for none. */
async function offeredMethods(host: string, port: number): Promise<string[]> {
  const { promise, resolve, reject } = Promise.withResolvers<string[]>();
  const client = new ssh2.Client();
  client.on('error', reject).connect({
    host,
    port,
    username: 'root',
    authHandler: (offered, _partial, next) => {
      if (offered === null) return next('none');
      resolve(offered);
    },
  });
  try {
    return await promise;
  } finally {
    client.destroy();
  }
}
