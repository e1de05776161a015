import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ALERTS } from '../../../lib/monitoring/alerts/rule-files.ts';
import { answer, type Gateway, startGateway } from '../../integration/sinks/gateway.ts';
import { type SmallFleet, startSmallFleet, toVcenterHost } from '../../integration/sweep/small-fleet.ts';
import { openProcess } from '../../integration/sweep/table-process.ts';
import { type ParsedSeries, parseExposition } from '../../support/exposition.ts';
import { type FakeNetbox, startFakeNetbox } from '../../support/netbox/netbox.ts';
import { describeWithPeers } from '../../support/peers/peer-requirements.ts';
import { expectFiring } from './alert-timeline.ts';

const TOKEN = 'a-token-of-netbox';
const DEVICES = [1, 2, 3, 4].map((number) => ({
  name: `esx${number}`,
  status: 'active',
  site: 'qa',
  platform: 'vmware-esxi',
}));
/** Of a push, for which a real Pushgateway is needed: pushed-alerts.test.ts. */
const OF_PUSHES = ['VsweepPushStale', 'VsweepPushFailing'];
const MINUTES = 40;

/** One that keeps what it was given last. */
const pushedTo = ({ seen }: Gateway): ParsedSeries[] => parseExposition(seen.at(-1)?.text ?? '');

/** As Prometheus has them that scrapes `/metrics`. */
const scraped = (series: readonly ParsedSeries[]): ParsedSeries[] =>
  series.map((one) => ({ ...one, labels: { ...one.labels, job: 'vsweep', instance: '127.0.0.1:9666' } }));

const up = (value: number): ParsedSeries => ({
  name: 'up',
  labels: { job: 'vsweep', instance: '127.0.0.1:9666' },
  value,
});

