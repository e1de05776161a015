import { randomBytes } from 'node:crypto';
import { endpointsOf } from '../config/endpoints.ts';
import type { Config } from '../config/schema.ts';
import type { CredentialReader, CredentialSource, TokenReader } from '../credentials/credential.ts';
import { CredentialError } from '../credentials/errors.ts';
import { readPrivateKey } from '../esxi/authentication.ts';
import { messageOf } from '../platform/errors.ts';
import { toShellWord } from '../platform/quote.ts';
import { createCommandCredentials } from './command-credentials.ts';
import { readCurveSecret } from './curve-secret.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** A credential that the configuration names. */
export interface NamedCredential {
  /** Of the configuration, such as `targets[0].credentials`. */
  readonly path: string;
  readonly source: CredentialSource;
  /** `password`: an account that needs one; `ssh`: a password or a key; `token`: no account; `curve`: a secret key. */
  readonly kind: 'password' | 'ssh' | 'token' | 'curve';
}

export interface CredentialFault {
  readonly message: string;
  /** A command that mends it, or opens what is to be mended. */
  readonly command?: string;
}

export function credentialsOf(config: Config): NamedCredential[] {
  const ofPeers = endpointsOf(config).flatMap(({ credential }): NamedCredential[] => {
    if (credential === undefined) return [];
    const { path, source } = credential;
    const kind = path.endsWith('.token') ? 'token' : path.startsWith('esxi.') ? 'ssh' : 'password';
    return [{ path, source, kind }];
  });
  const ofOwn = [
    { path: 'exporter.token', source: config.exporter?.token, kind: 'token' },
    { path: 'polls.curve.secretKey', source: config.polls.curve?.secretKey, kind: 'curve' },
  ] as const;
  const named = ofOwn.flatMap(({ source, ...one }): NamedCredential[] =>
    source === undefined ? [] : [{ ...one, source }],
  );
  return [...ofPeers, ...named];
}

/** Reads credentials for their faults alone: their versions say nothing, so that no state is opened. */
export const readerForFaults = (env: Environment): CredentialReader & TokenReader =>
  createCommandCredentials({ env, versionKey: async () => randomBytes(32) });

/** What is wrong with a credential as it lies there; undefined where nothing is. Nobody is logged in to. */
export async function faultOf(
  { path, source, kind }: NamedCredential,
  reader: CredentialReader & TokenReader,
  { signal }: { signal: AbortSignal },
): Promise<CredentialFault | undefined> {
  try {
    if (kind === 'token') await reader.readToken(source, { signal });
    else if (kind === 'curve') await readCurveSecret(source, reader, { signal });
    else {
      const credential = await reader.read(source, { signal });
      if (kind === 'ssh') readPrivateKey(credential);
      else if (credential.proof.kind !== 'password')
        return withCommand(source, {
          message: `The credential ${credential.id} holds a private key, and ${path} needs a password.`,
        });
    }
    return undefined;
  } catch (error) {
    signal.throwIfAborted();
    return withCommand(source, { message: messageOf(error), error });
  }
}

function withCommand(
  source: CredentialSource,
  { message, error }: { message: string; error?: unknown },
): CredentialFault {
  if (!('file' in source)) return { message };
  return { message, command: commandFor(source.file, error) };
}

/** What mends a credential file. Secrets go into it by an editor: what is typed in a shell stays in its history. */
export function commandFor(path: string, error: unknown): string {
  const file = toShellWord(path);
  const code = error instanceof CredentialError ? error.code : 'malformed';
  switch (code) {
    case 'not-found':
      return `install -D -m 600 /dev/null ${file} && "\${EDITOR:-vi}" ${file}`;
    case 'insecure-file':
      return `chmod 600 ${file}`;
    case 'unavailable':
      // Whose it is: a command that took it would take it from the service that runs with it.
      return `ls -l ${file}`;
    case 'malformed':
      return `"\${EDITOR:-vi}" ${file}`;
    default:
      return code satisfies never;
  }
}
