import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { prometheusChecks } from '../../../../lib/cli/doctor/checks/prometheus.ts';
import type { Surroundings } from '../../../../lib/cli/doctor/engine/surroundings.ts';
import { ALERTS } from '../../../../lib/monitoring/alerts/rule-files.ts';
import type { exchange, HttpRequest } from '../../../../lib/platform/http-exchange.ts';
import { createManualClock } from '../../../support/manual-clock.ts';
import { printVerdict } from '../../../support/print-verdict.ts';
import { configOf, sweep, target } from '../../config/deployable.ts';

const { signal } = new AbortController();
const TARGETS = '/api/v1/targets?state=active';
const CONFIG = '/api/v1/status/config';
const RULES = '/api/v1/rules?type=alert';
const GROUPS = '/api/v1/query?query=count+by+%28job%2C+instance%2C+exported_job%29+%28vsweep_target_up%29';

/** What a Prometheus answers, by the path and query of the request: a text, or a status with a text. */
type Answers = Readonly<Record<string, object | string | readonly [status: number, text: string]>>;

function promOf(sections: object, answers: Answers, base = 'http://prom:9090/') {
  const requests: HttpRequest[] = [];
  const send = async (request: HttpRequest, options: { signal: AbortSignal }) => {
    expect(options.signal).toBe(signal);
    requests.push(request);
    const answer = answers[request.url.pathname + request.url.search];
    const [status, text] = Array.isArray(answer)
      ? answer
      : [200, typeof answer === 'string' ? answer : JSON.stringify({ data: answer })];
    return { status, text };
  };
  const { aws, ...rest } = sections as { aws?: object };
  const whole = configOf({ targets: [target('vc01'), target('vc02')], ...rest, ...(aws && { aws }) });
  const surroundings = {
    loaded: { config: aws === undefined ? { ...whole, aws: undefined } : whole },
    clock: createManualClock(),
    words: (...words: readonly string[]) => `vsweep ${words.join(' ')}`,
  } as unknown as Surroundings;
  const checks = prometheusChecks(base, surroundings, send as unknown as typeof exchange);
  return {
    requests,
    tell: async (name: string) => {
      const found = await checks.find((one) => one.name === `prometheus ${name}`)?.run({ signal });
      return [found ?? []].flat().map(printVerdict).join();
    },
  };
}
const up = (scrapeUrl: string) => ({
  activeTargets: [{ scrapePool: 'push', scrapeUrl, health: 'up', lastError: '' }],
});
const scrapes = (...jobs: object[]) => ({ yaml: stringify({ scrape_configs: jobs }) });

describe('what Prometheus scrapes', () => {
  const push = { url: 'https://gw:9091/prefix' };
  const answers = {
    [TARGETS]: up('https://gw:9091/prefix/metrics'),
    [CONFIG]: scrapes({ job_name: 'push', honor_labels: true }),
  };
  const none = (what: string, where: string) =>
    `yellow: no target of Prometheus is ${what} at ${where}, by that name. Unless it is scraped under another name, add a job to scrape_configs`;

  it('is the Pushgateway with the labels of its groups, asked for at the url of Prometheus', async () => {
    const { tell, requests } = promOf({ push }, answers);
    expect(await tell('scrape')).toBe('green: the job push scrapes the Pushgateway with honor_labels');
    expect(
      requests.map(({ method, url, headers, maxBodyBytes }) => [method, url.href, headers, maxBodyBytes]),
    ).toEqual(
      [TARGETS, CONFIG].map((path) => [
        'GET',
        `http://prom:9090${path}`,
        { accept: 'application/json', 'user-agent': 'vsweep' },
        67_108_864,
      ]),
    );
  });

  it.each([
    [{}, none('vsweep run', '127.0.0.1:9666')],
    [{ exporter: { listen: '[::1]:9000' } }, none('vsweep run', '[::1]:9000')],
    [{ exporter: { listen: '[::1]:9000' }, otlp: { url: 'https://otlp' } }, none('vsweep run', '[::1]:9000')],
    [{ push }, `${none('the Pushgateway', 'gw:9091')}, with honor_labels: true`],
    [
      { otlp: { url: 'https://otlp' }, textfile: { path: '/t' } },
      'green: nothing of vsweep has to be scraped: its series are delivered by otlp, textfile',
    ],
    [
      { remoteWrite: { url: 'https://rw' }, victoriaMetrics: { url: 'https://vm' } },
      'green: nothing of vsweep has to be scraped: its series are delivered by remoteWrite, victoriaMetrics',
    ],
    [
      { aws: { alarms: { emails: ['ops@example.org'] } } },
      'yellow: no sink sends series, and a deployment on AWS serves no /metrics. Add a section such as remoteWrite',
    ],
  ])('depends on where series go: %j', async (sections, expected) => {
    const found = { [TARGETS]: { activeTargets: [] }, [CONFIG]: scrapes() };
    expect(await promOf(sections, found).tell('scrape')).toBe(expected);
  });

  it('is judged without labels where the configuration of Prometheus cannot be read', async () => {
    for (const yaml of ['scrape_configs: 7', 'a: [', '']) {
      const odd = { ...answers, [CONFIG]: { yaml } };
      expect(await promOf({ push }, odd).tell('scrape')).toMatch(
        /^red: the job push scrapes the Pushgateway without/,
      );
    }
  });
});

