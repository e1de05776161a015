import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { answersOk } from './answers-ok.ts';
import { freePort } from './free-port.ts';
import { startPeerProcess } from './peer-process.ts';
import { createTemporaryFolder } from './temporary-folder.ts';

export interface PrometheusOptions {
  /** prometheus.yml; may name `rules.yml` in rule_files. */
  readonly config: string;
  /** rules.yml. */
  readonly rules?: string;
  /** Further arguments. */
  readonly args?: readonly string[];
}

export interface Prometheus extends AsyncDisposable {
  /** http://127.0.0.1:<port> */
  readonly url: string;
  readonly pid: number;
}

/** One series of an instant query's result. */
export interface PromSample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A real Prometheus with its data in a temporary folder. */
export async function startPrometheus(options: PrometheusOptions): Promise<Prometheus> {
  await using resources = new AsyncDisposableStack();
  const folder = resources.use(await createTemporaryFolder('prometheus'));
  const configFile = join(folder.path, 'prometheus.yml');
  await writeFile(configFile, options.config);
  await writeFile(join(folder.path, 'rules.yml'), options.rules ?? 'groups: []\n');
  const address = `127.0.0.1:${await freePort()}`;
  const url = `http://${address}`;
  const child = resources.use(
    startPeerProcess('prometheus', [
      'prometheus',
      `--config.file=${configFile}`,
      `--storage.tsdb.path=${join(folder.path, 'data')}`,
      `--web.listen-address=${address}`,
      ...(options.args ?? []),
    ]),
  );
  await child.until('ready', () => answersOk(`${url}/-/ready`), { timeoutMs: 60_000 });
  const release = resources.move();
  return { url, pid: child.pid, [Symbol.asyncDispose]: () => release.disposeAsync() };
}

interface QueryReply {
  readonly status: string;
  readonly error?: string;
  readonly data?: {
    readonly resultType: string;
    readonly result: readonly { metric: Record<string, string>; value: [number, string] }[];
  };
}

/** The series that an instant query gives now; `url` is a Prometheus' base URL. */
export async function promQuery(url: string, expr: string): Promise<PromSample[]> {
  const response = await fetch(`${url}/api/v1/query`, {
    method: 'POST',
    body: new URLSearchParams({ query: expr }),
    signal: AbortSignal.timeout(10_000),
  });
  const reply = (await response.json()) as QueryReply;
  if (reply.data?.resultType !== 'vector') throw new Error(`${expr}: ${reply.error ?? 'no instant vector'}`);
  return reply.data.result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
}

/** A prometheus.yml that scrapes a Pushgateway as its manual says, and evaluates rules.yml, every second. */
export const pushgatewayConfig = (address: string): string => `
global: { scrape_interval: 1s, scrape_timeout: 900ms, evaluation_interval: 1s }
rule_files: [rules.yml]
scrape_configs:
  - { job_name: pushgateway, honor_labels: true, static_configs: [{ targets: ['${address}'] }] }
`;
