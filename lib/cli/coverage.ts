import { open } from 'node:fs/promises';
import { DEFAULT_PRESETS, type Presets } from '../collectors/pushed-rows.ts';
import { ConfigError } from '../config/errors.ts';
import { messageOf } from '../platform/errors.ts';
import { toPrintable } from '../platform/printable.ts';
import {
  coverageOf,
  type FileCoverage,
  type JudgedExpression,
  type WrittenFile,
} from '../queries/coverage.ts';
import { seriesKnownTo } from './known-to-config.ts';
import { printCount } from './print-count.ts';
import { print } from './terminal.ts';

/** No rule file or dashboard that somebody wrote is larger. */
const MAX_BYTES = 10_000_000;

/** `vsweep coverage`: 0 if every expression can have an answer, 1 if one cannot; ConfigError for a file that cannot be read. */
export async function coverageCommand(
  paths: readonly string[],
  options: {
    config?: string;
    preset?: Presets['preset'];
    labels: readonly string[];
    json: boolean;
    verbose: boolean;
  },
): Promise<number> {
  const { preset } = options;
  const presets = preset === undefined ? undefined : { ...DEFAULT_PRESETS, preset };
  const known = await seriesKnownTo(options.config, presets);
  const files = await Promise.all(paths.map(readWhole));
  const covered = coverageOf(files, known, options.labels);
  if (options.json) print(JSON.stringify(covered, undefined, 2));
  else print(covered.flatMap((one) => describeFile(one, options)).join('\n'));
  return covered.every(isCovered) ? 0 : 1;
}

const isCovered = ({ problems, expressions }: FileCoverage): boolean =>
  problems.length === 0 && expressions.every(({ findings }) => findings.length === 0);

async function readWhole(file: string): Promise<WrittenFile> {
  try {
    await using handle = await open(file, 'r');
    const chunks: Buffer[] = [];
    let bytes = 0;
    // A file without an end, such as a device, ends at the bound.
    for await (const chunk of handle.createReadStream({ autoClose: false })) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > MAX_BYTES) throw new Error(`it has more than ${MAX_BYTES / 1_000_000} MB`);
    }
    return { file, text: Buffer.concat(chunks).toString('utf8') };
  } catch (error) {
    throw new ConfigError(file, [
      {
        path: '',
        message: `cannot be read: ${messageOf(error)}; name rule files of Prometheus or dashboards of Grafana`,
      },
    ]);
  }
}

/** One line for the file, and below it what cannot have an answer; with `verbose` every expression. */
export function describeFile(
  { file, expressions, otherDatabases, problems }: FileCoverage,
  { verbose }: { verbose: boolean },
): string[] {
  const faulty = expressions.filter(({ findings }) => findings.length > 0);
  const elsewhere = expressions.filter(({ series }) => series.some(({ from }) => from === 'other exporter'));
  const counts = [
    printCount(expressions.length, 'expression'),
    `${expressions.length - faulty.length} can have an answer`,
    ...(faulty.length > 0 ? [`${faulty.length} cannot, or not as they are written`] : []),
    ...(elsewhere.length > 0 ? [`${elsewhere.length} ask for series that are not of vSphere`] : []),
    ...(otherDatabases > 0 ? [`${otherDatabases} more for another database`] : []),
  ];
  return [
    `${toPrintable(file)}: ${counts.join(', ')}`,
    ...problems.map((one) => `  ${toPrintable(one)}`),
    ...(verbose ? expressions : faulty).flatMap(describeExpression),
  ];
}

const describeExpression = ({ of, text, series, findings }: JudgedExpression): string[] => [
  `  ${toPrintable(of)}: ${shorten(toPrintable(text))}`,
  ...findings.map(({ kind, message }) => `    ${kind}: ${toPrintable(message)}`),
  ...(findings.length > 0 ? [] : series.map(({ name, from }) => `    ${toPrintable(name)}: ${from}`)),
];

const shorten = (text: string): string => {
  const [line] = [text.replaceAll(/\s+/g, ' ').trim()];
  return line.length > 200 ? `${line.slice(0, 199)}…` : line;
};
