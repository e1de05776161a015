import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { DashboardFile, DrawnSeries, PanelFile } from './ask-panels.ts';

/** Of Grafana's grid: 24 columns, rows of 30 pixels with 8 between them. */
const ROW = 30;
const GAP = 8;
/** Of a table, as many as its panel has room for. */
const ROW_PX = 24;

/**
 * A page with the panels of a dashboard where Grafana has them, with what a Prometheus answered. Grafana itself draws
 * them otherwise; lines are drawn by uPlot.
 */
export async function drawDashboard(
  dashboard: DashboardFile,
  answers: ReadonlyMap<number, readonly DrawnSeries[]>,
): Promise<string> {
  const require = createRequire(import.meta.url);
  const files = [
    require.resolve('uplot/dist/uPlot.iife.min.js'),
    require.resolve('uplot/dist/uPlot.min.css'),
  ];
  const [script, style] = await Promise.all(files.map((file) => readFile(file, 'utf8')));
  const panels = dashboard.panels.map((panel) => drawPanel(panel, answers.get(panel.id) ?? []));
  return `<!doctype html><meta charset="utf-8"><title>${escaped(dashboard.title)}</title>
<style>${style}${STYLE}</style><h1>${escaped(dashboard.title)}</h1><main>${panels.join('\n')}</main>
<script>${script}</script><script>${DRAW_LINES}</script>`;
}

function drawPanel(panel: PanelFile, series: readonly DrawnSeries[]): string {
  const { title, type, gridPos } = panel;
  const { x, y, w, h } = gridPos;
  const place = `grid-column: ${x + 1} / span ${w}; grid-row: ${y + 1} / span ${h}`;
  const body = series.length === 0 ? '<p class="none">No data</p>' : BODIES[type]?.(panel, series);
  if (body === undefined) throw new Error(`there is no drawing of a panel of type ${type}`);
  return `<section class="${type}" style="${place}"><h2>${escaped(title)}</h2>${body}</section>`;
}

const BODIES: Readonly<Record<string, (panel: PanelFile, series: readonly DrawnSeries[]) => string>> = {
  stat({ fieldConfig: { defaults } }, series) {
    const value = series[0]?.points.at(-1)?.[1] ?? Number.NaN;
    const { color = 'green' } =
      defaults.thresholds.steps.findLast((step) => value >= (step.value ?? -Infinity)) ?? {};
    return `<p class="${color}">${printValue(value, defaults.unit)}</p>`;
  },
  timeseries({ fieldConfig: { defaults } }, series) {
    const times = [...new Set(series.flatMap(({ points }) => points.map(([time]) => time)))].toSorted(
      (a, b) => a - b,
    );
    const drawn = series.map(({ legend, points }) => {
      const byTime = new Map(points);
      return { legend, values: times.map((time) => byTime.get(time) ?? null) };
    });
    const { unit = 'short' } = defaults;
    return `<div data-lines="${escaped(JSON.stringify({ times, drawn, unit }))}"></div>`;
  },
  table({ gridPos, transformations = [] }, series) {
    const left = new Set(transformations.flatMap(({ options }) => Object.keys(options.excludeByName)));
    const labels = [...new Set(series.flatMap((one) => Object.keys(one.labels)))]
      .filter((label) => !left.has(label))
      .toSorted();
    const fits = Math.floor((gridPos.h * (ROW + GAP) - 50) / ROW_PX) - 1;
    const rows = series.slice(0, fits).map((one) => {
      const cells = [
        ...labels.map((label) => one.labels[label] ?? ''),
        printValue(one.points.at(-1)?.[1] ?? Number.NaN),
      ];
      return `<tr>${cells.map((cell) => `<td>${escaped(cell)}</td>`).join('')}</tr>`;
    });
    const head = [...labels, 'Value'].map((label) => `<th>${escaped(label)}</th>`).join('');
    return `<table><thead><tr>${head}</tr></thead><tbody>${rows.join('')}</tbody></table>`;
  },
};

function printValue(value: number, unit = 'short'): string {
  if (unit === 'percent') return `${value.toFixed(1)} %`;
  if (unit === 'bool_yes_no') return value === 0 ? 'No' : 'Yes';
  return String(Number(value.toPrecision(4)));
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

const STYLE = `
body { margin: 16px; background: #f4f5f5; color: #24292e; font: 13px sans-serif }
h1 { font-size: 18px; margin: 0 0 12px } h2 { font-size: 13px; margin: 0; padding: 8px 10px 4px }
main { display: grid; grid-template-columns: repeat(24, 1fr); grid-auto-rows: ${ROW}px; gap: ${GAP}px }
section { background: #fff; border: 1px solid #dfe1e5; overflow: hidden; min-width: 0 }
.stat p { margin: 0; font-size: 34px; text-align: center; line-height: 90px }
.green { color: #299c46 } .yellow { color: #c69100 } .red { color: #d0021b }
.none { text-align: center; color: #8e8e8e }
table { border-collapse: collapse; width: 100% } .table th { text-align: left; color: #1f62e0 }
.table td, .table th { height: ${ROW_PX}px; padding: 0 10px; border-top: 1px solid #eceef1; white-space: nowrap; box-sizing: border-box }
.uplot { width: 100% !important }
.u-legend { font-size: 12px; text-align: left !important; padding-left: 8px }`;

// Runs in the page.
const DRAW_LINES = `
const SCALES = [[1e9, ' G'], [1e6, ' M'], [1e3, ' k']];
const UNITS = { percent: ' %', bytes: 'B', s: 's' };
const amountOf = (value, unit) => {
  const [by, prefix] = (unit === 'bytes' && SCALES.find(([by]) => value >= by)) || [1, ' '];
  const number = String(Number((value / by).toPrecision(4)));
  return unit === 'percent' ? number + ' %' : number + (unit in UNITS ? prefix + UNITS[unit] : '');
};
const colours = ['#299c46', '#1f62e0', '#e0b400', '#d0021b', '#8f3bb8', '#0a9aa8', '#e36209', '#6a737d'];
for (const place of document.querySelectorAll('[data-lines]')) {
  const { times, drawn, unit } = JSON.parse(place.dataset.lines);
  const shown = drawn.slice(0, 8);
  const { width, height } = place.parentElement.getBoundingClientRect();
  const room = { width: width - 12, height: height - 40 };
  const line = (legend, index) => ({ label: legend, stroke: colours[index], width: 2, points: { show: false } });
  const plot = new uPlot({
    ...room,
    scales: { y: { range: (_, low, high) => [Math.min(0, low), high <= 0 ? 1 : high * 1.15] } },
    axes: [
      { space: 90, values: (_, times) => times.map((time) => new Date(time * 1000).toISOString().slice(11, 19)) },
      { size: 70, values: (_, values) => values.map((value) => amountOf(value, unit)) },
    ],
    legend: { live: false },
    series: [{}, ...shown.map(({ legend }, index) => line(legend, index))],
  }, [times, ...shown.map(({ values }) => values)], place);
  const legend = place.querySelector('.u-legend').getBoundingClientRect().height;
  plot.setSize({ width: room.width, height: room.height - legend });
}
document.body.dataset.drawn = 'yes';`;
