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
  section: Section & { readonly token?: CredentialSource | undefined },
  { loaded, credentials }: { loaded: LoadedConfig; credentials: CredentialReader & TokenReader },
  options: { signal: AbortSignal },
): Promise<Pick<HttpLinkOptions, 'url' | 'credentials' | 'identity' | 'token' | 'tls'>> {
  const token = section.token && (await credentials.readToken(section.token, options));
  const endpoint = await readEndpoint(section, { loaded, credentials }, options);
  return token === undefined ? endpoint : { ...endpoint, token };
}

/**
 * Where a section of the configuration sends to, and as whom: by a password, or by a private key with its certificate. Its
 * credential is read at each call, so that a rotated one is used.
 */
export async function readEndpoint(
  section: Section,
  { loaded, credentials }: { loaded: LoadedConfig; credentials: CredentialReader },
  options: { signal: AbortSignal },
): Promise<Pick<HttpLinkOptions, 'url' | 'credentials' | 'identity' | 'tls'>> {
  const credential = section.credentials && (await credentials.read(section.credentials, options));
  const tls = toTrust(section.tls, loaded);
  return {
    url: section.url,
    ...(tls === undefined ? {} : { tls }),
    ...(credential === undefined ? {} : toProof(credential)),
  };
}

function toProof({ username, proof }: Credential): Pick<HttpLinkOptions, 'credentials' | 'identity'> {
  if (proof.kind === 'password') return { credentials: { username, password: proof.password } };
  const { privateKey: pem, passphrase } = proof;
  return { identity: { pem, ...(passphrase === undefined ? {} : { passphrase }) } };
}
