import { ConfigError } from '../../config/errors.ts';
import { type LoadedConfig, toTrust } from '../../config/loaded-config.ts';
import type { Config } from '../../config/schema.ts';
import type {
  Credential,
  CredentialReader,
  CredentialSource,
  TokenReader,
} from '../../credentials/credential.ts';
import type { HttpLinkOptions } from './http-link.ts';

/** A section with a destination over HTTP. */
type Section = Pick<NonNullable<Config['push']>, 'url' | 'credentials' | 'tls'>;

/** The same, where a destination may also ask for a token. */
export async function readTokenEndpoint(
  name: string,
  section: Section & { readonly token?: CredentialSource | undefined },
  { loaded, credentials }: { loaded: LoadedConfig; credentials: CredentialReader & TokenReader },
  options: { signal: AbortSignal },
): Promise<Pick<HttpLinkOptions, 'url' | 'credentials' | 'token' | 'tls'>> {
  const token = section.token && (await credentials.readToken(section.token, options));
  const endpoint = await readEndpoint(name, section, { loaded, credentials }, options);
  return token === undefined ? endpoint : { ...endpoint, token };
}

/** Where a section of the configuration sends to, and as whom; its credential is read at each call, so that a rotated one is used. */
export async function readEndpoint(
  name: string,
  section: Section,
  { loaded, credentials }: { loaded: LoadedConfig; credentials: CredentialReader },
  options: { signal: AbortSignal },
): Promise<Pick<HttpLinkOptions, 'url' | 'credentials' | 'tls'>> {
  const credential = section.credentials && (await credentials.read(section.credentials, options));
  const tls = toTrust(section.tls, loaded);
  return {
    url: section.url,
    ...(tls === undefined ? {} : { tls }),
    ...(credential === undefined ? {} : { credentials: toBasicAuth(name, credential) }),
  };
}

function toBasicAuth(
  section: string,
  { id, username, proof }: Credential,
): { username: string; password: string } {
  if (proof.kind === 'password') return { username, password: proof.password };
  const path = `${section}.credentials`;
  throw new ConfigError(path, [{ path: '', message: `${path}: ${id} holds no password; add one` }]);
}
