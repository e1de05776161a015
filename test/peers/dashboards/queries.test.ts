import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { chromium } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createProcessMetrics } from '../../../lib/cli/process-metrics.ts';
import { DEMO_TARGET } from '../../../lib/demo/start-demo-fleet.ts';
import { DASHBOARDS } from '../../../lib/monitoring/dashboards/all.ts';
import { judge } from '../../../lib/queries/judge.ts';
import type { World } from '../../../lib/queries/judgement.ts';
import { type KnownSeries, knownSeries } from '../../../lib/queries/known-series.ts';
import type { ValueRange } from '../../../lib/queries/value-range.ts';
import { type ParsedSeries, parseExposition } from '../../support/exposition.ts';
import { askPanels, type DashboardFile, fillIn } from '../../support/monitoring/ask-panels.ts';
import { drawDashboard } from '../../support/monitoring/draw-dashboard.ts';
import { ACCEPTED, REFUSED } from '../../support/monitoring/refused-queries.ts';
import { scrapeDemo } from '../../support/monitoring/scrape-demo.ts';
import { chromiumProgram, describeWithPeers } from '../../support/peers/peer-requirements.ts';
import { pollUntil } from '../../support/peers/poll-until.ts';
import { type Prometheus, promQuery, startPrometheus } from '../../support/peers/prometheus.ts';

const PANELS = DASHBOARDS.flatMap(({ title, panels }) =>
  panels.flatMap((panel) => panel.queries.map((query) => ({ of: `${title}: ${panel.title}`, ...query }))),
);
const VARIABLES = DASHBOARDS.flatMap(({ title, variables }) =>
  variables.map(({ name, series, of }) => ({ of: `${title}: ${name}`, series, label: of })),
);

/** A dry run delivers nothing. */
const ofSinks = (now: number) => `vsweep_sink_up{sweep="all",vcenter="${DEMO_TARGET}",sink="push"} 1
vsweep_sink_last_delivery_timestamp_seconds{sweep="all",vcenter="${DEMO_TARGET}",sink="push"} ${now / 1_000}
`;

describeWithPeers(
  ['prometheus'],
  'the queries of dashboards, in a Prometheus that scraped the demo fleet',
  () => {
    let prometheus: Prometheus;
    let ofDemo: readonly ParsedSeries[];
    const resources = new AsyncDisposableStack();
    beforeAll(async () => {
      const ofProcess = await createProcessMetrics().text();
      const ofRun = `${await scrapeDemo()}${ofSinks(Date.now())}`;
      ofDemo = parseExposition(ofRun);
      const server = createServer((_request, response) => {
        response.writeHead(200, { 'Content-Type': 'text/plain; version=0.0.4' }).end(ofRun + ofProcess);
      }).listen(0, '127.0.0.1');
      resources.defer(() => {
        server.closeAllConnections();
        server.close();
      });
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      prometheus = resources.use(
        await startPrometheus({
          config: `
global: { scrape_interval: 5s, scrape_timeout: 5s, evaluation_interval: 1m }
scrape_configs:
  - job_name: vsphere
    static_configs: [{ targets: ['127.0.0.1:${port}'], labels: { instance: ${DEMO_TARGET} } }]
`,
        }),
      );
      await untilScraped(2);
    }, 240_000);
    afterAll(() => resources.disposeAsync());

    const untilScraped = (times: number) =>
      pollUntil(
        `each series has ${times} samples`,
        async () => {
          const [one] = await promQuery(prometheus.url, 'min(count_over_time(vsweep_target_up[10m]))');
          return one !== undefined && one.value >= times ? true : undefined;
        },
        { timeoutMs: 180_000, everyMs: 200 },
      );

    it.each(PANELS)('has an answer: $of: $expr', async ({ expr, legend = '' }) => {
      const samples = await promQuery(prometheus.url, fillIn(expr));
      expect(samples).not.toEqual([]);
      for (const { value } of samples) expect(value).not.toBeNaN();
      for (const [, label = ''] of legend.matchAll(/\{\{(\w+)\}\}/g))
        expect(
          samples.some(({ labels }) => labels[label] !== undefined || label === 'site' || label === 'reason'),
          label,
        ).toBe(true);
    });

    it.each(VARIABLES)('lists values: $of', async ({ series, label }) => {
      const url = `${prometheus.url}/api/v1/label/${label}/values?match[]=${encodeURIComponent(fillIn(series))}`;
      const response = await fetch(url, { signal: AbortSignal.timeout(30_000) });
      const { status, data } = (await response.json()) as { status: string; data: string[] };
      expect(status).toBe('success');
      expect(data).not.toEqual([]);
    });

    describeWithPeers(['chromium'], 'drawn as they stand', () => {
      it.each(['fleet', 'vsweep'])(
        '%s has data in each panel, and shows it: PICTURES=1 makes the picture of the docs anew',
        async (name) => {
          const dashboard = JSON.parse(
            await readFile(new URL(`../../../dashboards/${name}.json`, import.meta.url), 'utf8'),
          ) as DashboardFile;
          await untilScraped(4);
          const answers = await askPanels(prometheus.url, dashboard, { seconds: 60, step: 5 });
          const empty = dashboard.panels.filter(({ id }) => (answers.get(id) ?? []).length === 0);
          expect(empty.map(({ title }) => title)).toEqual([]);
          const picture = await photograph(await drawDashboard(dashboard, answers));
          const file = new URL(`../../../docs/pictures/dashboard-${name}.png`, import.meta.url);
          if (process.env['PICTURES'] === '1') await writeFile(file, picture);
          // Fonts differ from machine to machine, so that only the size can be the same.
          expect(sizeOf(picture)).toEqual(sizeOf(await readFile(file)));
        },
      );
    });

    it('ask for series with the labels and values that are known of them', () => {
      const known = knownSeries([]);
      const odd = ofDemo.filter(({ name, labels, value }) => {
        const { closed = {}, values = { min: 0, max: -1 } } = known.get(name) ?? {};
        const { list, min, max }: ValueRange = values;
        const isWord = Object.entries(closed).every(([label, words]) => words.includes(labels[label] ?? ''));
        return !isWord || value < min || value > max || (list !== undefined && !list.includes(value));
      });
      expect(odd).toEqual([]);
    });

    it.each(REFUSED)('are refused where coverage says that Prometheus refuses them: %s', async (expr) => {
      await expect(promQuery(prometheus.url, expr)).rejects.toThrow(/parse error|invalid/);
    });

    it.each(ACCEPTED)('are accepted where coverage says nothing: %s', async (expr) => {
      await expect(promQuery(prometheus.url, expr)).resolves.toBeInstanceOf(Array);
    });

    it('is empty wherever an expression is judged to have no answer', async () => {
      const world: World = {
        known: knownSeries([]),
        recorded: new Set(),
        added: new Set(['job', 'instance']),
      };
      const emitted = new Set(ofDemo.map(({ name }) => name));
      const series = [...world.known.values()].filter(({ name }) => emitted.has(name));
      let judgedEmpty = 0;
      await fc.assert(
        fc.asyncProperty(expressionOver(series), async (expr) => {
          const kinds = judge(expr, world).findings.map(({ kind }) => kind);
          if (!kinds.some((kind) => kind === 'never-true' || kind === 'selects-nothing')) return;
          judgedEmpty += 1;
          expect(await promQuery(prometheus.url, expr), expr).toEqual([]);
        }),
        // Always the same ones of a catalogue: what is rare is found here, and not in a run of CI.
        { numRuns: Number(process.env['JUDGED_RUNS'] ?? 400), seed: 20_261_129 },
      );
      expect(judgedEmpty).toBeGreaterThan(40);
    }, 240_000);
  },
);

