import { baseLabelsOf } from '../../lib/catalogue/presets.ts';
import { definitionOf } from '../../lib/catalogue/row.ts';
import type { Family } from '../../lib/metrics/family.ts';
import { listOf } from '../../lib/metrics/list.ts';
import { systemClock } from '../../lib/platform/clock.ts';
import { silentLog } from '../../lib/platform/log.ts';
import { createPushgateway } from '../../lib/sinks/pushgateway/client.ts';
import { createPushgatewaySink } from '../../lib/sinks/pushgateway/pushgateway-sink.ts';
import { createGroupStore } from '../../lib/state/stores/groups.ts';
import { missingFor } from '../../test/support/peers/peer-requirements.ts';
import { pollUntil } from '../../test/support/peers/poll-until.ts';
import { promQuery, startPrometheus } from '../../test/support/peers/prometheus.ts';
import { startPushgateway } from '../../test/support/peers/pushgateway.ts';
import { createMemoryTable } from '../../test/support/world/memory-table.ts';
import { machines, rowsOf } from '../made-machines.ts';
import type { Row } from '../row.ts';
import { usageOf } from '../sandbox-usage.ts';

const MACHINES = 4_000;
const NUMBERS = 63;
/** Of one part: as it is pushed (ADR 0040), whole, and in twice as many parts. */
const SIZES = [100_000, 300_000, 50_000] as const;
const PUSHES = 3;
const SCRAPES = 3;
/** A gateway on a busy machine takes longer than vsweep waits for it. */
const ATTEMPT_MS = 120_000;

interface Pushed {
  readonly parts: number;
  /** Of all parts of a push, and of the part that took longest. */
  readonly seconds: number[];
  readonly longest: number[];
  readonly gets: number[];
  readonly getMb: number;
  readonly prometheusSeconds: number[];
  readonly gatewayMb: number;
  readonly gatewayScrapedMb: number;
  readonly prometheusMb: number;
}

/** 252,000 series of 4,000 machines at the real Pushgateway: pushed in parts of several sizes, read, and scraped. */
export async function measurePush(): Promise<Row[]> {
  const missing = [...missingFor('pushgateway'), ...missingFor('prometheus')];
  if (missing.length > 0) return [{ what: 'push', unit: 's', ours: [], missing: missing.join('; ') }];
  const rows: Row[] = [];
  for (const maxSeries of SIZES) {
    const { parts, ...pushed } = await pushAndScrape(maxSeries);
    const what = `252,000 series in ${parts} ${parts === 1 ? 'group' : 'groups'}`;
    rows.push(
      { what: `${what}: pushed`, unit: 's', ours: pushed.seconds },
      { what: `${what}: the longest request`, unit: 's', ours: pushed.longest },
      { what: `${what}: memory of the gateway`, unit: 'MB', ours: [pushed.gatewayMb] },
      { what: `${what}: read by GET`, unit: 's', ours: pushed.gets },
      { what: `${what}: memory of the gateway, read`, unit: 'MB', ours: [pushed.gatewayScrapedMb] },
      { what: `${what}: the text that is read`, unit: 'MB', ours: [pushed.getMb] },
      { what: `${what}: scraped by Prometheus`, unit: 's', ours: pushed.prometheusSeconds },
      { what: `${what}: memory of Prometheus`, unit: 'MB', ours: [pushed.prometheusMb] },
    );
  }
  return rows;
}

async function pushAndScrape(maxSeries: number): Promise<Pushed> {
  await using peer = await startPushgateway();
  const options = { url: peer.url, gzip: true, clock: systemClock, log: silentLog, random: Math.random };
  const client = createPushgateway({ ...options, attemptMs: ATTEMPT_MS });
  const requests: number[] = [];
  const gateway: typeof client = {
    ...client,
    async put(...of) {
      requests.push(await secondsOf(() => client.put(...of)));
    },
  };
  const groups = createGroupStore({ table: createMemoryTable() });
  const sink = createPushgatewaySink({ gateway, groups, log: silentLog, maxSeries });
  const series = { group: GROUP, families: familiesOf(), validUntil: 0 };
  const { signal } = new AbortController();
  const push = () => sink.deliver(series, { signal, holdsLease: async () => true });
  const seconds: number[] = [];
  const longest: number[] = [];
  for (let round = 0; round < PUSHES; round += 1) {
    requests.length = 0;
    seconds.push(await secondsOf(push));
    longest.push(Math.max(...requests));
  }
  const gatewayMb = usageOf(peer.pid).peakMb;
  const gets: number[] = [];
  let bytes = 0;
  for (let round = 0; round < SCRAPES; round += 1)
    gets.push(
      await secondsOf(async () => {
        bytes = (await (await fetch(`${peer.url}/metrics`)).arrayBuffer()).byteLength;
      }),
    );
  const gatewayScrapedMb = usageOf(peer.pid).peakMb;
  const scraped = await scrape(peer.address);
  const of = { seconds, longest, gatewayMb, gets, gatewayScrapedMb, getMb: bytes / 1_000_000 };
  return { parts: requests.length, ...of, ...scraped };
}

/** As docs/operations.md has Prometheus scrape a gateway, with time enough. */
async function scrape(address: string): Promise<Pick<Pushed, 'prometheusSeconds' | 'prometheusMb'>> {
  await using prometheus = await startPrometheus({
    config: `
global: { scrape_interval: 20s, scrape_timeout: 20s }
scrape_configs:
  - { job_name: pushgateway, honor_labels: true, static_configs: [{ targets: ['${address}'] }] }
`,
  });
  const [duration] = await pollUntil(
    'a scrape of the gateway',
    async () => {
      const found = await promQuery(prometheus.url, 'scrape_duration_seconds and on() (up == 1)');
      return found.length > 0 ? found : undefined;
    },
    { timeoutMs: 120_000 },
  );
  return { prometheusSeconds: [duration?.value ?? Number.NaN], prometheusMb: usageOf(prometheus.pid).peakMb };
}

const GROUP = { job: 'vsweep_inventory', instance: 'vc-bench.example.org' };

function familiesOf(): Family[] {
  const items = machines(MACHINES).map((item) => ({ ...item, target: GROUP.instance, site: 'qa-de-1a' }));
  return rowsOf(NUMBERS).map((row, number) => {
    const definition = definitionOf(row);
    const labels = items.map((item) => baseLabelsOf(row).map(([, print]) => print(item)));
    return {
      definition,
      samples: listOf(items.length, (index) => ({
        metric: row.name,
        labels: labels[index] ?? [],
        value: ((index * 104_729 + number * 1_299_709) * 48_271) % 1_000_003,
      })),
    };
  });
}

async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return (performance.now() - startedAt) / 1_000;
}
