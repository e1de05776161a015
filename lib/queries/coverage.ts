import { type Document, parseAllDocuments, visit } from 'yaml';
import { type Expression, findExpressions } from './expressions.ts';
import { judge } from './judge.ts';
import type { Judgement, World } from './judgement.ts';
import type { KnownSeries } from './known-series.ts';

/** An expression of a file with what became of it. */
export type JudgedExpression = Expression & Judgement;

export interface FileCoverage {
  readonly file: string;
  readonly expressions: readonly JudgedExpression[];
  /** How many expressions are for another database, such as Loki, and are not judged. */
  readonly otherDatabases: number;
  /** What of the file could not be judged. */
  readonly problems: readonly string[];
}

/** A rule file or dashboard as it was read. */
export interface WrittenFile {
  readonly file: string;
  readonly text: string;
}

/** Of a file in YAML, whose parser takes about a second for so much; a dashboard is JSON. */
const MAX_YAML_CHARACTERS = 1_000_000;

/** The parser looks for the anchor of each alias from the start of the document. */
const MAX_ALIASES = 100;

/** Labels that Prometheus or the Pushgateway adds to every series: docs/metrics.md. */
const ADDED = ['job', 'instance', 'vsweep_part', '__name__'];

/**
 * Judges every expression of rule files and dashboards against the series that vsweep can emit. Recording rules of all
 * files count as series. A file that cannot be read whole has a problem instead of an error.
 */
export function coverageOf(
  files: readonly WrittenFile[],
  known: ReadonlyMap<string, KnownSeries>,
  addedLabels: readonly string[],
): FileCoverage[] {
  const found = files.map(({ file, text }) => ({ file, ...expressionsIn(text) }));
  const recorded = found.flatMap(({ expressions }) => expressions.flatMap(({ name }) => name ?? []));
  const world: World = { known, recorded: new Set(recorded), added: new Set([...ADDED, ...addedLabels]) };
  return found.map(({ file, expressions, otherDatabases, problems }) => ({
    file,
    otherDatabases,
    problems:
      expressions.length + otherDatabases + problems.length === 0
        ? ['no rule file and no dashboard: it has no `expr`']
        : problems,
    expressions: expressions.map((one) => ({
      ...one,
      ...judge(one.text, world, {
        isAlert: one.kind === 'alert',
        ...(one.label === undefined ? {} : { label: one.label }),
      }),
    })),
  }));
}

function expressionsIn(text: string): ReturnType<typeof findExpressions> {
  if (!isJson(text) && text.length > MAX_YAML_CHARACTERS)
    return problemOf(
      `more than ${MAX_YAML_CHARACTERS / 1_000_000} MB of YAML; split the file, or write it as JSON`,
    );
  try {
    return findExpressions(parse(text));
  } catch {
    // Messages of the parsers quote the file.
    return problemOf('neither JSON nor YAML');
  }
}

const problemOf = (problem: string) => ({ expressions: [], otherDatabases: 0, problems: [problem] });
const isJson = (text: string): boolean => /^\s*[{[]/.test(text);

const parse = (text: string): unknown =>
  isJson(text)
    ? JSON.parse(text)
    : // The parser compares each key of a map with all others: 20,000 of them take half a minute.
      parseAllDocuments(text, { logLevel: 'silent', uniqueKeys: false }).map((one) => {
        const [error] = one.errors;
        if (error !== undefined || countAliases(one) > MAX_ALIASES)
          throw error ?? new Error('too many aliases');
        return one.toJS({ maxAliasCount: MAX_ALIASES });
      });

function countAliases(document: Document): number {
  let aliases = 0;
  visit(document, {
    Alias: () => {
      aliases += 1;
    },
  });
  return aliases;
}
