import { spawnSync } from 'node:child_process';
import { copyFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { startSmallFleet, toVcenterHost } from '../../integration/sweep/small-fleet.ts';
import { type ParsedSeries, parseExposition } from '../../support/exposition.ts';
import { describeWithPeers, findProgram } from '../../support/peers/peer-requirements.ts';
import { startPushgateway } from '../../support/peers/pushgateway.ts';
import { createTemporaryFolder } from '../../support/peers/temporary-folder.ts';

const RULES = resolve(import.meta.dirname, '../../../alerts/vsweep.rules.yml');
const MINUTES = 20;
const GROUP = '/metrics/job/vsweep_services/instance/vc1';

/** What a Prometheus with these rules has firing after 20 minutes in which it scraped the same values again and again. */
describeWithPeers(['pushgateway', 'prometheus'], 'alerts on what was scraped', () => {
  let scraped: { sick: string; refused: string; well: string };
  beforeAll(async () => {
    scraped = await sweepAndScrape();
  });
  const folder = createTemporaryFolder('alerts');
  afterAll(async () => (await folder)[Symbol.asyncDispose]());

  it('are none of a fleet that is well', async () => {
    await expectFiring({ text: scraped.well, runsGoOn: true }, {});
  });

  it('are one for each thing that is wrong', async () => {
    await expectFiring(
      { text: scraped.sick, runsGoOn: true },
      { EsxiHostdDown: 1, EsxiOverallStatusRed: 1, VsweepHostsFailed: 2, VsweepTargetDown: 1 },
    );
  });

  it('tell of a vsweep that stopped, for each target', async () => {
    await expectFiring({ text: scraped.well, runsGoOn: false }, { VsweepNoRun: 2, VsweepPushStale: 2 });
  });

  it('tell of pushes that the gateway refuses', async () => {
    await expectFiring(
      { text: scraped.refused, runsGoOn: false },
      { VsweepNoRun: 2, VsweepPushFailing: 1, VsweepPushStale: 2 },
    );
  });

  it('rest on an exposition that promtool has nothing to say about', () => {
    const own = scraped.sick.split('\n').filter((line) => /^(# (HELP|TYPE) )?(esxi|vsweep|push)_/.test(line));
    const checked = spawnSync(findProgram('promtool') ?? '', ['check', 'metrics'], {
      input: `${own.join('\n')}\n`,
    });
    expect(`${checked.stdout}${checked.stderr}`).toBe('');
    expect(checked.status).toBe(0);
  });

  async function expectFiring(
    { text, runsGoOn }: { text: string; runsGoOn: boolean },
    expected: Readonly<Record<string, number>>,
  ): Promise<void> {
    const { path } = await folder;
    await copyFile(RULES, join(path, 'rules.yml'));
    const test = {
      rule_files: ['rules.yml'],
      evaluation_interval: '1m',
      tests: [
        {
          interval: '1m',
          input_series: toInputSeries(parseExposition(text), { runsGoOn }),
          promql_expr_test: [
            {
              expr: 'count by (alertname) (ALERTS{alertstate="firing"})',
              eval_time: `${MINUTES}m`,
              exp_samples: Object.entries(expected).map(([alertname, value]) => ({
                labels: `{alertname="${alertname}"}`,
                value,
              })),
            },
          ],
        },
      ],
    };
    await writeFile(join(path, 'test.yml'), stringify(test));
    const { status, stdout, stderr } = spawnSync(
      findProgram('promtool') ?? '',
      ['test', 'rules', 'test.yml'],
      {
        cwd: path,
      },
    );
    expect(`${stdout}${stderr}`).toContain('SUCCESS');
    expect(status).toBe(0);
  }
});

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
  const well = await scrape();
  const broken = await fetch(`${gateway.url}${GROUP}`, {
    method: 'PUT',
    body: 'twice 1\ntwice 2\n',
    signal: AbortSignal.timeout(10_000),
  });
  expect(broken.status).toBe(400);
  const refused = await scrape();
  fleet.esxi.setService(fleet.addressOf(1), 'hostd', 'stopped');
  await fleet.esxi.setBehaviour(fleet.addressOf(2), 'closed');
  fleet.vcenter.setHosts(
    [1, 2, 3].map((number) =>
      toVcenterHost(number, number === 3 ? { vcenter: { overallStatus: 'red' } } : {}),
    ),
  );
  fleet.vcenters['vc2']?.misbehave({ kind: 'down' });
  expect((await fleet.sweep()).exitCode).toBe(3);
  return { well, refused, sick: await scrape() };
}

/**
 * The series as promtool has them come in: it begins at the time 0, so what was scraped is moved there. When runs go
 * on, whatever tells of a time is later by a minute with each minute.
 */
function toInputSeries(series: readonly ParsedSeries[], { runsGoOn }: { runsGoOn: boolean }) {
  const own = series.filter(({ name }) => /^(esxi|vsweep|push)_/.test(name));
  const isTime = ({ name }: ParsedSeries) => /_timestamp_seconds$|^push_(failure_)?time_seconds$/.test(name);
  const latest = Math.max(...own.filter(isTime).map(({ value }) => value));
  return own.map((one) => {
    const labels = Object.entries(one.labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
    // One that never came stays at its zero, which is long ago.
    const start = isTime(one) ? one.value - latest : one.value;
    const step = isTime(one) && runsGoOn && one.value > 0 ? 60 : 0;
    return { series: `${one.name}{${labels.join(',')}}`, values: `${start}+${step}x${MINUTES}` };
  });
}
