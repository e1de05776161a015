import { messageOf } from '../platform/errors.ts';
import { OwnerError } from '../platform/owner.ts';
import { toShellWord } from '../platform/quote.ts';
import type { CredentialReader, TokenReader } from './credential.ts';
import { versionOf } from './credential-version.ts';
import { lookUp, readEnvironmentCredential } from './environment-credential.ts';
import { CredentialError } from './errors.ts';
import { type CredentialValue, malformed } from './parse-credential.ts';
import { parseCredentialYaml } from './parse-credential-file.ts';
import { parseToken } from './parse-token.ts';
import type { CredentialFile, ReadCredentialFile } from './read-credential-file.ts';
import { createSecretReader } from './secret-reader.ts';
import type { SecretsManagerSource } from './secrets-manager.ts';

export interface CredentialReaderOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly readFile: ReadCredentialFile;
  readonly secretsManager: SecretsManagerSource;
  /** The random key of the versions of credentials from environment and files. */
  readonly versionKey: () => Promise<Uint8Array>;
}

/** Reads credentials and tokens from Secrets Manager, environment and files. Of these it keeps none but versions of secrets. */
export function createCredentialReader(options: CredentialReaderOptions): CredentialReader & TokenReader {
  const { env, readFile, secretsManager, versionKey } = options;

  const withOwnVersion = async (id: string, value: CredentialValue, asked: string | undefined) => {
    const version = versionOf(value, await versionKey());
    if (asked !== undefined && asked !== version) {
      throw new CredentialError(id, 'changed during this run. The next run uses the new value.', {
        code: 'not-found',
      });
    }
    return { id, version, ...value };
  };

  const secrets = createSecretReader(secretsManager);

  return {
    async read(source, asked) {
      asked.signal.throwIfAborted();
      if ('secret' in source) return await secrets.read(source, asked);
      if ('env' in source) {
        const id = `env:${source.env}`;
        return await withOwnVersion(id, readEnvironmentCredential(env, source.env, id), asked.version);
      }
      const id = `file:${source.file}`;
      const file = await openFile(readFile, source.file, id, asked.signal);
      return await withOwnVersion(id, parseCredentialYaml(file.text, id), asked.version);
    },
    async readToken(source, asked) {
      asked.signal.throwIfAborted();
      if ('secret' in source) return await secrets.readToken(source, asked);
      if ('file' in source) {
        const id = `file:${source.file}`;
        return parseToken((await openFile(readFile, source.file, id, asked.signal)).text, id);
      }
      const id = `env:${source.env}`;
      const name = `${source.env}_TOKEN`;
      const text = lookUp(env, name, id);
      if (text !== undefined) return parseToken(text, id);
      throw new CredentialError(id, `is not set: set ${name} in the environment.`, { code: 'not-found' });
    },
  };
}

async function openFile(
  readFile: ReadCredentialFile,
  path: string,
  id: string,
  signal: AbortSignal,
): Promise<CredentialFile> {
  const file = await readFile(path, { signal }).catch((error: unknown) => {
    signal.throwIfAborted();
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    const remedy = error instanceof OwnerError ? '' : '. Check its path and its owner.';
    throw new CredentialError(id, `cannot be read: ${messageOf(error)}${remedy}`, {
      code: missing ? 'not-found' : 'unavailable',
    });
  });
  if ((file.mode & 0o077) !== 0) {
    throw new CredentialError(
      id,
      `can be read or changed by other users. Run: chmod 600 ${toShellWord(path)}`,
      {
        code: 'insecure-file',
      },
    );
  }
  // Decoded otherwise than it was written, a wrong password would be tried on every host.
  if (/[\0\ufffd]/.test(file.text))
    throw malformed(id, 'is not UTF-8. Save it as UTF-8 (in an editor, or by iconv -t UTF-8).');
  return file;
}
