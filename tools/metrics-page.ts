// The tables of metrics in docs/metrics.md and docs/metrics, made from lib/catalogue: `npm run docs:metrics` after a change
// of a row.
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describeRow, type MetricDescription } from '../lib/catalogue/describe.ts';
import { OTEL } from '../lib/catalogue/otel/otel.ts';
import type { Collector } from '../lib/collectors/collector.ts';
import { runsBy } from '../lib/collectors/needs.ts';
import { COLLECTORS } from '../lib/collectors/registry.ts';

const REPOSITORY = resolve(import.meta.dirname, '..');
const BEGIN = '<!-- made by npm run docs:metrics: change lib/catalogue instead -->';
const END = '<!-- end of what is made -->';

/** The page that names the others; it has no tables of collectors itself. */
const INDEX = 'docs/metrics.md';
const OTEL_PAGE = 'metrics/otel.md';

const kindsOf = ({ rows }: Collector) => new Set(rows.map(({ kind }) => kind));

/** The pages from `docs/`, and which collectors they have: the first page that takes one has it. */
const PAGES: readonly { readonly page: string; takes(collector: Collector): boolean }[] = [
  { page: 'metrics/hosts-by-ssh.md', takes: (one) => runsBy([one], 'ask') },
  { page: 'metrics/vcenter.md', takes: (one) => kindsOf(one).has('vcenter') || kindsOf(one).size > 2 },
  { page: 'metrics/hosts.md', takes: (one) => kindsOf(one).has('host') },
  { page: 'metrics/virtual-machines.md', takes: (one) => kindsOf(one).has('vm') },
  { page: 'metrics/datastores-clusters-networks.md', takes: () => true },
];

/** The page of a collector, from `docs/`. */
export const pageOf = (collector: Collector): string =>
  PAGES.find(({ takes }) => takes(collector))?.page ?? INDEX;

/** Every page with something that is made, from the repository, and how it is made. */
export const MADE_PAGES: readonly { readonly page: string; print(): string }[] = [
  { page: INDEX, print: () => printIndex(COLLECTORS) },
  ...PAGES.map(({ page }) => ({
    page: `docs/${page}`,
    print: () => printTables(COLLECTORS.filter((one) => pageOf(one) === page)),
  })),
  { page: `docs/${OTEL_PAGE}`, print: () => printRows(OTEL) },
];

/** A page with its tables as the catalogue has them now; what stands outside of the marks is written by hand. */
export function renewMade(text: string, made: string): string {
  const [head = '', before = ''] = text.split(BEGIN);
  const [, tail = ''] = before.split(END);
  return `${head}${BEGIN}\n\n${made}\n\n${END}${tail}`;
}

/** A line for each kind of object, with the collectors that have a metric of it. */
function printIndex(collectors: readonly Collector[]): string {
  const kinds = [...new Set(collectors.flatMap(({ rows }) => rows.map(({ kind }) => kind)))];
  return [
    '| metrics of a | collectors |',
    '|---|---|',
    ...kinds.map((kind) => {
      const ofKind = collectors.filter(({ rows }) => rows.some((row) => row.kind === kind));
      return `| ${kind} | ${ofKind.map((one) => `[${one.name}](${pageOf(one)}#${one.name})`).join(', ')} |`;
    }),
  ].join('\n');
}

const printTables = (collectors: readonly Collector[]): string =>
  collectors.map(({ name, rows }) => `## ${name}\n\n${printRows(rows)}`).join('\n\n');

const printRows = (rows: Collector['rows']): string =>
  [
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

if (import.meta.main)
  for (const { page, print } of MADE_PAGES) {
    const file = join(REPOSITORY, page);
    writeFileSync(file, renewMade(readFileSync(file, 'utf8'), print()));
  }
