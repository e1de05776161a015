import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { prometheusChecks } from '../../../../lib/cli/doctor/checks/prometheus.ts';
import type { Verdict } from '../../../../lib/cli/doctor/verdicts/verdict.ts';
import { loadConfig } from '../../../../lib/cli/load-config.ts';
import { ALERTS } from '../../../../lib/monitoring/alerts/rule-files.ts';
import { systemClock } from '../../../../lib/platform/clock.ts';
import { silentLog } from '../../../../lib/platform/log.ts';
import { createConfigured } from '../command-here.ts';

const o = { signal: new AbortController().signal };
const CONFIG = {
  targets: [{ name: 'vc1', credentials: { env: 'VC' } }],
  esxi: { credentials: { env: 'ESXI' }, hostKeys: { unknown: 'trust-first' } },
  sweeps: [
    { name: 'status', every: '10m', collectors: ['overall-status'] },
    { name: 'services', every: '10m', collectors: ['ssh-services'] },
  ],
};
const PUSH = { push: { url: 'http://gw.example.org:9091/base' } };
const ok = (data: unknown) => ({ status: 200, text: JSON.stringify({ status: 'success', data }) });
const target = (host: string) => ({
  scrapePool: 'push',
  scrapeUrl: `http://${host}/metrics`,
  health: 'up',
  lastError: '',
});
const scrapes = (...lines: string[]) => ok({ yaml: ['scrape_configs:', ...lines].join('\n') });
const HONOURS = scrapes('- { job_name: push, honor_labels: true, scrape_interval: 1m }');
const rulesOf = (names: readonly string[]) =>
  ok({ groups: [{ rules: names.map((name) => ({ name, type: 'alerting', health: 'ok' })) }] });
const NAMES = ALERTS.vsweep.map(({ name }) => name);
const groupsOf = (...jobs: string[]) =>
  ok({ result: jobs.map((job) => ({ metric: { job, instance: 'vc1' } })) });

