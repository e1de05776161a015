import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildServiceProbe, parseServiceProbe } from '../../lib/esxi/service-probe.ts';
import { describeWithPeers } from '../support/peers/peer-requirements.ts';
import { loopbackAddresses, type ServiceState, type Sshds, startSshds } from '../support/peers/sshds.ts';
import { runSshSession } from './smoke/ssh-session.ts';

const NONCE = 'peertest01';
const [host = ''] = loopbackAddresses(93, 1);
const services: Readonly<Record<string, ServiceState>> = {
  hostd: 'running',
  vpxa: 'stopped',
  'nsx-opsagent': 'running',
  'sfcbd-watchdog': 'running',
  SSH: 'running',
  ntpd: 'hung',
  vvold: 'hung-child',
  nsxa: 'absent',
};

describeWithPeers(['sshd'], 'the service probe on busybox ash', () => {
  let sshds: Sshds;

  beforeAll(async () => {
    sshds = await startSshds({ addresses: [host], password: 'secret', services });
  });
  afterAll(() => sshds?.[Symbol.asyncDispose]());

  const run = (command: string) =>
    runSshSession({ host, port: sshds.port, credentials: { password: 'secret' }, command });

  it('reads every service, kills the checks that hang, and leaves no process', async () => {
    const names = Object.keys(services);
    const probed = await run(buildServiceProbe(names, NONCE, { checkSeconds: 1 }));
    const readings = parseServiceProbe(probed.stdout, names, NONCE);
    expect(Object.fromEntries(readings.map(({ service, state }) => [service, state]))).toEqual({
      hostd: 'running',
      vpxa: 'stopped',
      'nsx-opsagent': 'running',
      'sfcbd-watchdog': 'running',
      SSH: 'running',
      ntpd: 'unknown',
      vvold: 'unknown',
      nsxa: 'absent',
    });
    const { stdout } = await run('ps -o pid,args');
    expect(stdout).toContain('launcher.py');
    expect(stdout).not.toMatch(/sleep|init\.d/);
  });
});
