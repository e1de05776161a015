import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { CHECKED_COLLECTORS } from '../lib/collectors/checked-collectors.ts';
import type { AwsConfig } from '../lib/config/aws.ts';
import { printBundledConfig } from '../lib/config/bundled-config.ts';
import { inspectConfig } from '../lib/config/check-config.ts';
import { checkDeployable } from '../lib/config/check-deployable.ts';
import { ConfigError, type ConfigIssue, withPlaces } from '../lib/config/errors.ts';
import {
  knownHostsFile,
  loadKnownHosts,
  unreadableKnownHosts,
} from '../lib/config/known-hosts/load-known-hosts.ts';
import { certificateFault, certificateFiles } from '../lib/config/loaded-config.ts';
import { parseYamlWithPlaces } from '../lib/config/parse-config.ts';
import type { Config } from '../lib/config/schema.ts';
import { withDeployedPushgateway } from '../lib/config/with-deployed-pushgateway.ts';
import { type Given, withReferences, withStandIns } from './given.ts';

/** Who gets the alarms has to be said, so there is a section `aws`. */
export type DeployableConfig = Config & { readonly aws: AwsConfig };

/** What is deployed of a configuration file. */
export interface Deployment {
  readonly config: DeployableConfig;
  /** The text of `config.json` in each bundle. */
  readonly bundledConfig: string;
}

/**
 * Reads and checks a configuration as `vsweep config check` does, and for what a deployment adds to that. The files it
 * names are read relative to its folder. Throws ConfigError with all faults.
 */
export function readDeployment(file: string, given: Given = {}): Deployment {
  const { raw: written, placeOf } = parseYamlWithPlaces(readText(file), file);
  const { raw: whole, issues: twice } = withStandIns(written, given);
  const raw = withDeployedPushgateway(whole);
  const { config, issues } = inspectConfig(raw, CHECKED_COLLECTORS);
  const folder = dirname(resolve(file));
  const { certificates, unusable } = readCertificates(raw, folder);
  const knownHosts = readKnownHosts(raw, folder);
  // With a section `aws` they are among the issues already.
  const undeployable = raw['aws'] === undefined ? checkDeployable(raw, CHECKED_COLLECTORS) : [];
  const faults = [...twice, ...issues, ...undeployable, ...unusable, ...knownHosts.unusable];
  if (config?.aws === undefined || faults.length > 0)
    throw new ConfigError(file, withPlaces(faults, placeOf));
  return {
    config: { ...config, aws: withReferences(config.aws, given) },
    bundledConfig: printBundledConfig(raw, { certificates, knownHosts: knownHosts.text }),
  };
}

function readCertificates(
  raw: Readonly<Record<string, unknown>>,
  folder: string,
): { certificates: Map<string, string>; unusable: ConfigIssue[] } {
  const certificates = new Map<string, string>();
  const unusable: ConfigIssue[] = [];
  for (const { path, ca } of certificateFiles(raw)) {
    try {
      const pem = readFileSync(resolve(folder, ca), 'utf8');
      const fault = certificateFault(pem);
      if (fault !== undefined) unusable.push({ path, message: fault });
      certificates.set(ca, pem);
    } catch (error) {
      unusable.push({ path, message: `cannot be read: ${reasonOf(error)}` });
    }
  }
  return { certificates, unusable };
}

function readKnownHosts(
  raw: Readonly<Record<string, unknown>>,
  folder: string,
): { text: string | undefined; unusable: readonly ConfigIssue[] } {
  const file = knownHostsFile(raw);
  if (file === undefined) return { text: undefined, unusable: [] };
  try {
    const text = readFileSync(resolve(folder, file), 'utf8');
    return { text, unusable: loadKnownHosts(text).unusable };
  } catch (error) {
    return { text: undefined, unusable: [unreadableKnownHosts(reasonOf(error))] };
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const message = `cannot be read: ${reasonOf(error)}; name another with -c config=<path>`;
    throw new ConfigError(file, [{ path: '', message }], error);
  }
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
