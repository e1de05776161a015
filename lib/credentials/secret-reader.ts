import type { CredentialReader, CredentialSource, TokenReader } from './credential.ts';
import { CredentialError } from './errors.ts';
import { parseCredentialJson } from './parse-credential.ts';
import { parseToken } from './parse-token.ts';
import { readSecret, type SecretsManagerSource } from './secrets-manager.ts';

/** Reads credentials from Secrets Manager and from nowhere else: what a deployment has. It keeps none. */
export function createSecretReader(secretsManager: SecretsManagerSource): CredentialReader & TokenReader {
  const readText = async (source: CredentialSource, version: string | undefined, signal: AbortSignal) => {
    signal.throwIfAborted();
    if (!('secret' in source)) {
      const id = 'env' in source ? `env:${source.env}` : `file:${source.file}`;
      throw new CredentialError(id, 'is not to be had here. Store it in Secrets Manager.', {
        code: 'not-found',
      });
    }
    const id = `secret:${source.secret}`;
    const ask = { id: source.secret, version, credentialId: id };
    return { id, ...(await readSecret(await secretsManager(), ask, { signal })) };
  };
  return {
    async read(source, { signal, version: asked }) {
      const { id, version, text } = await readText(source, asked, signal);
      return { id, version, ...parseCredentialJson(text, id) };
    },
    async readToken(source, { signal }) {
      const { id, text } = await readText(source, undefined, signal);
      return parseToken(text, id);
    },
  };
}

/** Made when it is first needed, and then kept. */
export function keepOne(make: SecretsManagerSource): SecretsManagerSource {
  let made: ReturnType<SecretsManagerSource> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
