import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildServiceProbe, parseServiceProbe, warningsOfProbe } from '../../lib/esxi/service-probe.ts';
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

/** ESXi 6.5 and 6.7 have no `tr`; others may lack `dd` or `setsid`. */
const VARIANTS = [
  { name: 'with all applets', lacks: [] },
  { name: 'without tr, dd and setsid', lacks: ['tr', 'dd', 'setsid'] },
] as const;

for (const { name, lacks } of VARIANTS) {
  describeWithPeers(['sshd'], `the service probe on busybox ash ${name}`, () => {
    let sshds: Sshds;

    beforeAll(async () => {
      sshds = await startSshds({ addresses: [host], password: 'secret', services, lacks });
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

    it('names what the host lacks and the probe would use', async () => {
      const { stdout } = await run(buildServiceProbe(['hostd'], NONCE));
      const missing = warningsOfProbe(stdout, NONCE).map((warning) => warning.split(':')[0]);
      expect(missing).toEqual(lacks.length === 0 ? [] : ['the host has no setsid']);
      const which = await run('for c in tr dd setsid; do command -v $c >/dev/null || echo $c; done');
      expect(which.stdout.split('\n').filter(Boolean)).toEqual(lacks);
    });

    it('takes less than a second for seven services that answer', async () => {
      const names = ['hostd', 'vpxa', 'nsx-opsagent', 'sfcbd-watchdog', 'SSH', 'nsxa', 'nsx-mpa'];
      const times = [];
      for (let turn = 0; turn < 5; turn += 1) {
        const began = performance.now();
        await run(buildServiceProbe(names, NONCE));
        times.push(performance.now() - began);
      }
      expect(Math.min(...times)).toBeLessThan(1_000);
    });
  });
}
