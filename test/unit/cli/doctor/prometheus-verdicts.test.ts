import { describe, expect, it } from 'vitest';
import {
  CONFIG,
  judgeGroups,
  judgeRules,
  judgeScrape,
  judgeUnscraped,
  RULES,
  SCRAPES,
  TARGETS,
  VECTOR,
} from '../../../../lib/cli/doctor/verdicts/prometheus.ts';
import { printVerdict } from '../../../support/print-verdict.ts';

describe('the scrape', () => {
  const gateway = { what: 'the Pushgateway', host: 'gw:9091', bringsLabels: true };
  const run = { what: 'vsweep run', host: 'gw:9091', bringsLabels: false };
  const up = { scrapePool: 'push', scrapeUrl: 'http://gw:9091/metrics', health: 'up', lastError: '' };
  const honours = [
    { job_name: 'other', honor_labels: false },
    { job_name: 'push', honor_labels: true },
  ];
  const none = 'by that name. Unless it is scraped under another name, add a job to scrape_configs';
  it.each([
    [gateway, [up], honours, 'green: the job push scrapes the Pushgateway with honor_labels'],
    [run, [up], [], 'green: the job push scrapes vsweep run'],
    [
      gateway,
      [up],
      [
        { job_name: 'other', honor_labels: true },
        { job_name: 'push', honor_labels: false },
      ],
      'red: the job push scrapes the Pushgateway without honor_labels, so that job and instance of its series are renamed to exported_job and exported_instance. Write honor_labels: true in that job, and reload Prometheus',
    ],
    [
      gateway,
      [{ ...up, health: 'down', lastError: 'refused' }],
      honours,
      'red: the job push cannot scrape the Pushgateway (down): refused',
    ],
    [
      run,
      [{ ...up, health: 'unknown' }],
      [],
      'red: the job push cannot scrape vsweep run (unknown): no scrape yet',
    ],
    [
      gateway,
      [
        { ...up, scrapeUrl: 'nonsense' },
        { ...up, scrapeUrl: 'http://gw:9092/metrics' },
      ],
      honours,
      `yellow: no target of Prometheus is the Pushgateway at gw:9091, ${none}, with honor_labels: true`,
    ],
    [run, [], [], `yellow: no target of Prometheus is vsweep run at gw:9091, ${none}`],
  ])('of %j with the targets %j and the jobs %j is judged "%s"', (scraped, targets, scrapes, expected) => {
    expect(printVerdict(judgeScrape(scraped, { targets, scrapes }))).toBe(expected);
  });

  it('is not needed where a sink sends the series, and lacks where none does', () => {
    expect(printVerdict(judgeUnscraped(['otlp', 'remoteWrite']))).toBe(
      'green: nothing of vsweep has to be scraped: its series are delivered by otlp, remoteWrite',
    );
    expect(printVerdict(judgeUnscraped([]))).toBe(
      'yellow: no sink sends series, and a deployment on AWS serves no /metrics. Add a section such as remoteWrite',
    );
  });
});

describe('the groups', () => {
  const wanted = ['a', 'b', 'c'].map((instance) => ({ job: 'j', instance }));
  const fill = ({ job, instance }: { job: string; instance: string }) => `fill ${job} ${instance}`;
  const judge = (found: readonly Readonly<Record<string, string>>[]) =>
    printVerdict(judgeGroups(wanted, found, fill));

  it('are all there, or some are missing, with the command that fills the first one', () => {
    expect(judge(wanted)).toBe('green: all 3 groups have series');
    expect(
      judge([
        { job: 'j', instance: 'a' },
        { job: 'other', instance: 'b' },
      ]),
    ).toBe(
      'yellow: 2 of 3 groups have no series, such as j of b: no run delivered it in the last minutes, or Prometheus does not scrape it | fill j b',
    );
  });

  it('have labels that were renamed', () => {
    expect(judge([...wanted, { job: 'push', exported_job: 'j' }])).toBe(
      'red: the series of j have the label exported_job: the job push of Prometheus lacks honor_labels: true',
    );
  });
});

describe('the rules', () => {
  const alerts = ['A', 'B', 'C', 'D', 'E', 'F', 'G'];
  const judge = (...named: readonly (readonly [name: string, health?: string, type?: string])[]) =>
    printVerdict(
      judgeRules(
        alerts,
        {
          groups: named.map(([name, health = 'ok', type = 'alerting']) => ({
            rules: [{ name, health, type }],
          })),
        },
        'load',
      ),
    );
  const all = alerts.map((name) => [name] as const);
  const remedy = 'Write them into a file that rule_files names, and reload Prometheus | load';

  it.each([
    [[], `red: no alert of vsweep is loaded. ${remedy}`],
    [[['A', 'ok', 'recording']], `red: no alert of vsweep is loaded. ${remedy}`],
    [[['A']], `yellow: 6 of 7 alerts are not loaded: B, C, D, E, F. ${remedy}`],
    [[['A', 'err'], ...all.slice(2)], `yellow: 1 of 7 alerts are not loaded: B. ${remedy}`],
    [[...all.slice(1), ['A', 'err']], 'red: the alert A cannot be evaluated. See /rules of Prometheus'],
    [[...all, ['other', 'err']], 'green: all 7 alerts on vsweep are loaded'],
  ] as const)('loaded as %j are judged "%s"', (found, expected) => {
    expect(judge(...found)).toBe(expected);
  });
});

it('answers of Prometheus are read as far as they are needed, and no other ones', () => {
  const target = { scrapePool: 'p', scrapeUrl: 'u', health: 'up', lastError: '' };
  const rule = { name: 'A', type: 'alerting', health: 'ok' };
  expect(TARGETS.parse({ data: { activeTargets: [{ ...target, labels: {} }] } }).data.activeTargets).toEqual([
    target,
  ]);
  expect(RULES.parse({ data: { groups: [{ file: 'f', rules: [{ ...rule, state: '' }] }] } }).data).toEqual({
    groups: [{ rules: [rule] }],
  });
  expect(CONFIG.parse({ data: { yaml: 'a: 1' } }).data.yaml).toBe('a: 1');
  expect(VECTOR.parse({ data: { result: [{ metric: { job: 'j' }, value: [1, '1'] }] } }).data).toEqual({
    result: [{ metric: { job: 'j' } }],
  });
  expect(SCRAPES.parse({})).toEqual({ scrape_configs: [] });
  const scrapes = [{ job_name: 'a' }, { job_name: 'b', honor_labels: true }];
  expect(SCRAPES.parse({ scrape_configs: scrapes }).scrape_configs).toEqual([
    { job_name: 'a', honor_labels: false },
    { job_name: 'b', honor_labels: true },
  ]);
  for (const schema of [TARGETS, RULES, CONFIG, VECTOR])
    expect(schema.safeParse({ status: 'error' }).success).toBe(false);
});
