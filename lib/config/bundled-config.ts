import * as z from 'zod';
import { checkConfig } from './check-config.ts';
import type { KnownCollectors } from './cross-checks.ts';
import { ConfigError } from './errors.ts';
import type { LoadedConfig } from './loaded-config.ts';

/** The file beside a function's code that holds the configuration. */
export const BUNDLED_CONFIG_FILE = 'config.json';

const bundle = z.strictObject({
  config: z.record(z.string(), z.unknown()),
  /** PEM text by the path that the configuration gives. */
  certificates: z.record(z.string(), z.string()),
});

/** The text of `config.json`: the configuration as it was written and the files that it names. */
export function printBundledConfig(
  raw: Readonly<Record<string, unknown>>,
  certificates: ReadonlyMap<string, string>,
): string {
  return JSON.stringify({ config: raw, certificates: Object.fromEntries(certificates) });
}

/** Reads what `printBundledConfig` wrote and checks it again. Throws ConfigError. */
export function parseBundledConfig(text: string, collectors: KnownCollectors): LoadedConfig {
  const file = BUNDLED_CONFIG_FILE;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new ConfigError(file, [{ path: '', message: 'is not JSON; deploy again' }], error);
  }
  const parsed = bundle.safeParse(value);
  if (!parsed.success)
    throw new ConfigError(file, [{ path: '', message: 'is not of this version; deploy again' }]);
  return {
    config: checkConfig(parsed.data.config, { file, collectors }),
    certificates: new Map(Object.entries(parsed.data.certificates)),
  };
}
