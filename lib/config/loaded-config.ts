import type { TlsTrust } from '../platform/tls.ts';
import type { Config, TlsConfig } from './schema.ts';

/** A checked configuration with the files that it names. */
export interface LoadedConfig {
  readonly config: Config;
  /** PEM text by the path that the configuration gives. */
  readonly certificates: ReadonlyMap<string, string>;
}

/** Whom a `tls` section trusts, with the text of its file. */
export function toTrust(tls: TlsConfig | undefined, { certificates }: LoadedConfig): TlsTrust | undefined {
  if (tls === undefined || 'sha256' in tls) return tls;
  return { ca: certificates.get(tls.ca) ?? '' };
}

/** The PEM files that a configuration names, and where it does. */
export function certificateFiles({
  targets,
  push,
}: Pick<Config, 'targets' | 'push'>): { path: string; ca: string }[] {
  const sections = [
    ...targets.map(({ tls }, index) => ({ path: `targets[${index}].tls.ca`, tls })),
    { path: 'push.tls.ca', tls: push?.tls },
  ];
  return sections.flatMap(({ path, tls }) =>
    tls !== undefined && 'ca' in tls ? [{ path, ca: tls.ca }] : [],
  );
}