/** Answers by path, without the query; what else is asked for is not there. */
async function startPrometheus(answers: Readonly<Record<string, { status: number; text: string }>>) {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    const { pathname, search } = new URL(request.url ?? '', 'http://prometheus');
    seen.push(`${request.method} ${pathname}${decodeURIComponent(search.replaceAll('+', ' '))}`);
    const { status, text } = answers[pathname] ?? { status: 404, text: 'no such page' };
    response.writeHead(status).end(text);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** What each check says of a Prometheus, by its name; what it throws as a message. */
async function judged(base: string, config: object) {
  await using configured = await createConfigured({ ...CONFIG, ...config });
  const checks = prometheusChecks(base, {
    loaded: await loadConfig(configured.text.config),
    env: {},
    clock: systemClock,
    log: silentLog,
    words: (...words) => words.join(' '),
  });
  const verdicts = checks.map(async ({ name, run }) => {
    const said = await run(o).catch((error: Error) => error.message);
    return [name, typeof said === 'string' ? said : print(said as Verdict)] as const;
  });
  return Object.fromEntries(await Promise.all(verdicts));
}

const print = ({ colour, reason, command }: Verdict) =>
  [`${colour}: ${reason}`, ...(command === undefined ? [] : [command])].join(' | ');

describe('the checks of Prometheus', () => {
  it('are green where it scrapes the Pushgateway, has each group and all alerts; each is read by one GET', async () => {
    await using prometheus = await startPrometheus({
      '/api/v1/targets': ok({ activeTargets: [target('other:9091'), target('gw.example.org:9091')] }),
      '/api/v1/status/config': HONOURS,
      '/api/v1/query': groupsOf('vsweep_status', 'vsweep_services'),
      '/api/v1/rules': rulesOf(NAMES),
    });
    expect(await judged(`${prometheus.url}//`, PUSH)).toEqual({
      tcp: expect.stringMatching(/^green: 127\.0\.0\.1:\d+ accepts connections$/),
      tls: 'green: is asked without TLS, and gets no password',
      'prometheus scrape': 'green: the job push scrapes the Pushgateway with honor_labels',
      'prometheus groups': 'green: all 2 groups have series',
      'prometheus rules': `green: all ${NAMES.length} alerts on vsweep are loaded`,
    });
    expect(prometheus.seen.toSorted()).toEqual([
      'GET /api/v1/query?query=count by (job, instance, exported_job) (vsweep_target_up)',
      'GET /api/v1/rules?type=alert',
      'GET /api/v1/status/config',
      'GET /api/v1/targets?state=active',
    ]);
  });

  it('are made after those of the network, and all of one peer', async () => {
    await using configured = await createConfigured(CONFIG);
    const loaded = await loadConfig(configured.text.config);
    const checks = prometheusChecks('https://prometheus.example.org', {
      loaded,
      env: {},
      clock: systemClock,
      log: silentLog,
      words: () => '',
    });
    const of = checks.map(({ name, subject, after = [] }) => [name, subject, after.map((one) => one.name)]);
    expect(of).toEqual([
      ['dns', 'prometheus', []],
      ['tcp', 'prometheus', ['dns']],
      ['tls', 'prometheus', ['tcp']],
      ...['scrape', 'groups', 'rules'].map((one) => [
        `prometheus ${one}`,
        'prometheus',
        ['dns', 'tcp', 'tls'],
      ]),
    ]);
  });

  it('name the command that fills a group, but none that may send a password to a host of any key', async () => {
    const answers = {
      '/api/v1/targets': ok({ activeTargets: [] }),
      '/api/v1/status/config': scrapes(),
      '/api/v1/rules': rulesOf([]),
    };
    await using none = await startPrometheus({ ...answers, '/api/v1/query': groupsOf() });
    const found = await judged(none.url, PUSH);
    expect(found['prometheus groups']).toBe(
      'yellow: 2 of 2 groups have no series, such as vsweep_status of vc1: no run delivered it in the last minutes, or Prometheus does not scrape it | sweep status',
    );
    expect(found['prometheus scrape']).toBe(
      'yellow: no target of Prometheus is the Pushgateway at gw.example.org:9091, by that name. Unless it is scraped under another name, add a job to scrape_configs, with honor_labels: true',
    );
    expect(found['prometheus rules']).toBe(
      'red: no alert of vsweep is loaded. Write them into a file that rule_files names, and reload Prometheus | vsweep alerts vsweep > vsweep.rules.yml',
    );
    await using one = await startPrometheus({ ...answers, '/api/v1/query': groupsOf('vsweep_status') });
    const reason =
      'yellow: 1 of 2 groups have no series, such as vsweep_services of vc1: no run delivered it in the last minutes, or Prometheus does not scrape it';
    expect((await judged(one.url, PUSH))['prometheus groups']).toBe(reason);
    const esxi = { ...CONFIG.esxi, hostKeys: { unknown: 'refuse' } };
    expect((await judged(one.url, { ...PUSH, esxi }))['prometheus groups']).toBe(
      `${reason} | sweep services`,
    );
  });

  it.each([
    [{}, '127.0.0.1:9666'],
    [{ exporter: { listen: '[::1]:9667' } }, '[::1]:9667'],
  ])('look for vsweep run where nothing is pushed, which brings no labels: %j', async (config, host) => {
    await using prometheus = await startPrometheus({
      '/api/v1/targets': ok({ activeTargets: [{ ...target(host), health: 'down' }] }),
      '/api/v1/status/config': ok({ yaml: '{}' }),
    });
    expect((await judged(prometheus.url, config))['prometheus scrape']).toBe(
      'red: the job push cannot scrape vsweep run (down): no scrape yet',
    );
    await using well = await startPrometheus({
      '/api/v1/targets': ok({ activeTargets: [target(host)] }),
      '/api/v1/status/config': scrapes('- { job_name: push }'),
    });
    expect((await judged(well.url, config))['prometheus scrape']).toBe(
      'green: the job push scrapes vsweep run',
    );
  });

  const remoteWrite = { remoteWrite: { url: 'http://prometheus.example.org/api/v1/write' } };
  const aws = {
    targets: [{ name: 'vc1', credentials: { secret: 'vc' } }],
    esxi: { ...CONFIG.esxi, credentials: { secret: 'esxi' } },
    aws: { allowPublicEgress: true, alarms: { emails: ['ops@example.org'] } },
  };
  it.each([
    ['remoteWrite', remoteWrite],
    ['remoteWrite', { ...aws, ...remoteWrite, exporter: {} }],
    ['victoriaMetrics', { victoriaMetrics: { url: 'http://vm.example.org:8428' } }],
    ['otlp, textfile', { otlp: { url: 'http://otlp.example.org:4318' }, textfile: { path: '/var/lib/t' } }],
  ])('look for no target where the series are delivered by %s, and ask for none', async (sinks, config) => {
    await using prometheus = await startPrometheus({});
    expect((await judged(prometheus.url, config))['prometheus scrape']).toBe(
      `green: nothing of vsweep has to be scraped: its series are delivered by ${sinks}`,
    );
  });

  it('say that a deployment without a sink delivers no series', async () => {
    await using prometheus = await startPrometheus({});
    expect((await judged(prometheus.url, aws))['prometheus scrape']).toBe(
      'yellow: no sink sends series, and a deployment on AWS serves no /metrics. Add a section such as remoteWrite',
    );
  });

  it.each([PUSH, { exporter: {} }])(
    'look for a target where one is beside another sink: %j',
    async (config) => {
      await using prometheus = await startPrometheus({
        '/api/v1/targets': ok({ activeTargets: [] }),
        '/api/v1/status/config': scrapes(),
      });
      expect((await judged(prometheus.url, { ...remoteWrite, ...config }))['prometheus scrape']).toMatch(
        /^yellow: no target of Prometheus is /,
      );
    },
  );

  it('miss honor_labels where the configuration of Prometheus cannot be read', async () => {
    await using prometheus = await startPrometheus({
      '/api/v1/targets': ok({ activeTargets: [target('gw.example.org:9091')] }),
      '/api/v1/status/config': ok({ yaml: 'scrape_configs: nonsense' }),
    });
    expect((await judged(prometheus.url, PUSH))['prometheus scrape']).toMatch(
      /^red: the job push scrapes the Pushgateway without honor_labels, so that/,
    );
  });

  it('say of whoever answers otherwise that it is no Prometheus', async () => {
    await using other = await startPrometheus({
      '/api/v1/query': { status: 200, text: 'no JSON' },
      '/api/v1/rules': ok({}),
    });
    const found = await judged(other.url, PUSH);
    expect(found).toMatchObject({
      'prometheus scrape': expect.stringMatching(
        /^GET http:\/\/127\.0\.0\.1:\d+\/api\/v1\/(?:targets|status\/config): answered 404: .*no such page.*\. Give the url of Prometheus itself$/,
      ),
      'prometheus groups': `GET ${other.url}/api/v1/query: the answer is not Prometheus'. Give the url of Prometheus itself`,
      'prometheus rules': `GET ${other.url}/api/v1/rules: the answer is not Prometheus'. Give the url of Prometheus itself`,
    });
  });
});
