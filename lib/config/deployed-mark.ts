import { createHash } from 'node:crypto';

/** By what a deployed function says which version and which configuration it has. */
export interface DeployedMark {
  readonly version: string;
  /** `fingerprintOf` what its bundle holds. */
  readonly configuration: string;
}

/** The description of a deployed function: the one text of it that can be read without its code. */
export const printDescription = (name: string, { version, configuration }: DeployedMark): string =>
  `vsweep ${name} ${version}, configuration ${configuration}`;

/** What a description says; undefined where an older version wrote it, or somebody else. */
export function parseDescription(description: string | undefined): DeployedMark | undefined {
  const [, version, configuration] =
    /^vsweep [\w-]+ (\S+), configuration ([0-9a-f]{16})$/.exec(description ?? '') ?? [];
  return version === undefined || configuration === undefined ? undefined : { version, configuration };
}

/** Of `aws`, what an app can give in place of the file, and no function reads. */
const NOT_READ = ['network', 'stateTable', 'alarms', 'kmsKeyArn', 'tags'];

/**
 * Tells one bundled configuration from another, as they are written, and nothing of either: an order of keys or `60s` for
 * `1m` makes another one, though the functions do the same with both. A configuration holds names of secrets, never a secret.
 */
export function fingerprintOf(bundledConfig: string): string {
  const { config, ...files } = JSON.parse(bundledConfig) as { readonly config: Record<string, unknown> };
  const { aws, ...rest } = config;
  const read = Object.entries(aws ?? {}).filter(([key]) => !NOT_READ.includes(key));
  const text = JSON.stringify([rest, Object.fromEntries(read), files]);
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
