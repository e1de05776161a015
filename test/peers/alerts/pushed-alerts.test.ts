import { spawnSync } from 'node:child_process';
import { beforeAll, expect, it } from 'vitest';
import { startSmallFleet, toVcenterHost } from '../../integration/sweep/small-fleet.ts';
import { type ParsedSeries, parseExposition } from '../../support/exposition.ts';
import { describeWithPeers, findProgram } from '../../support/peers/peer-requirements.ts';
import { startPushgateway } from '../../support/peers/pushgateway.ts';
import { expectFiring } from './alert-timeline.ts';

const MINUTES = 20;
const GROUP = '/metrics/job/vsweep_services/instance/vc1';

/** What a Prometheus with these rules has firing, which scrapes a real Pushgateway. */
describeWithPeers(['pushgateway', 'prometheus'], 'alerts on what was pushed', () => {
  let scraped: Awaited<ReturnType<typeof sweepAndScrape>>;
  beforeAll(async () => {
    scraped = await sweepAndScrape();
  });

  it('are none of a fleet that is well, one for each thing that is wrong, and none again', async () => {
    const well = { minutes: MINUTES, series: scraped.well, firing: [] };
    const firing = [
      'EsxiHostdDown',
      'EsxiOverallStatusRed',
      'VsweepCollectorFailed',
      'VsweepHostsFailed',
      'VsweepTargetDown',
    ];
    await expectFiring([well, { minutes: MINUTES, series: scraped.sick, firing }, well]);
  });

  it('tell of a vsweep that stopped, though the gateway goes on to serve what it has', async () => {
    const well = { minutes: MINUTES, series: scraped.well, firing: [] };
    await expectFiring([
      well,
      { ...well, runsGoOn: false, firing: ['VsweepNoRun', 'VsweepPushStale'] },
      well,
    ]);
  });

  it('tell of pushes that the gateway refuses', async () => {
    const well = { minutes: MINUTES, series: scraped.well, firing: [] };
    const firing = ['VsweepNoRun', 'VsweepPushFailing', 'VsweepPushStale'];
    await expectFiring([well, { minutes: MINUTES, series: scraped.refused, runsGoOn: false, firing }, well]);
  });

  it('tell of a gateway that is gone, with all that it served', async () => {
    const well = { minutes: MINUTES, series: scraped.well, firing: [] };
    await expectFiring([well, { minutes: MINUTES, series: [], firing: ['VsweepNoRun'] }, well]);
  });

  it('rest on an exposition that promtool has nothing to say about', () => {
    const own = scraped.sickText
      .split('\n')
      .filter((line) => /^(# (HELP|TYPE) )?(esxi|vsweep|push)_/.test(line));
    const checked = spawnSync(findProgram('promtool') ?? '', ['check', 'metrics'], {
      input: `${own.join('\n')}\n`,
    });
    expect(`${checked.stdout}${checked.stderr}`).toBe('');
    expect(checked.status).toBe(0);
  });
});

const ownOf = (text: string): ParsedSeries[] =>
  parseExposition(text).filter(({ name }) => /^(esxi|vsweep|push)_/.test(name));

/** What the gateway serves after a run in which all is well, one in which much is wrong, and a push that it refused. */
async function sweepAndScrape() {
  await using gateway = await startPushgateway();
  await using fleet = await startSmallFleet({
    hosts: [{}, {}, {}, {}],
    targets: { vc1: [1, 2, 3], vc2: [4] },
    pushUrl: gateway.url,
    every: '1m',
  });
  const scrape = async () => {
    const response = await fetch(`${gateway.url}/metrics`, { signal: AbortSignal.timeout(10_000) });
    return response.text();
  };
  await fleet.warmUp();
  const well = ownOf(await scrape());
  const broken = await fetch(`${gateway.url}${GROUP}`, {
    method: 'PUT',
    body: 'twice 1\ntwice 2\n',
    signal: AbortSignal.timeout(10_000),
  });
  expect(broken.status).toBe(400);
  const refused = ownOf(await scrape());
  fleet.esxi.setService(fleet.addressOf(1), 'hostd', 'stopped');
  await fleet.esxi.setBehaviour(fleet.addressOf(2), 'closed');
  fleet.vcenter.setHosts(
    [1, 2, 3].map((number) =>
      toVcenterHost(number, number === 3 ? { vcenter: { overallStatus: 'red' } } : {}),
    ),
  );
  fleet.vcenters['vc2']?.misbehave({ kind: 'down' });
  expect((await fleet.sweep()).exitCode).toBe(3);
  const sickText = await scrape();
  return { well, refused, sick: ownOf(sickText), sickText };
}
