import { Agent } from 'node:http';
import { parseDocument } from 'yaml';
import type * as z from 'zod';
import { KNOWN_COLLECTORS } from '../../../collectors/known-collectors.ts';
import { asksBySsh } from '../../../config/asks-by-ssh.ts';
import { groupsOf, targetsOfSweep } from '../../../config/cross-checks.ts';
import { unknownKeysAt } from '../../../config/host-keys.ts';
import { DEFAULT_LISTEN, type SweepConfig } from '../../../config/schema.ts';
import { ALERTS } from '../../../monitoring/alerts/rule-files.ts';
import { exchange } from '../../../platform/http-exchange.ts';
import { quote } from '../../../platform/quote.ts';
import { createTlsAgent } from '../../../platform/tls.ts';
import type { Check } from '../engine/check.ts';
import type { Surroundings } from '../engine/surroundings.ts';
import {
  CONFIG,
  judgeGroups,
  judgeRules,
  judgeScrape,
  judgeUnscraped,
  RULES,
  SCRAPES,
  type Scraped,
  TARGETS,
  VECTOR,
} from '../verdicts/prometheus.ts';
import { networkChecks } from './network.ts';

type Options = { readonly signal: AbortSignal };

/** Of a Prometheus with a hundred thousand targets, and rules beside. */
const MAX_BODY_BYTES = 64 * 1024 * 1024;

/** The other end of the way of a sample: that Prometheus scrapes it, keeps its labels, and has the alerts. It is only read. */
export function prometheusChecks(
  base: string,
  surroundings: Surroundings,
  send: typeof exchange = exchange,
): readonly Check[] {
  const { loaded, words } = surroundings;
  const { config } = loaded;
  const subject = 'prometheus';
  const peer = { subject, path: '--prometheus', url: base, trust: undefined, hasSecret: false };
  const network = networkChecks(peer, surroundings);
  const get = <T>(path: string, schema: z.ZodType<T>, options: Options) =>
    ask(base, path, schema, { ...options, send });
  const scrape: Check = {
    name: 'prometheus scrape',
    subject,
    after: network,
    async run(options) {
      const scraped = scrapedOf(surroundings);
      if (scraped === undefined) return judgeUnscraped(sendersOf(config));
      const [targets, written] = await Promise.all([
        get('/api/v1/targets?state=active', TARGETS, options),
        get('/api/v1/status/config', CONFIG, options),
      ]);
      const scrapes = SCRAPES.safeParse(parseDocument(written.data.yaml, { logLevel: 'silent' }).toJS());
      return judgeScrape(scraped, {
        targets: targets.data.activeTargets,
        scrapes: scrapes.data?.scrape_configs ?? [],
      });
    },
  };
  const groups: Check = {
    name: 'prometheus groups',
    subject,
    after: network,
    async run(options) {
      const query = 'count by (job, instance, exported_job) (vsweep_target_up)';
      const { data } = await get(`/api/v1/query?${new URLSearchParams({ query })}`, VECTOR, options);
      const found = data.result.map(({ metric }) => metric);
      return judgeGroups(groupsOf(config), found, ({ job, instance }) => {
        const sweep = config.sweeps.find(
          (one) => one.job === job && targetsOfSweep(one, config).some(({ name }) => name === instance),
        );
        return sweep && !mayTrustNewKeys(sweep, surroundings) ? words('sweep', sweep.name) : undefined;
      });
    },
  };
  const rules: Check = {
    name: 'prometheus rules',
    subject,
    after: network,
    async run(options) {
      const { data } = await get('/api/v1/rules?type=alert', RULES, options);
      const alerts = ALERTS.vsweep.map(({ name }) => name);
      return judgeRules(alerts, data, 'vsweep alerts vsweep > vsweep.rules.yml');
    },
  };
  return [...network, scrape, groups, rules];
}

/** Whether its next run may send the password to a host of any key: no command that is printed here causes that. */
const mayTrustNewKeys = (sweep: SweepConfig, { loaded: { config }, clock }: Surroundings): boolean =>
  config.esxi !== undefined &&
  asksBySsh(sweep, KNOWN_COLLECTORS) &&
  unknownKeysAt(config.esxi.hostKeys, clock.now()) === 'trust-first';

/** What of vsweep Prometheus scrapes; undefined where series reach it by a sink that sends them, or not at all. */
function scrapedOf({ loaded: { config } }: Surroundings): Scraped | undefined {
  const { push, exporter, aws } = config;
  if (push !== undefined)
    return { what: 'the Pushgateway', host: new URL(push.url).host, bringsLabels: true };
  if (aws !== undefined || (exporter === undefined && sendersOf(config).length > 0)) return undefined;
  const { host, port } = exporter?.listen ?? DEFAULT_LISTEN;
  const shown = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  return { what: 'vsweep run', host: shown, bringsLabels: false };
}

/** The sections of sinks whose series no scrape of vsweep brings. */
const sendersOf = (config: Surroundings['loaded']['config']): string[] =>
  (['remoteWrite', 'victoriaMetrics', 'otlp', 'textfile'] as const).filter(
    (section) => config[section] !== undefined,
  );

async function ask<T>(
  base: string,
  path: string,
  schema: z.ZodType<T>,
  { signal, send }: Options & { send: typeof exchange },
): Promise<T> {
  const url = new URL(base.replace(/\/+$/, '') + path);
  const agent = url.protocol === 'https:' ? createTlsAgent() : new Agent();
  try {
    const headers = { accept: 'application/json', 'user-agent': 'vsweep' };
    const response = await send(
      { method: 'GET', url, headers, agent, maxBodyBytes: MAX_BODY_BYTES },
      { signal },
    );
    const where = `GET ${url.origin}${url.pathname}`;
    if (response.status !== 200)
      throw new Error(
        `${where}: answered ${response.status}: ${quote(response.text, 200)}. Give the url of Prometheus itself`,
      );
    const parsed = schema.safeParse(parseJson(response.text));
    if (parsed.success) return parsed.data;
    throw new Error(`${where}: the answer is not Prometheus'. Give the url of Prometheus itself`);
  } finally {
    agent.destroy();
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
