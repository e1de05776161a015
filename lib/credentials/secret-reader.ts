import type { CredentialReader, CredentialSource, TokenReader } from './credential.ts';
import { CredentialError } from './errors.ts';
import { createKeptVersions } from './kept-versions.ts';
import { parseCredentialJson } from './parse-credential.ts';
import { parseToken } from './parse-token.ts';
import { readSecret, type SecretsManagerSource } from './secrets-manager.ts';

/**
 * Reads credentials from Secrets Manager and from nowhere else: what a deployment has. A version never changes, so each
 * one is read once, for all batches of this process; the last few are kept. Which version is the newest is asked each
 * time: a run that used an old password would be refused by every host.
 */
export function createSecretReader(secretsManager: SecretsManagerSource): CredentialReader & TokenReader {
  const read = async (ask: Parameters<typeof readSecret>[1], options: { signal: AbortSignal }) =>
    await readSecret(await secretsManager(), ask, options);
  const versions = createKeptVersions(read);
  const readText = async (source: CredentialSource, version: string | undefined, signal: AbortSignal) => {
    signal.throwIfAborted();
    if (!('secret' in source)) {
      const id = 'env' in source ? `env:${source.env}` : `file:${source.file}`;
      throw new CredentialError(id, 'is not available here. Store it in Secrets Manager.', {
        code: 'not-found',
      });
    }
    const id = `secret:${source.secret}`;
    const ask = { id: source.secret, credentialId: id };
    if (version !== undefined) return { id, ...(await versions.get({ ...ask, version }, { signal })) };
    const newest = await read({ ...ask, version }, { signal });
    versions.keep(ask, newest);
    return { id, ...newest };
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
