import { messageOf } from '../platform/errors.ts';
import { createTlsAgent, type TlsTrust, TlsTrustError, type TrustWords } from '../platform/tls.ts';
import { type Endpoints, endpointsOf } from './endpoints.ts';
import type { KnownHosts } from './known-hosts/find-keys.ts';
import type { PlaceOf } from './places.ts';
import { type Config, type TargetConfig, type TlsConfig, tls } from './schema.ts';
import { toFields } from './well-formed.ts';

/** A checked configuration with the files that it names. */
export interface LoadedConfig {
  readonly config: Config;
  /** PEM text by the path that the configuration gives. */
  readonly certificates: ReadonlyMap<string, string>;
  /** What `esxi.hostKeys.file` says; nothing without one. */
  readonly knownHosts: KnownHosts;
  /** Set when there was no file, and the configuration was made from environment variables. */
  readonly variables?: ReadVariables;
  /** Where each part stands in the file; absent where there was none. */
  readonly placeOf?: PlaceOf;
}

/** Names of environment variables, as they were spelled, and why those were not used. */
export interface ReadVariables {
  readonly taken: readonly string[];
  readonly ignored: readonly { readonly name: string; readonly why: string }[];
}

/** Where a certificate is not looked at; the paths are those of the configuration. */
export function insecureSections(config: Endpoints): { path: string; url: string }[] {
  return endpointsOf(config).flatMap(({ path, url, tls }) =>
    url !== undefined && tls !== undefined && 'insecure' in tls ? [{ path: `${path}.tls`, url }] : [],
  );
}

/** Whom a `tls` section trusts, with the text of its file. */
export function toTrust(
  trusted: TlsConfig | undefined,
  { certificates }: Pick<LoadedConfig, 'certificates'>,
): TlsTrust | undefined {
  if (trusted === undefined || !('ca' in trusted)) return trusted;
  return { ca: certificates.get(trusted.ca) ?? '' };
}

/** As `toTrust`, for what is logged in to; its messages name what the operator wrote. */
export function toTargetTrust(
  { tls }: Pick<TargetConfig, 'tls'>,
  loaded: LoadedConfig,
): TlsTrust | undefined {
  const trust = toTrust(tls, loaded);
  if (loaded.variables === undefined) return trust;
  return { ...(trust ?? { issuers: 'system' }), words: VARIABLE_WORDS };
}

const VARIABLE_WORDS: TrustWords = {
  pin: (sha256, pinned) => `VSWEEP_TLS_SHA256=${[...pinned, sha256].join(',')}`,
  change: () => 'set',
  ca: 'VSWEEP_TLS_CA=<file>',
};

/** The PEM files that the sections of a configuration name, and where; nothing else of it needs to be right. */
export function certificateFiles(raw: object): { path: string; ca: string }[] {
  return Object.entries(raw)
    .flatMap(([key, value]): [string, unknown][] =>
      Array.isArray(value) ? value.map((section, index) => [`${key}[${index}]`, section]) : [[key, value]],
    )
    .flatMap(([path, section]) => {
      const { data } = tls.safeParse(toFields(section)['tls']);
      return data !== undefined && 'ca' in data ? [{ path: `${path}.tls.ca`, ca: data.ca }] : [];
    });
}

/** Why the text of a `tls.ca` cannot be used; undefined when it can. */
export function certificateFault(pem: string): string | undefined {
  try {
    createTlsAgent({ ca: pem }).destroy();
    return undefined;
  } catch (error) {
    const reason = messageOf(error instanceof TlsTrustError ? error.cause : error);
    return `cannot be used: ${reason}; name a file of PEM certificates (-----BEGIN CERTIFICATE-----); of DER one is made by: openssl x509 -inform der -in <file> -out <file>.pem`;
  }
}
