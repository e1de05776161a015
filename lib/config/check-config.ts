import type * as z from 'zod';
import { checkDeployable } from './check-deployable.ts';
import { crossCheck, type KnownCollectors } from './cross-checks.ts';
import { ConfigError, type ConfigIssue } from './errors.ts';
import { withOwnSweeps } from './own-sweeps.ts';
import { type Config, sections } from './schema.ts';
import { sayUnknown } from './unknown-keys.ts';
import { wellFormedParts } from './well-formed.ts';

/** Checks a configuration that is no longer text. Throws ConfigError with all faults at once. */
export function checkConfig(
  raw: Readonly<Record<string, unknown>>,
  { file, collectors }: { file: string; collectors: KnownCollectors },
): Config {
  const { config, issues } = inspectConfig(raw, collectors);
  if (config === undefined) throw new ConfigError(file, issues);
  return config;
}

interface Inspected {
  /** Undefined when there are issues. */
  readonly config: Config | undefined;
  readonly issues: readonly ConfigIssue[];
}

/** As `checkConfig`, for who has more faults to tell in the same breath. */
export function inspectConfig(
  raw: Readonly<Record<string, unknown>>,
  collectors: KnownCollectors,
): Inspected {
  const { config, issues } = inspectSections(raw, collectors);
  const all = [
    ...issues,
    ...(collectors.checkOwn?.(raw) ?? []),
    ...(raw['aws'] === undefined ? [] : checkDeployable(raw, collectors)),
  ];
  return { config: all.length > 0 ? undefined : config, issues: all };
}

/** Without what only a deployment checks: the functions of one have not the code for that. */
export function inspectSections(
  raw: Readonly<Record<string, unknown>>,
  collectors: KnownCollectors,
): Inspected {
  const parsed: Record<string, unknown> = {};
  const issues: ConfigIssue[] = [];
  for (const [section, schema] of Object.entries(sections)) {
    const result = schema.safeParse(raw[section]);
    if (result.success) parsed[section] = result.data;
    else issues.push(...result.error.issues.map((issue) => toConfigIssue(section, issue)));
  }
  for (const section of Object.keys(raw).filter((key) => !Object.hasOwn(sections, key))) {
    issues.push({ path: section, message: sayUnknown(section, Object.keys(sections)) });
  }
  issues.push(...crossCheck(wellFormedParts(raw), collectors));
  return { config: issues.length > 0 ? undefined : withOwnSweeps(parsed as Config), issues };
}

function toConfigIssue(section: string, issue: z.core.$ZodIssue): ConfigIssue {
  const path = issue.path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : `${text}.${String(key)}`),
    section,
  );
  const [key] = issue.code === 'unrecognized_keys' ? issue.keys : [];
  return { path, message: issue.message, ...(key === undefined ? {} : { key }) };
}
