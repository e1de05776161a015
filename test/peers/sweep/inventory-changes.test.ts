import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithPeers } from '../../support/peers/peer-requirements.ts';
import { pollUntil } from '../../support/peers/poll-until.ts';
import {
  type Prometheus,
  promQuery,
  pushgatewayConfig,
  startPrometheus,
} from '../../support/peers/prometheus.ts';
import { runVsweep } from '../../support/peers/run-vsweep.ts';
import { openSweeper, type Sweeper } from '../../support/peers/sweeper.ts';
import { type SweptFleet, startSweptFleet, VCENTER } from '../../support/peers/swept-fleet.ts';

const HOSTS = 6;
const PATHS = ['vcenter', 'ssh'] as const;

describeWithPeers(
  ['vcsim', 'sshd', 'pushgateway', 'prometheus'],
  'an inventory that changes between sweeps',
  () => {
    let fleet: SweptFleet;
    let prometheus: Prometheus;
    let sweeper: Sweeper;

    beforeAll(async () => {
      fleet = await startSweptFleet({
        network: 103,
        clusters: 2,
        hostsPerCluster: HOSTS / 2,
        services: { hostd: 'running', ntpd: 'running' },
      });
      prometheus = await startPrometheus({ config: pushgatewayConfig(fleet.pushgateway.address) });
      sweeper = await openSweeper(fleet);
    });
    afterAll(async () => {
      await sweeper?.[Symbol.asyncDispose]();
      await prometheus?.[Symbol.asyncDispose]();
      await fleet?.[Symbol.asyncDispose]();
    });

    const query = (expr: string) => promQuery(prometheus.url, expr);
    /** Sweeps once and waits until Prometheus has scraped that run. */
    const sweepAndScrape = async () => {
      const startedAfter = Date.now();
      const summary = await sweeper.sweep();
      await pollUntil(
        'the run in Prometheus',
        async () => {
          const [run] = await query('vsweep_sweep_last_run_timestamp_seconds');
          return run !== undefined && run.value * 1_000 >= startedAfter ? true : undefined;
        },
        { timeoutMs: 20_000 },
      );
      return summary;
    };
    const hostsOf = async (expr: string) => (await query(expr)).map(({ labels }) => labels['hostsystem']);
    const countsOf = async (path: (typeof PATHS)[number]) =>
      Object.fromEntries(
        (await query(`vsweep_hosts{path="${path}"} > 0`)).map(({ labels, value }) => [
          [labels['outcome'], labels['reason']].filter(Boolean).join(' '),
          value,
        ]),
      );
    const names = () => fleet.hosts.map(({ name }) => name);

    it('has nothing left of a host that was removed from vCenter, and all of the others', async () => {
      await sweepAndScrape();
      const [removed = '', ...others] = names();
      expect(await hostsOf(`esxi_critical_service_status{service="hostd"}`)).toContain(removed);

      await fleet.vcsim.change(removed, 'remove');
      await sweepAndScrape();
      expect(await query(`{hostsystem="${removed}"}`)).toEqual([]);
      const families = [
        'esxi_critical_service_status{service="hostd"}',
        'esxi_overall_status',
        'esxi_ssh_up',
      ];
      for (const family of families) expect((await hostsOf(family)).sort()).toEqual(others);
      for (const path of PATHS) expect(await countsOf(path)).toEqual({ ok: HOSTS - 1 });
    });

    it('goes on by ssh from the last host list while vCenter is down, and says so', async () => {
      await fleet.stopVcenter();
      const { listing, deliveries } = await sweepAndScrape();
      expect({ listing, deliveries }).toEqual({
        listing: 'last',
        deliveries: [{ sink: 'pushgateway', outcome: 'delivered' }],
      });

      expect(await query('vsweep_target_up')).toMatchObject([{ labels: { vcenter: VCENTER }, value: 0 }]);
      expect(await countsOf('vcenter')).toEqual({ 'failed target': HOSTS - 1 });
      expect(await countsOf('ssh')).toEqual({ ok: HOSTS - 1 });
      const [, ...others] = names();
      expect((await hostsOf('esxi_critical_service_status{service="hostd"} == 1')).sort()).toEqual(others);
      expect(await query('esxi_overall_status')).toEqual([]);
      expect((await query('vsweep_host_list_age_seconds')).map(({ value }) => value > 0)).toEqual([true]);
    });

    it('lists again as soon as vCenter is back', async () => {
      await fleet.startVcenter();
      const { listing } = await sweepAndScrape();
      expect(listing).toBe('fresh');
      expect(await query('vsweep_target_up')).toMatchObject([{ value: 1 }]);
      expect((await hostsOf('esxi_overall_status')).sort()).toEqual(names());
      for (const path of PATHS) expect(await countsOf(path)).toEqual({ ok: HOSTS });
      expect(await fleet.vcsim.openSessions()).toBe(0);
    });

    it('believes no vCenter with another certificate: nothing is sent, and no host list reads as no hosts', async () => {
      const pin = Array.from({ length: 32 }, () => 'AB').join(':');
      const statePath = 'state-of-its-own';
      const target = { tls: { sha256: [pin] } };
      const file = await fleet.writeConfig('other-pin.yaml', { target, statePath });
      const { env } = fleet;
      const { exitCode, stdout } = await runVsweep(['sweep', 'services', '-C', file, '--json'], { env });
      expect(exitCode).toBe(1);
      const { targets } = JSON.parse(stdout);
      expect(targets).toMatchObject([
        {
          status: 'unlisted',
          listing: 'none',
          deliveries: [{ sink: 'pushgateway', outcome: 'delivered' }],
          hosts: [],
        },
      ]);
      expect(targets[0].problems.join()).toContain(fleet.vcsim.sha256);
      await pollUntil(
        'the target down in Prometheus',
        async () => ((await query('vsweep_target_up == 0')).length === 1 ? true : undefined),
        { timeoutMs: 20_000 },
      );
      expect(await query('vsweep_hosts')).toEqual([]);
      expect(await fleet.vcsim.openSessions()).toBe(0);
    });
  },
);
