import type {
  AnyAuthMethod,
  IdentityCallback,
  ParsedKey,
  Prompt,
  SignCallback,
  SigningRequestOptions,
} from 'ssh2';
import ssh2 from 'ssh2';
import type { Credential, Proof } from '../credentials/credential.ts';
import { SshError } from './errors.ts';

export type AuthMethod = 'keyboard-interactive' | 'password' | 'publickey';

/** One attempt by one method. It counts itself what went out. */
export interface AuthAttempt {
  /** What to try, from the list that the host gave in its answer to `none`; a second call gets false. */
  choose(offered: readonly string[]): AnyAuthMethod | false;
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
      `the private key of ${id} cannot be used: ${why}; give it in OpenSSH's form (ssh-keygen -p) with its passphrase`,
      { code: 'auth' },
    );
  }
  parsedKeys.set(proof, parsed);
  return parsed;
}

/** Hands ssh2 exactly one key, for exactly one signature. */
class OneKeyAgent extends ssh2.BaseAgent<ParsedKey> {
  readonly #key: ParsedKey;
  readonly #onSign: () => void;
  #used = false;

  constructor(key: ParsedKey, onSign: () => void) {
    super();
    this.#key = key;
    this.#onSign = onSign;
  }

  override getIdentities(callback: IdentityCallback<ParsedKey>): void {
    callback(undefined, [this.#key]);
  }

  override sign(
    _key: ParsedKey,
    data: Buffer,
    options: SigningRequestOptions | SignCallback,
    callback?: SignCallback,
  ): void {
    const done = typeof options === 'function' ? options : callback;
    const hash = typeof options === 'function' ? undefined : options.hash;
    const signature = this.#used ? new Error('a second signature was asked for') : this.#key.sign(data, hash);
    if (signature instanceof Error) {
      done?.(signature);
      return;
    }
    this.#used = true;
    this.#onSign();
    done?.(undefined, signature);
  }
}

/**
 * Chooses keyboard-interactive before password (ESXi's default offers only the first; a host that offers both must
 * still see one attempt), and publickey with a private key; never another one after it. Rounds without a prompt,
 * which ESXi sends before or after the real one, are answered by ssh2 itself. Exactly one prompt that hides its
 * answer gets the password; anything else that is asked ends the attempt through `onRefusal`, unanswered.
 */
export function createAuthAttempt(credential: Credential, onRefusal: (why: string) => void): AuthAttempt {
  const { username, proof } = credential;
  const key = readPrivateKey(credential);
  let method: AuthMethod | undefined;
  let asked = false;
  let credentialSent = false;
  let refused = false;

  const refuse = (why: string) => {
    refused = true;
    onRefusal(why);
  };
  const answer = (prompts: readonly Prompt[], finish: (answers: string[]) => void, password: string) => {
    const [prompt, ...more] = prompts;
    if (refused) return;
    if (prompt === undefined) return finish([]);
    if (more.length > 0) return refuse(`asks ${prompts.length} questions at once`);
    if (prompt.echo !== false) return refuse('asks for something other than a password');
    if (credentialSent) return refuse('asks for a second secret (an expired password?)');
    credentialSent = true;
    finish([password]);
  };

  const propose = (offered: readonly string[]): AnyAuthMethod | false => {
    if (key) {
      if (!offered.includes('publickey')) return false;
      method = 'publickey';
      const onSign = () => {
        credentialSent = true;
      };
      return { type: 'agent', username, agent: new OneKeyAgent(key, onSign) };
    }
    if (proof.kind !== 'password') return false;
    const { password } = proof;
    if (offered.includes('keyboard-interactive')) {
      method = 'keyboard-interactive';
      const prompt = (_1: string, _2: string, _3: string, prompts: Prompt[], finish: (a: string[]) => void) =>
        answer(prompts, finish, password);
      return { type: 'keyboard-interactive', username, prompt };
    }
    if (!offered.includes('password')) return false;
    method = 'password';
    credentialSent = true;
    return { type: 'password', username, password };
  };

  return {
    choose(offered) {
      if (asked) return false;
      asked = true;
      return propose(offered);
    },
    get method() {
      return method;
    },
    get credentialSent() {
      return credentialSent;
    },
  };
}
