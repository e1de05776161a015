import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithPeers, findProgram } from '../../support/peers/peer-requirements.ts';
import { pollUntil } from '../../support/peers/poll-until.ts';
import {
  type Prometheus,
  type PromSample,
  promQuery,
  pushgatewayConfig,
  startPrometheus,
} from '../../support/peers/prometheus.ts';
import { runVsweep, type VsweepResult } from '../../support/peers/run-vsweep.ts';
import { SITE, type SweptFleet, startSweptFleet, VCENTER } from '../../support/peers/swept-fleet.ts';

const HOSTS = 200;
const STATUSES = ['green', 'yellow', 'red', 'gray'] as const;
const STATUS_VALUES = { green: 2, yellow: 1, red: 0, gray: undefined };
/** Init scripts, with the name that esxi-exporter has for each. */
const SERVICES = { hostd: 'hostd', vpxa: 'vpxa', 'nsx-opsagent': 'opsAgent', ntpd: 'ntpd' };
const scripts = Object.keys(SERVICES) as (keyof typeof SERVICES)[];

const statusOf = (index: number) => STATUSES[index % 7] ?? 'green';
const stateOf = (script: string, index: number) => {
  if (script !== 'ntpd' || index % 3 === 0) return 'running';
  return index % 3 === 1 ? 'stopped' : 'absent';
};

describeWithPeers(['vcsim', 'sshd', 'pushgateway', 'prometheus'], 'a fleet of 200 hosts, swept once', () => {
  let fleet: SweptFleet;
  let prometheus: Prometheus;
  let swept: VsweepResult;

  beforeAll(async () => {
    const services = Object.fromEntries(scripts.map((script) => [script, 'running' as const]));
    fleet = await startSweptFleet({ network: 101, clusters: 5, hostsPerCluster: HOSTS / 5, services });
    prometheus = await startPrometheus({ config: pushgatewayConfig(fleet.pushgateway.address) });
    for (const [index, { name, address }] of fleet.hosts.entries()) {
      await fleet.vcsim.change(name, `overall-status/${statusOf(index)}`);
      await fleet.sshds.setService(address, 'ntpd', stateOf('ntpd', index));
    }
    const { configFile, env } = fleet;
    swept = await runVsweep(['sweep', 'services', '--config', configFile, '--json'], { env });
    // What one scrape brings appears in Prometheus all at once.
    await pollUntil(
      `the sweep in Prometheus (exit code ${swept.exitCode}, ${swept.stderr || 'no complaint'})`,
      async () => (await promQuery(prometheus.url, 'vsweep_target_up')).at(0),
      { timeoutMs: 20_000 },
    );
  });
  afterAll(async () => {
    await prometheus?.[Symbol.asyncDispose]();
    await fleet?.[Symbol.asyncDispose]();
  });

  it('is swept by the command line, which says so and exits 0', () => {
    const { targets } = JSON.parse(swept.stdout);
    const all = { hosts: HOSTS, ok: HOSTS, failed: 0, skipped: 0 };
    expect(targets).toMatchObject([
      {
        problems: [],
        target: VCENTER,
        listing: 'fresh',
        deliveries: [{ sink: 'pushgateway', outcome: 'delivered' }],
        paths: { vcenter: all, ssh: all },
      },
    ]);
    expect(swept.exitCode).toBe(0);
  });

  it('tells of each host key that it pins at first contact, and of nothing else', () => {
    const told = swept.stderr.trim().split('\n');
    const names = told.map(
      (line) => /a host key was pinned at first contact .*host="([^"]+)"/.exec(line)?.[1],
    );
    expect(names.toSorted()).toEqual(fleet.hosts.map(({ name }) => name).toSorted());
  });

  it('leaves no session in vCenter', async () => {
    expect(await fleet.vcsim.openSessions()).toBe(0);
  });

  it('has every service of every host in Prometheus, under the names of esxi-exporter', async () => {
    const expected = fleet.hosts.flatMap(({ name }, index) =>
      scripts.map((script) => {
        const value = stateOf(script, index) === 'running' ? 1 : 0;
        return [{ site: SITE, hostsystem: name, service: SERVICES[script] }, value] as const;
      }),
    );
    await expectSeries('esxi_critical_service_status', expected);
  });

  it('has the state of every service by its script', async () => {
    const expected = fleet.hosts.flatMap(({ name }, index) =>
      scripts.map((service) => {
        const state = stateOf(service, index);
        return [{ vcenter: VCENTER, site: SITE, hostsystem: name, service, state }, 1] as const;
      }),
    );
    await expectSeries('esxi_service_state', expected);
  });

  it('has the overall status of every host, and no number for a gray one', async () => {
    const expected = fleet.hosts.flatMap(({ name }, index) => {
      const value = STATUS_VALUES[statusOf(index)];
      return value === undefined
        ? []
        : [[{ vcenter: VCENTER, site: SITE, hostsystem: name }, value] as const];
    });
    await expectSeries('esxi_overall_status', expected);
    const byStatus = fleet.hosts.map(({ name }, index) => {
      const status = statusOf(index);
      return [{ vcenter: VCENTER, site: SITE, hostsystem: name, status }, 1] as const;
    });
    await expectSeries('esxi_overall_status_info', byStatus);
  });

  it('accounts for every host on both paths', async () => {
    const own = { sweep: 'services', vcenter: VCENTER };
    await expectSeries('vsweep_hosts', [
      [{ ...own, path: 'vcenter', outcome: 'ok' }, HOSTS],
      [{ ...own, path: 'ssh', outcome: 'ok' }, HOSTS],
    ]);
    await expectSeries(
      'esxi_ssh_up',
      fleet.hosts.map(({ name }) => [{ vcenter: VCENTER, site: SITE, hostsystem: name }, 1]),
    );
    await expectSeries('vsweep_target_up', [[own, 1]]);
  });

  it('pushes what promtool has nothing to say about', async () => {
    const pushed = await readPushed(fleet.pushgateway.url);
    expect(pushed).toContain('esxi_critical_service_status{');
    const checked = spawnSync(findProgram('promtool') ?? '', ['check', 'metrics'], { input: pushed });
    expect(String(checked.stdout) + String(checked.stderr)).toBe('');
    expect(checked.status).toBe(0);
  });

  /** Exactly these series, each under the job of the sweep and the instance of the target. */
  async function expectSeries(
    name: string,
    expected: readonly (readonly [labels: Record<string, string>, value: number])[],
  ) {
    const found = await promQuery(prometheus.url, name);
    const group = { __name__: name, job: 'vsweep_services', instance: VCENTER };
    const wanted = expected.map(([labels, value]) => ({ labels: { ...group, ...labels }, value }));
    expect(inOrder(found)).toEqual(inOrder(wanted));
  }
});

const inOrder = (series: readonly PromSample[]) =>
  series.map(({ labels, value }) => `${JSON.stringify(Object.entries(labels).sort())} ${value}`).sort();

/** What the gateway serves of vsweep's families; it adds its own and its push times. */
async function readPushed(url: string): Promise<string> {
  const response = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(10_000) });
  const lines = (await response.text()).split('\n');
  return lines
    .filter((line) => /^(# (HELP|TYPE) )?(esxi|vsweep)_/.test(line))
    .join('\n')
    .concat('\n');
}
