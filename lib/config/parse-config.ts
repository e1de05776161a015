import { parseDocument } from 'yaml';
import { checkConfig } from './check-config.ts';
import type { KnownCollectors } from './cross-checks.ts';
import { ConfigError } from './errors.ts';
import type { Config } from './schema.ts';

const MAX_CHARACTERS = 4_000_000;

/**
 * Checks the text of a `vsweep.yaml`. `file` names it in messages. Throws ConfigError with all faults at once.
 * @internal for tests: a command reads more than the text (`loadConfig`).
 */
export function parseConfig(text: string, options: { file: string; collectors: KnownCollectors }): Config {
  return checkConfig(parseYaml(text, options.file), options);
}

/** The sections of a configuration before they are checked. */
export function parseYaml(text: string, file: string): Record<string, unknown> {
  if (text.length > MAX_CHARACTERS) {
    throw new ConfigError(file, [{ path: '', message: `larger than ${MAX_CHARACTERS} characters` }]);
  }
  const document = parseDocument(text, { prettyErrors: true });
  if (document.errors.length > 0) {
    throw new ConfigError(
      file,
      document.errors.map(({ message }) => ({ path: '', message: `not YAML: ${message.trimEnd()}` })),
    );
  }
  const value: unknown = document.toJS({ maxAliasCount: 100 });
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw new ConfigError(file, [
    { path: '', message: 'not a configuration; it needs at least the sections targets and sweeps' },
  ]);
}
