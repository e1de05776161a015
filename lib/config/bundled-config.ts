import * as z from 'zod';
import { inspectSections } from './check-config.ts';
import { hostKeyIssues } from './check-deployable.ts';
import type { KnownCollectors } from './cross-checks.ts';
import { ConfigError } from './errors.ts';
import { loadKnownHosts } from './known-hosts/load-known-hosts.ts';
import type { LoadedConfig } from './loaded-config.ts';

/** The file beside a function's code that holds the configuration. */
export const BUNDLED_CONFIG_FILE = 'config.json';

const bundle = z.strictObject({
  config: z.record(z.string(), z.unknown()),
  /** PEM text by the path that the configuration gives. */
  certificates: z.record(z.string(), z.string()),
  /** The text of `esxi.hostKeys.file`. */
  knownHosts: z.string().exactOptional(),
});

/** The text of `config.json`: the configuration as it was written and the files that it names. */
export function printBundledConfig(
  raw: Readonly<Record<string, unknown>>,
  {
    certificates,
    knownHosts,
  }: { certificates: ReadonlyMap<string, string>; knownHosts?: string | undefined },
): string {
  return JSON.stringify({
    config: raw,
    certificates: Object.fromEntries(certificates),
    ...(knownHosts === undefined ? {} : { knownHosts }),
  });
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
  const { config, issues } = inspectSections(parsed.data.config, collectors);
  if (config === undefined) throw new ConfigError(file, issues);
  const { knownHosts, unusable } = loadKnownHosts(parsed.data.knownHosts);
  // The rest of what a deployment checks was checked by it. A function that was given another bundle must not fall back to a default.
  const faults = [...unusable, ...hostKeyIssues(config, collectors)];
  if (faults.length > 0) throw new ConfigError(file, faults);
  return { config, certificates: new Map(Object.entries(parsed.data.certificates)), knownHosts };
}
