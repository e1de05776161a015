import { afterAll, beforeAll, expect, it } from 'vitest';
import { services as ofServices } from '../../lib/esxi/probes/services.ts';
import type { ServiceReading } from '../../lib/esxi/service-reading.ts';
import { prepareProbes } from '../../lib/esxi/session/prepare-probes.ts';
import type { Probe } from '../../lib/esxi/session/probe.ts';
import { uptime } from '../support/esxi/uptime.ts';
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
  describeWithPeers(['sshd'], `the session with busybox ash ${name}`, () => {
    let sshds: Sshds;

    beforeAll(async () => {
      sshds = await startSshds({ addresses: [host], password: 'secret', services, lacks });
    });
    afterAll(() => sshds?.[Symbol.asyncDispose]());

    const run = (command: string) =>
      runSshSession({ host, port: sshds.port, credentials: { password: 'secret' }, command });

    const session = async (names: readonly string[], probes: readonly Probe[] = [ofServices]) => {
      const prepared = prepareProbes(probes, { services: [...names] }, { sessionMs: 15_000 });
      const { stdout } = await run(prepared.script(NONCE));
      return prepared.read(stdout, NONCE);
    };
    const quick: Probe<readonly ServiceReading[]> = { ...ofServices, seconds: 1 };
    const stuck: Probe = {
      ...uptime,
      name: 'stuck',
      seconds: 1,
      commands: () => [{ key: 'sleep', argv: ['sleep', '3600'] }],
    };
    const missing: Probe = {
      ...uptime,
      name: 'missing',
      commands: () => [{ key: 'x', argv: ['esxcli', 'x'] }],
    };
    const loud: Probe = {
      ...uptime,
      name: 'loud',
      commands: () => [{ key: 'x', argv: ['yes'] }],
      seconds: 1,
    };

    it('reads every service, kills what hangs, and leaves no process', async () => {
      const names = Object.keys(services);
      const { readings } = await session(names, [quick]);
      const found = readings.get('services') as readonly ServiceReading[];
      expect(Object.fromEntries(found.map(({ service, state }) => [service, state]))).toEqual({
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

    it('reads two probes side by side, beside one that hangs, one that floods and one whose program is missing', async () => {
      const { readings, failed } = await session(
        ['hostd', 'vpxa'],
        [stuck, ofServices, loud, uptime, missing],
      );
      expect(Object.fromEntries(readings)).toEqual({
        services: [
          { service: 'hostd', state: 'running' },
          { service: 'vpxa', state: 'stopped' },
        ],
        uptime: expect.any(Number),
      });
      expect(failed.map(({ probe, why }) => [probe, why])).toEqual([
        ['stuck', '"sleep 3600" did not end in 1 s and was killed; run it on the host'],
        ['loud', '"yes" did not end in 1 s and was killed; run it on the host'],
        ['missing', 'the host has no esxcli'],
      ]);
      const { stdout } = await run('ps -o pid,args');
      expect(stdout).not.toMatch(/sleep 3600|yes/);
    });

    it('names what the host lacks and the script would use', async () => {
      const { warnings } = await session(['hostd']);
      expect(warnings.map((warning) => warning.split(':')[0])).toEqual(
        lacks.length === 0 ? [] : ['the host has no setsid'],
      );
      const which = await run('for c in tr dd setsid; do command -v $c >/dev/null || echo $c; done');
      expect(which.stdout.split('\n').filter(Boolean)).toEqual(lacks);
    });

    it('takes less than a second for seven services that answer', async () => {
      const names = ['hostd', 'vpxa', 'nsx-opsagent', 'sfcbd-watchdog', 'SSH', 'nsxa', 'nsx-mpa'];
      const times = [];
      for (let turn = 0; turn < 5; turn += 1) {
        const began = performance.now();
        await session(names);
        times.push(performance.now() - began);
      }
      expect(Math.min(...times)).toBeLessThan(1_000);
    });
  });
}
