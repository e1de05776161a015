import type { AnyAuthMethod, ParsedKey, Prompt } from 'ssh2';
import ssh2 from 'ssh2';
import type { Credential, Proof } from '../credentials/credential.ts';
import { SshError } from './errors.ts';

export type AuthMethod = 'keyboard-interactive' | 'password' | 'publickey';

/** One attempt by one method. It counts itself what went out. */
export interface AuthAttempt {
  /**
   * What to try, from the list that the host gave in its last answer; false when nothing is left. A second call gets
   * another signature algorithm of the same key, as long as the host has only said that it would not take the first.
   * `isPartial`: the host took the method before, and wants another one beside it (RFC 4252, 5.1); nothing is left then.
   */
  choose(offered: readonly string[], isPartial?: boolean): AnyAuthMethod | false;
  /** The login is over: no secret is handed out any more. */
  end(): void;
  /** The method that was chosen. */
  readonly method: AuthMethod | undefined;
  /** Whether the password or a signature was handed out. */
  readonly credentialSent: boolean;
}

const parsedKeys = new WeakMap<Proof, ParsedKey>();

/**
 * The credential's private key, decrypted once for all hosts of a batch (a passphrase's key derivation costs as much
 * as several logins). Throws SshError `auth`; nothing was sent then.
 */
export function readPrivateKey({ id, proof }: Credential): ParsedKey | undefined {
  if (proof.kind !== 'private-key') return undefined;
  const known = parsedKeys.get(proof);
  if (known) return known;
  const parsed = ssh2.utils.parseKey(proof.privateKey, proof.passphrase);
  if (parsed instanceof Error || !parsed.isPrivateKey()) {
    const why = parsed instanceof Error ? parsed.message : 'it holds a public key only';
    throw new SshError(
      `the private key of ${id} cannot be used: ${why}; convert it to OpenSSH format (ssh-keygen -p) and set its passphrase`,
      { code: 'auth' },
    );
  }
  parsedKeys.set(proof, parsed);
  return parsed;
}

/** The hash of each algorithm by which an RSA key signs (RFC 8332), best first. SHA-1 (`ssh-rsa`) is not among them. */
const RSA_HASHES: ReadonlyMap<string, string> = new Map([
  ['rsa-sha2-512', 'sha512'],
  ['rsa-sha2-256', 'sha256'],
]);

const signatureAlgorithms = (key: ParsedKey): readonly string[] =>
  key.type === 'ssh-rsa' ? [...RSA_HASHES.keys()] : [key.type];

/**
 * The key as ssh2 is to see it: of the type of one signature algorithm, because ssh2 would choose rsa-sha2-256 before
 * rsa-sha2-512, and SHA-1 for a host that does not say what it takes. ssh2's agents are of no use here: they go on in
 * a later tick, in which nobody catches what a connection throws that has ended meanwhile.
 */
function keyThatSigns(key: ParsedKey, algorithm: string, maySign: () => Error | undefined): ParsedKey {
  const sign = (data: Buffer | string) => maySign() ?? key.sign(data, RSA_HASHES.get(algorithm));
  return Object.create(key, { type: { value: algorithm }, sign: { value: sign } });
}

/**
 * Chooses keyboard-interactive before password (ESXi's default offers only the first; a host that offers both must
 * still see one secret), and publickey with a private key. Only a host that ended keyboard-interactive without asking for
 * anything gets the password by the other method, if it offers that: an sshd without PAM, for example, which counted
 * nothing then. One that it took as a first factor, without a question, is followed by none. Once a secret or an unfit question came into play, no other method follows. An RSA key is offered with
 * rsa-sha2-512, and with rsa-sha2-256 to a host that does not take that: an offer is a question, and only the host
 * that says yes to it gets the one signature. Rounds without a prompt, which ESXi sends before or after the real one,
 * are answered by ssh2 itself. Exactly one prompt that hides its answer gets the password; anything else that is asked
 * ends the attempt through `onRefusal`, unanswered. `maySend` is asked in the moment before the secret goes out.
 */
export function createAuthAttempt(
  credential: Credential,
  onRefusal: (why: string) => void,
  maySend: () => boolean = () => true,
): AuthAttempt {
  const { username, proof } = credential;
  const key = readPrivateKey(credential);
  let method: AuthMethod | undefined;
  let credentialSent = false;
  let asked = false;
  let over = false;

  const refuse = (why: string) => {
    over = true;
    onRefusal(why);
  };
  const answer = (prompts: readonly Prompt[], finish: (answers: string[]) => void, password: string) => {
    const [prompt, ...more] = prompts;
    if (over) return;
    if (prompt === undefined) return finish([]);
    if (more.length > 0) return refuse(`asks ${prompts.length} questions at once`);
    if (prompt.echo !== false) return refuse('asks for something other than a password');
    if (credentialSent) return refuse('asks for a second secret (an expired password?)');
    if (!maySend()) return;
    credentialSent = true;
    finish([password]);
  };
  const maySign = () => {
    if (over) return new Error('the login has ended');
    if (credentialSent) return new Error('a second signature was asked for');
    if (!maySend()) return new Error('the time for the login is over');
    credentialSent = true;
    return undefined;
  };

  const keys = key && signatureAlgorithms(key).map((algorithm) => keyThatSigns(key, algorithm, maySign));

  const propose = (offered: readonly string[]): AnyAuthMethod | false => {
    if (keys) {
      const next = offered.includes('publickey') ? keys.shift() : undefined;
      if (next === undefined) return false;
      method = 'publickey';
      return { type: 'publickey', username, key: next };
    }
    const isFirst = !asked;
    asked = true;
    if (proof.kind !== 'password' || !(isFirst || method === 'keyboard-interactive')) return false;
    const { password } = proof;
    if (isFirst && offered.includes('keyboard-interactive')) {
      method = 'keyboard-interactive';
      const prompt = (_1: string, _2: string, _3: string, prompts: Prompt[], finish: (a: string[]) => void) =>
        answer(prompts, finish, password);
      return { type: 'keyboard-interactive', username, prompt };
    }
    if (!offered.includes('password') || !maySend()) return false;
    method = 'password';
    credentialSent = true;
    return { type: 'password', username, password };
  };

  return {
    choose(offered, isPartial = false) {
      // Of a second factor the password would be spent on a login that cannot succeed by it alone.
      over ||= isPartial;
      return over || credentialSent ? false : propose(offered);
    },
    end() {
      over = true;
    },
    get method() {
      return method;
    },
    get credentialSent() {
      return credentialSent;
    },
  };
}
