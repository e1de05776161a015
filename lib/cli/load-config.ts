import { readFile } from 'node:fs/promises';
import { dirname, isAbsolute, resolve } from 'node:path';
import { CHECKED_COLLECTORS } from '../collectors/checked-collectors.ts';
import { inspectConfig } from '../config/check-config.ts';
import { ConfigError, type ConfigIssue, withPlaces } from '../config/errors.ts';
import { NO_KNOWN_HOSTS } from '../config/known-hosts/find-keys.ts';
import {
  knownHostsFile,
  loadKnownHosts,
  unreadableKnownHosts,
} from '../config/known-hosts/load-known-hosts.ts';
import { certificateFault, certificateFiles, type LoadedConfig } from '../config/loaded-config.ts';
import { parseYamlWithPlaces } from '../config/parse-config.ts';
import type { PlaceOf } from '../config/places.ts';
import type { Config, EsxiConfig, TlsConfig } from '../config/schema.ts';
import {
  configFromVariables,
  FILE_VARIABLES,
  type FileText,
  type FileVariable,
  hasVariables,
} from '../config/variables/config-from-variables.ts';
import { type ConfigFromVariables, type Environment, lookUp } from '../config/variables/variables.ts';
import type { CredentialSource } from '../credentials/credential.ts';
import { messageOf } from '../platform/errors.ts';
import { readOwnText } from '../platform/owner.ts';
import { DEFAULT_CONFIG_FILE } from './default-config-file.ts';
import { sayUnread } from './unread-config.ts';

/** A configuration before it is checked, and where it came from. */
interface Source {
  readonly raw: Readonly<Record<string, unknown>>;
  /** What faults are told of: the file, or the environment. */
  readonly name: string;
  /** Paths are relative to it. */
  readonly folder: string;
  readonly fromVariables?: ConfigFromVariables;
  /** Where each part stands in the file. */
  readonly placeOf?: PlaceOf;
}

/**
 * Reads and checks a configuration; paths in it are relative to its folder. When there is no `vsweep.yaml`, and
 * the environment variables of esxi-exporter or vmware_exporter are set, they are the configuration. Throws ConfigError with all faults.
 */
export async function loadConfig(file: string, env: Environment = {}): Promise<LoadedConfig> {
  const { raw, name, folder, fromVariables, placeOf } = await readSource(file, env);
  const { config, issues } = inspectConfig(raw, CHECKED_COLLECTORS);
  const { certificates, unusable } = await readCertificates(raw, folder);
  const { knownHosts, unusable: unusableKeys } = await readKnownHosts(raw, folder);
  const faults = [...issues, ...unusable, ...unusableKeys];
  const told =
    fromVariables === undefined ? faults : [...fromVariables.issues, ...fromVariables.explain(faults)];
  if (config === undefined || told.length > 0)
    throw new ConfigError(name, withPlaces(onceEach(told), placeOf));
  return {
    config: resolvePaths(config, folder),
    certificates,
    knownHosts,
    ...(fromVariables === undefined ? {} : { variables: fromVariables.variables }),
    ...(placeOf === undefined ? {} : { placeOf }),
  };
}

/** The configuration as a vsweep.yaml has it, before the defaults. Throws ConfigError when nothing can be read. */
export async function readSource(file: string, env: Environment): Promise<Source> {
  try {
    const parsed = parseYamlWithPlaces(await readOwnText(file), file);
    return { ...parsed, name: file, folder: dirname(resolve(file)) };
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (isMissing && file === DEFAULT_CONFIG_FILE && hasVariables(env)) return await readVariables(env);
    throw new ConfigError(file, [{ path: '', message: await sayUnread(file, error) }]);
  }
}

