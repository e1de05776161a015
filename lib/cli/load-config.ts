import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { COLLECTORS } from '../collectors/registry.ts';
import { ConfigError } from '../config/errors.ts';
import { parseConfig } from '../config/parse-config.ts';
import type { Config } from '../config/schema.ts';
import type { CredentialSource } from '../credentials/credential.ts';
import { messageOf } from '../platform/errors.ts';
import type { TlsTrust } from '../platform/tls.ts';

export const DEFAULT_CONFIG_FILE = 'vsweep.yaml';

const KNOWN_COLLECTORS = {
  names: COLLECTORS.map(({ name }) => name),
  overSsh: COLLECTORS.filter(({ needs }) => needs.probes.length > 0).map(({ name }) => name),
};

/** A checked configuration with the files that it names. */
export interface LoadedConfig {
  readonly config: Config;
  /** PEM text by the path that the configuration gives. */
  readonly certificates: ReadonlyMap<string, string>;
}

/** Reads and checks a configuration; paths in it are relative to its folder. Throws ConfigError with all faults. */
export async function loadConfig(file: string): Promise<LoadedConfig> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new ConfigError(file, [
      { path: '', message: `cannot be read: ${messageOf(error)}; name another with --config` },
    ]);
  });
  const config = resolvePaths(
    parseConfig(text, { file, collectors: KNOWN_COLLECTORS }),
    dirname(resolve(file)),
  );
  const certificates = new Map<string, string>();
  for (const { path, ca } of certificateFiles(config)) {
    const pem = await readFile(ca, 'utf8').catch((error: unknown) => {
      throw new ConfigError(file, [{ path, message: `cannot be read: ${messageOf(error)}` }]);
    });
    certificates.set(ca, pem);
  }
  return { config, certificates };
}

type TlsConfig = NonNullable<Config['targets'][number]['tls']>;

/** Whom a `tls` section trusts, with the text of its file. */
export function toTrust(tls: TlsConfig | undefined, { certificates }: LoadedConfig): TlsTrust | undefined {
  if (tls === undefined || 'sha256' in tls) return tls;
  return { ca: certificates.get(tls.ca) ?? '' };
}

function certificateFiles({ targets, push }: Config): { path: string; ca: string }[] {
  const sections = [
    ...targets.map(({ tls }, index) => ({ path: `targets[${index}].tls.ca`, tls })),
    { path: 'push.tls.ca', tls: push?.tls },
  ];
  return sections.flatMap(({ path, tls }) =>
    tls !== undefined && 'ca' in tls ? [{ path, ca: tls.ca }] : [],
  );
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
