import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { KNOWN_COLLECTORS } from '../collectors/known-collectors.ts';
import { inspectConfig } from '../config/check-config.ts';
import { ConfigError, type ConfigIssue } from '../config/errors.ts';
import { certificateFault, certificateFiles, type LoadedConfig } from '../config/loaded-config.ts';
import { parseYaml } from '../config/parse-config.ts';
import type { Config, TlsConfig } from '../config/schema.ts';
import type { CredentialSource } from '../credentials/credential.ts';
import { messageOf } from '../platform/errors.ts';

export const DEFAULT_CONFIG_FILE = 'vsweep.yaml';

/** Reads and checks a configuration; paths in it are relative to its folder. Throws ConfigError with all faults. */
export async function loadConfig(file: string): Promise<LoadedConfig> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new ConfigError(file, [
      { path: '', message: `cannot be read: ${messageOf(error)}; name another with --config` },
    ]);
  });
  const raw = parseYaml(text, file);
  const folder = dirname(resolve(file));
  const { config, issues } = inspectConfig(raw, KNOWN_COLLECTORS);
  const { certificates, unusable } = await readCertificates(raw, folder);
  if (config === undefined || unusable.length > 0) throw new ConfigError(file, [...issues, ...unusable]);
  return { config: resolvePaths(config, folder), certificates };
}

async function readCertificates(raw: Readonly<Record<string, unknown>>, folder: string) {
  const certificates = new Map<string, string>();
  const unusable: ConfigIssue[] = [];
  for (const { path, ca } of certificateFiles(raw)) {
    try {
      const pem = await readFile(resolve(folder, ca), 'utf8');
      const fault = certificateFault(pem);
      if (fault !== undefined) unusable.push({ path, message: fault });
      certificates.set(resolve(folder, ca), pem);
    } catch (error) {
      unusable.push({ path, message: `cannot be read: ${messageOf(error)}` });
    }
  }
  return { certificates, unusable };
}

function resolvePaths(config: Config, folder: string): Config {
  const tlsAt = <T extends { tls?: TlsConfig | undefined }>(section: T): T =>
    section.tls !== undefined && 'ca' in section.tls
      ? { ...section, tls: { ca: resolve(folder, section.tls.ca) } }
      : section;
  const credentialsAt = <T extends { credentials?: CredentialSource | undefined }>(section: T): T =>
    section.credentials !== undefined && 'file' in section.credentials
      ? {
          ...section,
          credentials: { ...section.credentials, file: resolve(folder, section.credentials.file) },
        }
      : section;
  const { esxi, push, state } = config;
  return {
    ...config,
    targets: config.targets.map((target) => credentialsAt(tlsAt(target))),
    esxi: esxi && credentialsAt(esxi),
    push: push && credentialsAt(tlsAt(push)),
    state: state.path === undefined ? state : { path: resolve(folder, state.path) },
  };
}