/** The whole page, once everything in it is drawn. */
async function photograph(html: string): Promise<Buffer> {
  // A sandbox of its own needs rights that a container does not give.
  const browser = await chromium.launch({ executablePath: chromiumProgram(), args: ['--no-sandbox'] });
  try {
    const tab = await browser.newPage({
      viewport: { width: 1200, height: 800 },
      locale: 'en-GB',
      timezoneId: 'UTC',
    });
    const faults: string[] = [];
    tab.on('pageerror', (error) => faults.push(error.message));
    await tab.setContent(html);
    await tab.locator('body[data-drawn]').waitFor();
    expect(faults).toEqual([]);
    expect(await tab.evaluate(BLANK_PANELS)).toEqual([]);
    return await tab.screenshot({ fullPage: true });
  } finally {
    await browser.close();
  }
}

/**
 * Runs in the page: the titles of panels that show nothing. A stat needs a value, a table a row without an empty cell at
 * its end, and lines need pixels in a colour that is no grey, as axes and text are.
 */
const BLANK_PANELS = `[...document.querySelectorAll('section')].filter((panel) => {
  const canvas = panel.querySelector('canvas');
  if (canvas === null) {
    const shown = panel.querySelector('p, tbody td:last-child')?.textContent ?? '';
    return !/^(-?[0-9]|Yes|No$)/.test(shown);
  }
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  let coloured = 0;
  for (let at = 0; at < data.length; at += 4)
    if (data[at + 3] === 255 && Math.max(data[at], data[at + 1], data[at + 2]) - Math.min(data[at], data[at + 1], data[at + 2]) > 60) coloured += 1;
  return coloured < 20;
}).map((panel) => panel.querySelector('h2').textContent)`;

/** Of a PNG: its first chunk begins with width and height (https://www.w3.org/TR/png-3/#11IHDR). */
const sizeOf = (png: Buffer) => ({ width: png.readUInt32BE(16), height: png.readUInt32BE(20) });

/** Expressions of the forms that alerts have, with values and words that the series may have or not. */
function expressionOver(series: readonly KnownSeries[]): fc.Arbitrary<string> {
  const selector = fc.constantFrom(...series).chain((one) => {
    const closed = Object.entries(one.closed);
    const matcher = fc
      .tuple(
        fc.constantFrom(...(closed.length > 0 ? closed : [['nothing', ['x']] as const])),
        fc.constantFrom('=', '!=', '=~', '!~'),
        fc.nat(9),
      )
      .map(([[label, words], operator, at]) => `{${label}${operator}"${words[at] ?? 'bogus|other'}"}`);
    return fc.tuple(fc.constant(one.name), fc.option(matcher, { nil: '' })).map((parts) => parts.join(''));
  });
  const wrapped = fc
    .tuple(selector, fc.nat(9))
    .map(
      ([of, form]) =>
        [
          of,
          `max(${of})`,
          `count(${of})`,
          `1 - ${of}`,
          `avg_over_time(${of}[1m])`,
          `min by (instance) (${of})`,
          `(${of} / 2)`,
          `sum(${of})`,
          `-${of}`,
          `group(${of})`,
        ][form] ?? of,
    );
  const value = fc.constantFrom(-1, 0, 0.5, 1, 2, 3, 5);
  const operator = fc.constantFrom('==', '!=', '>', '<', '>=', '<=');
  const compared = fc.tuple(wrapped, operator, value).map((parts) => parts.join(' '));
  return fc.oneof(
    compared,
    fc.tuple(compared, compared).map(([one, other]) => `(${one}) and on (instance) (${other})`),
  );
}