describe('an answer that is not of Prometheus', () => {
  const ask = (answer: Answers[string], base?: string) =>
    promOf({}, { [RULES]: answer, [`/prom${RULES}`]: answer }, base).tell('rules');
  it('has a message with what was asked, and a remedy', async () => {
    await expect(ask([404, `<html>\n${'x'.repeat(300)}`])).rejects.toThrow(
      new Error(
        `GET http://prom:9090/api/v1/rules: answered 404: <html> ${'x'.repeat(193)}. Give the url of Prometheus itself`,
      ),
    );
    const other =
      "GET https://prom/prom/api/v1/rules: the answer is not Prometheus'. Give the url of Prometheus itself";
    for (const text of ['<html>', '{}', '{"data":{"groups":7}}'])
      await expect(ask(text, 'https://prom/prom//')).rejects.toThrow(new Error(other));
  });
});

describe('the groups', () => {
  const series = (job: string, instance: string) => ({ metric: { job, instance } });
  const sweeps = [
    { ...sweep('a', ['ssh-services']), targets: ['vc01'] },
    { ...sweep('b', ['overall-status']), targets: ['vc02'] },
  ];
  const tell = (sections: object, ...result: readonly object[]) =>
    promOf({ sweeps, ...sections }, { [GROUPS]: { result } }).tell('groups');
  const missing = (job: string, instance: string, of = '1 of 2') =>
    `yellow: ${of} groups have no series, such as ${job} of ${instance}: no run delivered it in the last minutes, or Prometheus does not scrape it`;
  const [a, b] = configOf({ sweeps }).sweeps.map(({ job }) => job);

  it('are filled by a run of their sweep', async () => {
    expect(await tell({}, series(`${a}`, 'vc01'), series(`${b}`, 'vc02'))).toBe(
      'green: all 2 groups have series',
    );
    expect(await tell({}, series(`${a}`, 'vc01'))).toBe(`${missing(`${b}`, 'vc02')} | vsweep sweep b`);
    expect(await tell({})).toBe(`${missing(`${a}`, 'vc01', '2 of 2')} | vsweep sweep a`);
  });

  it('are filled by no command that could send a password to a host of any key', async () => {
    const credentials = { env: 'ESXI' };
    const first = [series(`${b}`, 'vc02')] as const;
    const plain = missing(`${a}`, 'vc01');
    expect(await tell({ esxi: { credentials } }, ...first)).toBe(plain);
    expect(await tell({ esxi: { credentials, hostKeys: { unknown: 'refuse' } } }, ...first)).toBe(
      `${plain} | vsweep sweep a`,
    );
    expect(await tell({ esxi: { credentials } }, series(`${a}`, 'vc01'))).toBe(
      `${missing(`${b}`, 'vc02')} | vsweep sweep b`,
    );
  });
});

it('the rules are the alerts on vsweep itself, and written by a command', async () => {
  const rules = ALERTS.vsweep.map(({ name }) => ({ name, type: 'alerting', health: 'ok' }));
  expect(await promOf({}, { [RULES]: { groups: [{ rules }] } }).tell('rules')).toBe(
    `green: all ${rules.length} alerts on vsweep are loaded`,
  );
  expect(await promOf({}, { [RULES]: { groups: [] } }).tell('rules')).toBe(
    'red: no alert of vsweep is loaded. Write them into a file that rule_files names, and reload Prometheus | vsweep alerts vsweep > vsweep.rules.yml',
  );
});
