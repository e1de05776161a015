// The tables of collectors in docs/metrics.md, made from lib/catalogue: `npm run docs:metrics` after a change of a row.
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describeRow, type MetricDescription } from '../lib/catalogue/describe.ts';
import { OTEL } from '../lib/catalogue/otel/otel.ts';
import type { Collector } from '../lib/collectors/collector.ts';
import { COLLECTORS } from '../lib/collectors/registry.ts';

const PAGE = resolve(import.meta.dirname, '../docs/metrics.md');
const BEGIN = '<!-- made by npm run docs:metrics: change lib/catalogue instead -->';
const END = '<!-- end of what is made -->';

/** The page with its tables as the catalogue has them now; what stands outside of the marks is written by hand. */
export function renewTables(page: string): string {
  const [head = '', made = ''] = page.split(BEGIN);
  const [, tail = ''] = made.split(END);
  const tables = [...COLLECTORS, { name: 'The preset otel', rows: OTEL }].map(printTable);
  return `${head}${BEGIN}\n\n${[printIndex(COLLECTORS), ...tables].join('\n\n')}\n\n${END}${tail}`;
}

/** A line for each kind of object, with the collectors that have a metric of it. */
function printIndex(collectors: readonly Collector[]): string {
  const kinds = [...new Set(collectors.flatMap(({ rows }) => rows.map(({ kind }) => kind)))];
  return [
    '| metrics of a | collectors |',
    '|---|---|',
    ...kinds.map((kind) => {
      const ofKind = collectors.filter(({ rows }) => rows.some((row) => row.kind === kind));
      return `| ${kind} | ${ofKind.map(({ name }) => `[${name}](#${name})`).join(', ')} |`;
    }),
  ].join('\n');
}

const printTable = ({ name, rows }: Pick<Collector, 'name' | 'rows'>): string =>
  [
    `### ${name}`,
    '',
    '| metric | labels | value | no sample |',
    '|---|---|---|---|',
    ...rows.map((row) => printRow(describeRow(row))),
  ].join('\n');

const printRow = ({ name, labels, help, isQueried, needs, reader, noSample }: MetricDescription): string => {
  const paths = needs.map(code).join(', ');
  const source =
    { properties: ` (${paths})`, aggregate: ` (${paths} of each)`, view: ` (${paths})` }[reader] ?? '';
  const cells = [
    code(name),
    labels.map(code).join(', '),
    `${isQueried ? '★ ' : ''}${help}${source}`,
    noSample,
  ];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
};

const code = (text: string): string => `\`${text}\``;

if (import.meta.main) writeFileSync(PAGE, renewTables(readFileSync(PAGE, 'utf8')));