describeWithPeers(['prometheus'], 'alerts on vsweep, and on hosts by ssh', () => {
  let netbox: FakeNetbox;
  let gateway: Gateway;
  let fleet: SmallFleet;
  let well: readonly ParsedSeries[];
  let firstRun: readonly ParsedSeries[];
  const raised = new Set<string>();
  beforeAll(async () => {
    netbox = await startFakeNetbox({ devices: DEVICES, token: TOKEN });
    gateway = await startGateway([answer(200)]);
    fleet = await startSmallFleet({
      hosts: [{}, {}, {}, {}],
      pushUrl: gateway.url,
      every: '1m',
      more: `netbox: { url: "${netbox.url}", token: { file: netbox.token }, filter: { platform: vmware-esxi }, whenDown: use-stale }\n`,
    });
    await writeFile(join(fleet.folder, 'netbox.token'), `${TOKEN}\n`, { mode: 0o600 });
    // The fourth is added later.
    fleet.vcenter.setHosts([1, 2, 3].map((number) => toVcenterHost(number)));
    firstRun = await sweep();
    well = await sweep();
  }, 240_000);
  afterAll(async () => {
    await fleet[Symbol.asyncDispose]();
    await gateway[Symbol.asyncDispose]();
    await netbox[Symbol.asyncDispose]();
  });

  const sweep = async (): Promise<readonly ParsedSeries[]> => {
    await fleet.sweep();
    return scraped(pushedTo(gateway));
  };

  /** All is well, then it is not, then it is again. */
  async function expectRaised(
    sick: readonly ParsedSeries[],
    firing: readonly string[],
    back = well,
  ): Promise<void> {
    for (const one of firing) raised.add(one);
    await expectFiring([
      { minutes: MINUTES, series: well, firing: [] },
      { minutes: MINUTES, series: sick, firing },
      { minutes: MINUTES, series: back, firing: [] },
    ]);
  }

  it('are none while all is well', async () => {
    await expectFiring([{ minutes: MINUTES, series: well, firing: [] }]);
  });

  it('tell of a vsweep that no longer answers, and of one whose runs have ended, when /metrics is scraped', async () => {
    for (const one of ['VsweepDown', 'VsweepNoRun']) raised.add(one);
    await expectFiring([
      { minutes: MINUTES, series: [...well, up(1)], firing: [] },
      { minutes: MINUTES, series: [up(0)], firing: ['VsweepDown', 'VsweepNoRun'] },
      { minutes: MINUTES, series: [...well, up(1)], firing: [] },
      // What is older than three intervals is not served any more.
      { minutes: MINUTES, series: [up(1)], firing: ['VsweepNoRun'] },
      { minutes: MINUTES, series: [...well, up(1)], firing: [] },
      { minutes: MINUTES, series: [...well, up(1)], runsGoOn: false, firing: ['VsweepNoRun'] },
      // Another exporter is none of vsweep's.
      {
        minutes: MINUTES,
        series: [...well, up(1), { ...up(0), labels: { job: 'node', instance: 'db' } }],
        firing: [],
      },
    ]);
  });

  it('tell of host keys at first contact', async () => {
    await expectRaised(firstRun, ['VsweepHostKeyPinned']);
  });

  it('tell of a stopped hostd, and of hosts that do not answer', async () => {
    fleet.esxi.setService(fleet.addressOf(1), 'hostd', 'stopped');
    await fleet.esxi.setBehaviour(fleet.addressOf(2), 'closed');
    const sick = await sweep();
    fleet.esxi.setService(fleet.addressOf(1), 'hostd', 'running');
    await fleet.esxi.setBehaviour(fleet.addressOf(2), 'normal');
    await expectRaised(sick, ['EsxiHostdDown', 'VsweepHostsFailed'], await sweep());
  });

  it('tell of a vCenter that is down', async () => {
    fleet.vcenter.misbehave({ kind: 'down' });
    const sick = await sweep();
    fleet.vcenter.misbehave(undefined);
    await expectRaised(
      sick,
      ['VsweepCollectorFailed', 'VsweepHostsFailed', 'VsweepTargetDown'],
      await sweep(),
    );
  });

  it('tell of a NetBox that is down, then of its answer that is old', async () => {
    netbox.setFault('server-error');
    fleet.clock.advance(2 * 3_600_000);
    await expectRaised(await sweep(), ['VsweepNetboxDown']);
    fleet.clock.advance(3 * 86_400_000);
    await expectRaised(await sweep(), ['VsweepNetboxDown', 'VsweepNetboxStale']);
    netbox.setFault('none');
    expect((await sweep()).find(({ name }) => name === 'vsweep_netbox_up')?.value).toBe(1);
  });

  it('tell of a state that is away', async () => {
    await using running = await openProcess(fleet);
    await running.sweep();
    running.table.answer = () => Promise.reject(new Error('the table is away'));
    await running.sweep();
    const sick = scraped(pushedTo(gateway));
    running.table.answer = undefined;
    await running.sweep();
    await expectRaised(sick, ['VsweepStateDown'], scraped(pushedTo(gateway)));
  });

  it('tell of an account that a host refused', async () => {
    // The process of the test before has another version of the credential, so this one is tried first.
    await fleet.sweep();
    await fleet.sweep();
    await fleet.esxi.setBehaviour(fleet.addressOf(1), 'refuses-login');
    await fleet.sweep();
    const sick = await sweep();
    await fleet.esxi.setBehaviour(fleet.addressOf(1), 'normal');
    fleet.clock.advance(30 * 60_000);
    await expectRaised(sick, ['VsweepAccountsBlacklisted'], await sweep());
  });

  it('tell of host keys that nobody accepted', async () => {
    await writeFile(join(fleet.folder, 'known_hosts'), '');
    fleet.vcenter.setHosts([1, 2, 3, 4].map((number) => toVcenterHost(number)));
    await fleet.configure({ hostKeys: '{ unknown: refuse, file: known_hosts }' });
    const sick = await sweep();
    fleet.vcenter.setHosts([1, 2, 3].map((number) => toVcenterHost(number)));
    await expectRaised(sick, ['VsweepHostKeysUnknown'], await sweep());
  });

  it('tell of a credential that no host accepts', async () => {
    await using other = await startGateway([answer(200)]);
    await using refused = await startSmallFleet({
      hosts: [{ behaviour: 'refuses-login' }, { behaviour: 'refuses-login' }],
      pushUrl: other.url,
      every: '1m',
    });
    await refused.sweep();
    const sick = scraped(pushedTo(other));
    expect(sick.find(({ name }) => name === 'vsweep_credential_ok')?.value).toBe(0);
    for (const one of ['VsweepCredentialNotOk']) raised.add(one);
    await expectFiring([
      { minutes: MINUTES, series: well, firing: [] },
      {
        minutes: MINUTES,
        series: sick.filter(({ name }) => /^vsweep_(?:credential|sweep)/.test(name)),
        firing: ['VsweepCredentialNotOk'],
      },
      { minutes: MINUTES, series: well, firing: [] },
    ]);
  });

  it('tell of an own metric that no object has', async () => {
    await using other = await startGateway([answer(200)]);
    await using silent = await startSmallFleet({
      hosts: [{}],
      pushUrl: other.url,
      every: '1m',
      collectors: 'overall-status, own',
      more: 'metrics: { own: { my_silent: { property: HostSystem complianceCheckState.state, states: [compliant] } } }\n',
    });
    await silent.sweep();
    await expectRaised(
      scraped(pushedTo(other)).filter(({ name }) => /^vsweep_(?:own|target|sweep)/.test(name)),
      ['VsweepOwnMetricSilent'],
    );
  });

  it('tell of a sink that takes nothing, through one that works', async () => {
    await using works = await startGateway([answer(200)]);
    await using refuses = await startGateway([answer(400)]);
    await using two = await startSmallFleet({
      hosts: [{}],
      pushUrl: works.url,
      every: '1m',
      more: `victoriaMetrics: { url: "${refuses.url}" }\n`,
    });
    await two.sweep();
    await two.sweep();
    await expectRaised(
      scraped(pushedTo(works)).filter(({ name }) => /^vsweep_s(?:ink|weep)/.test(name)),
      ['VsweepSinkDown'],
    );
  });

  it('were all raised by a cause', () => {
    const names = ALERTS.vsweep.map(({ name }) => name).filter((name) => !OF_PUSHES.includes(name));
    expect([...raised].filter((name) => name !== 'EsxiHostdDown').toSorted()).toEqual(names.toSorted());
  });
});
