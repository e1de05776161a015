import { isScalar, LineCounter, parseDocument, visit, type Document as YamlDocument } from 'yaml';
import { checkConfig } from './check-config.ts';
import type { KnownCollectors } from './cross-checks.ts';
import { ConfigError, type ConfigIssue } from './errors.ts';
import { codingFault, hintOf } from './odd-characters.ts';
import { type PlaceOf, placesIn } from './places.ts';
import type { Config } from './schema.ts';
import { asTab, BAD_REFERENCE, describeYamlError, faultsToTell, type YamlFault } from './yaml-faults.ts';

const MAX_CHARACTERS = 4_000_000;

/**
 * Checks the text of a `vsweep.yaml`. `file` names it in messages. Throws ConfigError with all faults at once.
 * @internal for tests: a command reads more than the text (`loadConfig`).
 */
export function parseConfig(text: string, options: { file: string; collectors: KnownCollectors }): Config {
  return checkConfig(parseYaml(text, options.file), options);
}

/**
 * The sections of a configuration before they are checked. Version 1.1 is what PyYAML reads, where `yes` and `no` are
 * booleans. Throws ConfigError with the places of all faults and no text of the file: it may hold passwords.
 */
export function parseYaml(
  text: string,
  file: string,
  options: { version?: '1.1' | '1.2' } = {},
): Record<string, unknown> {
  return parseYamlWithPlaces(text, file, options).raw;
}

/** As `parseYaml`, with where each part stands. */
export function parseYamlWithPlaces(
  whole: string,
  file: string,
  { version = '1.2' }: { version?: '1.1' | '1.2' } = {},
): { readonly raw: Record<string, unknown>; readonly placeOf: PlaceOf } {
  if (whole.length > MAX_CHARACTERS) {
    throw new ConfigError(file, [{ path: '', message: `larger than ${MAX_CHARACTERS} characters` }]);
  }
  const coding = codingFault(whole);
  if (coding !== undefined) throw new ConfigError(file, [coding]);
  // A byte order mark is allowed: it is neither a column nor an odd character of its line.
  const text = whole.replace(/^\ufeff/, '');
  const lineCounter = new LineCounter();
  // Pretty errors quote the line, and a warning the key; with `silent` a second document would be no error. The library
  // compares each key with all before it, which takes 0.6 s of processor for 5,000 overrides: `repeatedKeys` does not.
  const quiet = { prettyErrors: false, logLevel: 'error', uniqueKeys: false } as const;
  const lines = text.split('\n');
  const document = parseDocument(text, { version, lineCounter, ...quiet });
  const errors = faultsToTell([...document.errors, ...repeatedKeys(document)]);
  if (errors.length > 0) {
    throw new ConfigError(
      file,
      errors.map((error) => withHint(describeYamlError(asTab(error, text), lineCounter), lines)),
    );
  }
  const value = valuesIn(document, file);
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return { raw: value as Record<string, unknown>, placeOf: hinted(placesIn(document, lineCounter), lines) };
  const what = value === null ? 'the file is empty' : 'not a configuration';
  throw new ConfigError(file, [
    { path: '', message: `${what}; it needs at least the sections targets and sweeps` },
  ]);
}

/** A fault of YAML, and what the line has that is hard to see. */
function withHint(fault: ReturnType<typeof describeYamlError>, lines: readonly string[]): ConfigIssue {
  const hint = fault.place === undefined ? undefined : hintOf(lines[fault.place.line - 1]);
  return { path: '', ...fault, message: hint === undefined ? fault.message : `${fault.message}; ${hint}` };
}

const hinted =
  (placeOf: PlaceOf, lines: readonly string[]): PlaceOf =>
  (path) => {
    const place = placeOf(path);
    const hint = place === undefined ? undefined : hintOf(lines[place.line - 1]);
    return place === undefined || hint === undefined ? place : { ...place, hint };
  };

/** Where a key stands that its map has already. */
function repeatedKeys(document: YamlDocument.Parsed): YamlFault[] {
  const faults: YamlFault[] = [];
  visit(document, {
    Map(_, { items }) {
      const seen = new Set<unknown>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        const [start = 0] = key.range ?? [];
        if (seen.has(key.value)) faults.push({ code: 'DUPLICATE_KEY', pos: [start, start] });
        seen.add(key.value);
      }
    },
  });
  return faults;
}

function valuesIn(document: YamlDocument.Parsed, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch {
    throw new ConfigError(file, [{ path: '', message: BAD_REFERENCE }]);
  }
}
