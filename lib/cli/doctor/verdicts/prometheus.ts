import * as z from 'zod';
import { green, red, type Verdict, yellow } from './verdict.ts';

/** Answers of Prometheus' HTTP API (https://prometheus.io/docs/prometheus/latest/querying/api/), as far as they are read. */
export const TARGETS = z.object({
  data: z.object({
    activeTargets: z.array(
      z.object({
        scrapePool: z.string(),
        scrapeUrl: z.string(),
        health: z.string(),
        lastError: z.string(),
      }),
    ),
  }),
});
export const RULES = z.object({
  data: z.object({
    groups: z.array(
      z.object({ rules: z.array(z.object({ name: z.string(), type: z.string(), health: z.string() })) }),
    ),
  }),
});
export const CONFIG = z.object({ data: z.object({ yaml: z.string() }) });
export const VECTOR = z.object({
  data: z.object({ result: z.array(z.object({ metric: z.record(z.string(), z.string()) })) }),
});
/** Prometheus' own configuration, as far as it is read. */
export const SCRAPES = z.object({
  scrape_configs: z
    .array(z.looseObject({ job_name: z.string(), honor_labels: z.boolean().default(false) }))
    .default([]),
});

type Target = z.output<typeof TARGETS>['data']['activeTargets'][number];
type Scrape = z.output<typeof SCRAPES>['scrape_configs'][number];

/** What Prometheus has to scrape: the Pushgateway, or vsweep itself. */
export interface Scraped {
  readonly what: string;
  /** Host and port, as a url has them; of the default port without it. */
  readonly host: string;
  /** Whether its series bring their own job and instance. */
  readonly bringsLabels: boolean;
}

/** Whether it is scraped, healthy, and keeps the labels of the groups. */
export function judgeScrape(
  { what, host, bringsLabels }: Scraped,
  { targets, scrapes }: { readonly targets: readonly Target[]; readonly scrapes: readonly Scrape[] },
): Verdict {
  const found = targets.find(({ scrapeUrl }) => URL.parse(scrapeUrl)?.host === host);
  if (found === undefined)
    return yellow(
      `no target of Prometheus is ${what} at ${host}, by that name. Unless it is scraped under another name, add a job to scrape_configs${bringsLabels ? ', with honor_labels: true' : ''}`,
    );
  const job = `the job ${found.scrapePool}`;
  const honours = scrapes.find(({ job_name }) => job_name === found.scrapePool)?.honor_labels === true;
  if (bringsLabels && !honours)
    return red(
      `${job} scrapes ${what} without honor_labels, so that job and instance of its series are renamed to exported_job and exported_instance. Write honor_labels: true in that job, and reload Prometheus`,
    );
  if (found.health !== 'up')
    return red(`${job} cannot scrape ${what} (${found.health}): ${found.lastError || 'no scrape yet'}`);
  return green(`${job} scrapes ${what}${bringsLabels ? ' with honor_labels' : ''}`);
}

/** Where vsweep is not scraped. Whether its series arrive is checked with the groups. */
export const judgeUnscraped = (senders: readonly string[]): Verdict =>
  senders.length === 0
    ? yellow(
        'no sink sends series, and a deployment on AWS serves no /metrics. Add a section such as remoteWrite',
      )
    : green(`nothing of vsweep has to be scraped: its series are delivered by ${senders.join(', ')}`);

export interface Group {
  readonly job: string;
  readonly instance: string;
}

/** Whether each group of the configuration has series there; `commandFor` fills one that has none. */
export function judgeGroups(
  wanted: readonly Group[],
  found: readonly Readonly<Record<string, string>>[],
  commandFor: (group: Group) => string | undefined,
): Verdict {
  const renamed = found.find(({ exported_job }) => exported_job !== undefined);
  if (renamed !== undefined)
    return red(
      `the series of ${renamed['exported_job']} have the label exported_job: the job ${renamed['job']} of Prometheus lacks honor_labels: true`,
    );
  const missing = wanted.filter(
    ({ job, instance }) => !found.some((one) => one['job'] === job && one['instance'] === instance),
  );
  const [first] = missing;
  if (first === undefined) return green(`all ${wanted.length} groups have series`);
  return yellow(
    `${missing.length} of ${wanted.length} groups have no series, such as ${first.job} of ${first.instance}: no run delivered it in the last minutes, or Prometheus does not scrape it`,
    commandFor(first),
  );
}

/** Whether the alerts on vsweep itself are loaded and can be evaluated. */
export function judgeRules(
  alerts: readonly string[],
  { groups }: z.output<typeof RULES>['data'],
  command: string,
): Verdict {
  const rules = groups.flatMap((group) => group.rules).filter(({ type }) => type === 'alerting');
  const missing = alerts.filter((name) => !rules.some((rule) => rule.name === name));
  const remedy = 'Write them into a file that rule_files names, and reload Prometheus';
  if (missing.length === alerts.length) return red(`no alert of vsweep is loaded. ${remedy}`, command);
  if (missing.length > 0)
    return yellow(
      `${missing.length} of ${alerts.length} alerts are not loaded: ${missing.slice(0, 5).join(', ')}. ${remedy}`,
      command,
    );
  const broken = rules.find(({ name, health }) => alerts.includes(name) && health === 'err');
  if (broken !== undefined)
    return red(`the alert ${broken.name} cannot be evaluated. See /rules of Prometheus`);
  return green(`all ${alerts.length} alerts on vsweep are loaded`);
}
