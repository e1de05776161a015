import { createSeals, type ReadSeals, type Seals } from '../platform/seal.ts';
import { untilAborted } from '../platform/until-aborted.ts';
import { CredentialError } from './errors.ts';
import { readSecret, type SecretsManagerSource } from './secrets-manager.ts';

/** As many as the deployment's generator makes; fewer are not its secret. */
const MIN_CHARACTERS = 64;

/**
 * The seals of a deployment's integrity secret, which is read once in the life of a process; a failure is left to the
 * next caller to try again. Rejects with CredentialError.
 */
export function createReadSeals({
  secretsManager,
  id,
}: {
  secretsManager: SecretsManagerSource;
  id: string;
}): ReadSeals {
  let made: Promise<Seals> | undefined;
  const read = async (): Promise<Seals> => {
    const credentialId = `secret:${id}`;
    // Not the signal of one caller, for others wait for the same answer; the client has time-outs of its own.
    const { signal } = new AbortController();
    const { text } = await readSecret(
      await secretsManager(),
      { id, version: undefined, credentialId },
      { signal },
    );
    if (text.length >= MIN_CHARACTERS) return createSeals(text);
    throw new CredentialError(
      credentialId,
      `has ${text.length} characters and not ${MIN_CHARACTERS}: it is not the integrity secret that the stack created. ` +
        'Restore its first version in Secrets Manager.',
      { code: 'malformed' },
    );
  };
  return async ({ signal }) => {
    signal.throwIfAborted();
    if (made === undefined) {
      made = read();
      made.catch(() => {
        made = undefined;
      });
    }
    return await untilAborted(made, signal);
  };
}
