import { messageOf } from '../platform/errors.ts';
import { createTlsAgent, type TlsTrust, TlsTrustError } from '../platform/tls.ts';
import { type Config, type TlsConfig, tls } from './schema.ts';
import { toFields } from './well-formed.ts';

/** A checked configuration with the files that it names. */
export interface LoadedConfig {
  readonly config: Config;
  /** PEM text by the path that the configuration gives. */
  readonly certificates: ReadonlyMap<string, string>;
}

/** Whom a `tls` section trusts, with the text of its file. */
export function toTrust(
  trusted: TlsConfig | undefined,
  { certificates }: LoadedConfig,
): TlsTrust | undefined {
  if (trusted === undefined || 'sha256' in trusted) return trusted;
  return { ca: certificates.get(trusted.ca) ?? '' };
}

/** The PEM files that a configuration names, and where it does; its other fields need not be sound. */
export function certificateFiles({
  targets,
  push,
}: {
  readonly targets?: unknown;
  readonly push?: unknown;
}): { path: string; ca: string }[] {
  const sections = [
    ...(Array.isArray(targets) ? targets : []).map((target, index) => ({
      path: `targets[${index}].tls.ca`,
      section: target,
    })),
    { path: 'push.tls.ca', section: push },
  ];
  return sections.flatMap(({ path, section }) => {
    const { data } = tls.safeParse(toFields(section)['tls']);
    return data !== undefined && 'ca' in data ? [{ path, ca: data.ca }] : [];
  });
}

/** Why the text of a `tls.ca` cannot be used; undefined when it can. */
export function certificateFault(pem: string): string | undefined {
  try {
    createTlsAgent({ ca: pem }).destroy();
    return undefined;
  } catch (error) {
    const reason = messageOf(error instanceof TlsTrustError ? error.cause : error);
    return `cannot be used: ${reason}; name a file of PEM certificates (-----BEGIN CERTIFICATE-----)`;
  }
}