async function readVariables(env: Environment): Promise<Source> {
  const files = new Map<FileVariable, FileText>();
  for (const name of FILE_VARIABLES) {
    const [spelled = name] = lookUp(env, name) ?? [];
    const path = env[spelled];
    if (path === undefined) continue;
    const file = await readFile(path, 'utf8').then(
      (text) => ({ text }),
      (error: unknown) => ({ fault: `cannot be read: ${messageOf(error)}` }),
    );
    files.set(name, file);
  }
  const fromVariables = configFromVariables(env, files);
  return { raw: fromVariables.raw, name: 'environment variables', folder: resolve('.'), fromVariables };
}

/** What stands in several places of the configuration came from one variable. */
const onceEach = (issues: readonly ConfigIssue[]): ConfigIssue[] =>
  Array.from(new Map(issues.map((issue) => [JSON.stringify(issue), issue])).values());

async function readCertificates(raw: Readonly<Record<string, unknown>>, folder: string) {
  const certificates = new Map<string, string>();
  const unusable: ConfigIssue[] = [];
  for (const { path, ca } of certificateFiles(raw)) {
    try {
      const pem = await readOwnText(resolve(folder, ca));
      const fault = certificateFault(pem);
      if (fault !== undefined) unusable.push({ path, message: fault });
      certificates.set(resolve(folder, ca), pem);
    } catch (error) {
      const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
      const remedy = isMissing && !isAbsolute(ca) ? '; write a path from the folder of this file' : '';
      unusable.push({ path, message: `cannot be read: ${messageOf(error)}${remedy}` });
    }
  }
  return { certificates, unusable };
}

async function readKnownHosts(raw: Readonly<Record<string, unknown>>, folder: string) {
  const file = knownHostsFile(raw);
  try {
    return loadKnownHosts(file && (await readOwnText(resolve(folder, file))));
  } catch (error) {
    return { knownHosts: NO_KNOWN_HOSTS, unusable: [unreadableKnownHosts(messageOf(error))] };
  }
}

function resolvePaths(config: Config, folder: string): Config {
  const tlsAt = <T extends { tls?: TlsConfig | undefined }>(section: T): T =>
    section.tls !== undefined && 'ca' in section.tls
      ? { ...section, tls: { ca: resolve(folder, section.tls.ca) } }
      : section;
  const fileAt = <T extends CredentialSource | undefined>(source: T): T =>
    source !== undefined && 'file' in source ? { ...source, file: resolve(folder, source.file) } : source;
  const credentialsAt = <T extends { credentials?: CredentialSource | undefined }>(section: T): T =>
    section.credentials === undefined ? section : { ...section, credentials: fileAt(section.credentials) };
  const hostKeysAt = (section: EsxiConfig): EsxiConfig => {
    const { file } = section.hostKeys;
    return file === undefined
      ? section
      : { ...section, hostKeys: { ...section.hostKeys, file: resolve(folder, file) } };
  };
  const { esxi, netbox, push, victoriaMetrics, remoteWrite, otlp, textfile, state, exporter, polls } = config;
  const curve = polls.curve && { ...polls.curve, secretKey: fileAt(polls.curve.secretKey) };
  return {
    ...config,
    targets: config.targets.map((target) => credentialsAt(tlsAt(target))),
    esxi: esxi && hostKeysAt(credentialsAt(esxi)),
    netbox: netbox && { ...tlsAt(netbox), token: fileAt(netbox.token) },
    push: push && credentialsAt(tlsAt(push)),
    victoriaMetrics: victoriaMetrics && credentialsAt(tlsAt(victoriaMetrics)),
    remoteWrite: remoteWrite && { ...credentialsAt(tlsAt(remoteWrite)), token: fileAt(remoteWrite.token) },
    otlp: otlp && { ...credentialsAt(tlsAt(otlp)), token: fileAt(otlp.token) },
    exporter: exporter && { ...exporter, token: fileAt(exporter.token) },
    polls: { ...polls, ...(curve && { curve }) },
    textfile: textfile && { path: resolve(folder, textfile.path) },
    state: state.path === undefined ? state : { path: resolve(folder, state.path) },
  };
}
