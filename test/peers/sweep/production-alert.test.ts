import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithPeers } from '../../support/peers/peer-requirements.ts';
import { pollUntil } from '../../support/peers/poll-until.ts';
import {
  type Prometheus,
  promQuery,
  pushgatewayConfig,
  startPrometheus,
} from '../../support/peers/prometheus.ts';
import { openSweeper, outcomesOf, type Sweeper } from '../../support/peers/sweeper.ts';
import { type FleetHost, type SweptFleet, startSweptFleet } from '../../support/peers/swept-fleet.ts';

/** The alert that esxi-exporter's users have in production, a minute there being a second here. */
const HOSTD = "esxi_critical_service_status{service='hostd'}";
const rules = `
groups:
  - name: esxi-exporter
    rules:
      - { alert: HostdDown, expr: "max_over_time(${HOSTD}[10s]) == 0", for: 10s }
`;
const NOBODY: FleetHost = { name: '', address: '' };

describeWithPeers(
  ['vcsim', 'sshd', 'pushgateway', 'prometheus'],
  "esxi-exporter's alert on a stopped hostd",
  () => {
    let fleet: SweptFleet;
    let prometheus: Prometheus;
    let sweeper: Sweeper;
    let stopped = NOBODY;
    let dead = NOBODY;
    let refusing = NOBODY;
    let silent = NOBODY;
    let stuck = NOBODY;
    let rotated = NOBODY;

    beforeAll(async () => {
      fleet = await startSweptFleet({
        network: 102,
        clusters: 2,
        hostsPerCluster: 4,
        services: { hostd: 'running', vpxa: 'running' },
        esxi: { timeouts: { loginSeconds: 3, commandSeconds: 3 } },
      });
      [
        stopped = NOBODY,
        dead = NOBODY,
        refusing = NOBODY,
        silent = NOBODY,
        stuck = NOBODY,
        rotated = NOBODY,
      ] = fleet.hosts;
      prometheus = await startPrometheus({ config: pushgatewayConfig(fleet.pushgateway.address), rules });
      sweeper = await openSweeper(fleet);
    });
    afterAll(async () => {
      await sweeper?.[Symbol.asyncDispose]();
      await prometheus?.[Symbol.asyncDispose]();
      await fleet?.[Symbol.asyncDispose]();
    });

    const hostsOf = async (expr: string) =>
      (await promQuery(prometheus.url, expr)).map(({ labels }) => labels['hostsystem']).sort();
    const firing = () => hostsOf("ALERTS{alertname='HostdDown', alertstate='firing'}");
    /** Sweeps on and on, as the schedule does, until Prometheus shows what it must. */
    const sweepUntil = (what: string, isSo: () => Promise<boolean>) =>
      pollUntil(
        what,
        async () => {
          await sweeper.sweep();
          return (await isSo()) || undefined;
        },
        { timeoutMs: 60_000, everyMs: 500 },
      );
    const stopHostd = async ({ name, address }: FleetHost) => {
      await fleet.sshds.setService(address, 'hostd', 'stopped');
      if (name === dead.name) await fleet.vcsim.change(name, 'not-responding');
    };

    it('is fed by every host while all is well', async () => {
      await sweepUntil('8 hosts with hostd 1', async () => (await hostsOf(`${HOSTD} == 1`)).length === 8);
    });

    it('fires for the stopped ones, one of them notResponding, and for none that ssh did not reach', async () => {
      await stopHostd(stopped);
      await stopHostd(dead);
      await fleet.sshds.setMode(refusing.address, { mode: 'refuse-connection' });
      await fleet.sshds.setMode(silent.address, { mode: 'hang-banner' });
      await fleet.sshds.setMode(stuck.address, { mode: 'slow-command', seconds: 60 });
      await fleet.sshds.setPassword(rotated.address, 'rotated-password');
      const ssh = outcomesOf(await sweeper.sweep(), 'ssh');
      expect(ssh).toMatchObject({
        [stopped.name]: 'ok',
        [dead.name]: 'ok',
        [refusing.name]: 'failed(connection-refused)',
        [silent.name]: 'failed(banner)',
        [stuck.name]: 'failed(exec-timeout)',
        [rotated.name]: 'failed(auth)',
      });

      const unreached = [refusing, silent, stuck, rotated].map(({ name }) => name).join('|');
      await sweepUntil(
        'the alert, and a whole window without the hosts that ssh does not reach',
        async () =>
          (await firing()).length >= 2 &&
          (await hostsOf(`max_over_time(${HOSTD.replace('}', `,hostsystem=~'${unreached}'}`)}[10s])`))
            .length === 0,
      );
      expect(await firing()).toEqual([stopped.name, dead.name]);
    });

    it('says the same while vCenter is down: the last host list stands in', async () => {
      await fleet.stopVcenter();
      await sweepUntil('a whole window without vCenter', async () => {
        const [up] = await promQuery(prometheus.url, 'max_over_time(vsweep_target_up[10s])');
        return up?.value === 0;
      });
      expect(await firing()).toEqual([stopped.name, dead.name]);
      const healthy = fleet.hosts.slice(6).map(({ name }) => name);
      expect(await hostsOf(`${HOSTD} == 1`)).toEqual(healthy);
    });

    it('clears when hostd and vCenter are back', async () => {
      await fleet.startVcenter();
      await fleet.sshds.setService(stopped.address, 'hostd', 'running');
      await fleet.sshds.setService(dead.address, 'hostd', 'running');
      await sweepUntil('no alert', async () => (await firing()).length === 0);
      expect(await hostsOf('vsweep_target_up == 1')).toHaveLength(1);
    });

    it('has never been pending for any other host', async () => {
      const everRaised = await hostsOf(
        "count by (hostsystem) (last_over_time(ALERTS{alertname='HostdDown'}[1h]))",
      );
      expect(everRaised).toEqual([stopped.name, dead.name]);
    });
  },
);
