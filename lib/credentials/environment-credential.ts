import { CredentialError } from './errors.ts';
import { type CredentialValue, toValue } from './parse-credential.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads `<PREFIX>_USER` with `<PREFIX>_PASSWORD`, or with `<PREFIX>_PRIVATE_KEY` and `<PREFIX>_PASSPHRASE`, and
 * `<PREFIX>_LITERAL`. Names
 * match without regard to case; the exact spelling wins. An empty variable counts as unset.
 */
export function readEnvironmentCredential(
  env: Environment,
  prefix: string,
  credentialId: string,
): CredentialValue {
  const read = (suffix: string) => withoutEndOfLine(lookUp(env, `${prefix}_${suffix}`, credentialId));
  const [username, password, privateKey] = [read('USER'), read('PASSWORD'), read('PRIVATE_KEY')];
  const missing: string[] = [];
  let instead = '';
  if (username === undefined) missing.push(`${prefix}_USER`);
  if (password === undefined && privateKey === undefined) {
    missing.push(`${prefix}_PASSWORD`);
    instead = ` Only the account of the section "esxi" may have ${prefix}_PRIVATE_KEY instead of a password.`;
  }
  if (missing.length > 0) {
    throw new CredentialError(
      credentialId,
      `is not set: set ${missing.join(' and ')} in the environment.${instead}`,
      { code: 'not-found' },
    );
  }
  return toValue(
    { username, password, privateKey, passphrase: read('PASSPHRASE'), literal: read('LITERAL') },
    credentialId,
    { sayLiteral: `set ${prefix}_LITERAL to true` },
  );
}

/** That of a file from which the variable was made; a password that ends so would be refused by everybody. */
const withoutEndOfLine = (value: string | undefined): string | undefined => value?.replace(/\r?\n$/, '');

/** The variable of this name, without regard to case; undefined when it is not set. */
export function lookUp(env: Environment, name: string, credentialId: string): string | undefined {
  if (env[name]) return env[name];
  const alike = Object.keys(env).filter((key) => key.toUpperCase() === name.toUpperCase() && env[key]);
  if (new Set(alike.map((key) => env[key])).size > 1) {
    throw new CredentialError(
      credentialId,
      `is ambiguous: ${alike.join(' and ')} differ only by case and hold different values. Unset all but one.`,
      { code: 'malformed' },
    );
  }
  return alike[0] === undefined ? undefined : env[alike[0]];
}
