import fc from 'fast-check';
import type { AnyAuthMethod, KeyboardInteractiveAuthMethod, ParsedKey, Prompt } from 'ssh2';
import ssh2 from 'ssh2';
import { describe, expect, it } from 'vitest';
import type { Credential, Proof } from '../../../lib/credentials/credential.ts';
import { createAuthAttempt, readPrivateKey } from '../../../lib/esxi/authentication.ts';

const PASSWORD = 'correct horse';
const credential = (proof: Proof): Credential => ({ id: 'env:ESXI', version: 'v1', username: 'root', proof });
const secret: Prompt = { prompt: 'Password: ', echo: false };

const { private: PRIVATE_KEY, public: PUBLIC_KEY } = ssh2.utils.generateKeyPairSync('ecdsa', { bits: 256 });

function attemptWith(proof: Proof, maySend?: () => boolean) {
  const refusals: string[] = [];
  const attempt = createAuthAttempt(credential(proof), (why) => refusals.push(why), maySend);
  return { attempt, refusals };
}

const attemptWithPassword = (maySend?: () => boolean) =>
  attemptWith({ kind: 'password', password: PASSWORD }, maySend);

const attemptWithKey = (maySend?: () => boolean) =>
  attemptWith({ kind: 'private-key', privateKey: PRIVATE_KEY }, maySend);

/** The key that ssh2 is given to sign with. */
function keyOf(method: AnyAuthMethod | false): ParsedKey {
  if (method === false || method.type !== 'publickey') throw new Error('not publickey');
  return method.key as ParsedKey;
}

/** What one prompt is answered with; undefined where it is not. */
function answerTo(method: AnyAuthMethod | false): string[] | undefined {
  let answered: string[] | undefined;
  asInteractive(method).prompt('', '', '', [secret], (given) => {
    answered = given;
  });
  return answered;
}

/** Plays rounds of prompts and gives what was answered to each; undefined where nothing was. */
function play(rounds: Prompt[][]) {
  const { attempt, refusals } = attemptWithPassword();
  const chosen = attempt.choose(['keyboard-interactive']);
  const answers = rounds.map((prompts) => {
    let answered: string[] | undefined;
    asInteractive(chosen).prompt('', '', '', prompts, (given) => {
      answered = given;
    });
    return answered;
  });
  return { answers, refusals, attempt };
}

function asInteractive(method: AnyAuthMethod | false): KeyboardInteractiveAuthMethod {
  if (method === false || method.type !== 'keyboard-interactive') throw new Error('not interactive');
  return method as KeyboardInteractiveAuthMethod;
}

describe('createAuthAttempt', () => {
  it('prefers keyboard-interactive where both are offered, and proposes nothing once it answered with the password', () => {
    const { attempt } = attemptWithPassword();
    const chosen = attempt.choose(['publickey', 'password', 'keyboard-interactive']);
    expect(answerTo(chosen)).toEqual([PASSWORD]);
    expect(attempt.choose(['password'])).toBe(false);
    expect(attempt.method).toBe('keyboard-interactive');
  });

  it('sends the password by the other method, once, to a host that ended keyboard-interactive without a question', () => {
    const { attempt } = attemptWithPassword();
    const offered = ['password', 'keyboard-interactive'];
    expect(attempt.choose(offered)).toMatchObject({ type: 'keyboard-interactive' });
    expect(attempt.credentialSent).toBe(false);
    expect(attempt.choose(offered)).toMatchObject({ type: 'password', password: PASSWORD });
    expect(attempt).toMatchObject({ method: 'password', credentialSent: true });
    expect(attempt.choose(offered)).toBe(false);
  });

  it('sends no password after a method that the host took as a first factor without a question', () => {
    const { attempt } = attemptWithPassword();
    expect(attempt.choose(['password', 'keyboard-interactive'])).toMatchObject({
      type: 'keyboard-interactive',
    });
    expect(attempt.choose(['password'], true)).toBe(false);
    expect(attempt.choose(['password'])).toBe(false);
    expect(attempt.credentialSent).toBe(false);
  });

  it('does not go on by password after a question that it may not answer', () => {
    const { attempt } = attemptWithPassword();
    const chosen = asInteractive(attempt.choose(['password', 'keyboard-interactive']));
    chosen.prompt('', '', '', [{ prompt: 'Name: ', echo: true }], () => undefined);
    expect(attempt.choose(['password', 'keyboard-interactive'])).toBe(false);
    expect(attempt.credentialSent).toBe(false);
  });

  it('hands out one secret at most, whatever a host offers and asks', () => {
    const method = fc.constantFrom('password', 'keyboard-interactive', 'publickey', 'none');
    const prompts = fc.array(fc.record({ prompt: fc.string(), echo: fc.boolean() }), { maxLength: 3 });
    const step = fc.record({ offered: fc.array(method), rounds: fc.array(prompts, { maxLength: 3 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 6 }), (steps) => {
        const { attempt } = attemptWithPassword();
        let secrets = 0;
        for (const { offered, rounds } of steps) {
          const chosen = attempt.choose(offered);
          if (chosen === false || typeof chosen === 'string') continue;
          if (chosen.type === 'password') secrets += 1;
          if (chosen.type !== 'keyboard-interactive') continue;
          for (const round of rounds)
            asInteractive(chosen).prompt('', '', '', round, (given) => {
              secrets += given.filter((one) => one === PASSWORD).length;
            });
        }
        expect(secrets).toBeLessThanOrEqual(1);
        expect(attempt.credentialSent).toBe(secrets === 1);
      }),
    );
  });

  it('uses password where it is the only one that fits', () => {
    const { attempt } = attemptWithPassword();
    expect(attempt.choose(['publickey', 'password'])).toEqual({
      type: 'password',
      username: 'root',
      password: PASSWORD,
    });
    expect(attempt.credentialSent).toBe(true);
  });

  it('sends nothing where no offered method fits', () => {
    const { attempt } = attemptWithPassword();
    expect(attempt.choose(['publickey', 'hostbased'])).toBe(false);
    expect(attempt.choose(['password'])).toBe(false);
    expect(attempt).toMatchObject({ method: undefined, credentialSent: false });
  });

  it('answers rounds without prompts with nothing and one hidden prompt with the password', () => {
    const { answers, refusals, attempt } = play([[], [secret], []]);
    expect(answers).toEqual([[], [PASSWORD], []]);
    expect(refusals).toEqual([]);
    expect(attempt.credentialSent).toBe(true);
  });

  it('ends at a second hidden prompt without an answer', () => {
    const { answers, refusals } = play([[secret], [{ prompt: 'New password: ', echo: false }]]);
    expect(answers).toEqual([[PASSWORD], undefined]);
    expect(refusals).toEqual(['asks for a second secret (an expired password?)']);
  });

  it('never answers a prompt that shows its answer, nor anything after it', () => {
    const { answers, refusals, attempt } = play([[{ prompt: 'Name: ', echo: true }], [secret]]);
    expect(answers).toEqual([undefined, undefined]);
    expect(refusals).toEqual(['asks for something other than a password']);
    expect(attempt.credentialSent).toBe(false);
  });

  it('never answers two prompts at once', () => {
    const { answers, refusals, attempt } = play([[secret, secret]]);
    expect(answers).toEqual([undefined]);
    expect(refusals).toEqual(['asks 2 questions at once']);
    expect(attempt.credentialSent).toBe(false);
  });

  it('hands out no secret once the login is over', () => {
    const password = attemptWithPassword().attempt;
    password.end();
    expect(password.choose(['password', 'keyboard-interactive'])).toBe(false);

    const interactive = attemptWithPassword().attempt;
    const chosen = interactive.choose(['keyboard-interactive']);
    interactive.end();
    expect(answerTo(chosen)).toBeUndefined();

    const withKey = attemptWithKey().attempt;
    const key = keyOf(withKey.choose(['publickey']));
    withKey.end();
    expect(key.sign('data')).toEqual(new Error('the login has ended'));
    expect([password, interactive, withKey].map(({ credentialSent }) => credentialSent)).toEqual([
      false,
      false,
      false,
    ]);
  });

  it('hands out no secret that must not be sent any more in the moment before it goes out', () => {
    const late = () => false;
    const password = attemptWithPassword(late).attempt;
    expect(password.choose(['password'])).toBe(false);
    const interactive = attemptWithPassword(late).attempt;
    expect(answerTo(interactive.choose(['keyboard-interactive']))).toBeUndefined();
    const withKey = attemptWithKey(late).attempt;
    expect(keyOf(withKey.choose(['publickey'])).sign('data')).toEqual(
      new Error('the time for the login is over'),
    );
    expect([password, interactive, withKey].map(({ credentialSent }) => credentialSent)).toEqual([
      false,
      false,
      false,
    ]);
  });

  it('signs once', () => {
    const { attempt } = attemptWithKey();
    const key = keyOf(attempt.choose(['publickey']));
    expect(key.sign('data')).toBeInstanceOf(Buffer);
    expect(attempt.credentialSent).toBe(true);
    expect(key.sign('data')).toEqual(new Error('a second signature was asked for'));
    expect(attempt.choose(['publickey'])).toBe(false);
  });

  it('never proposes the password of an account that has a key', () => {
    const { attempt } = attemptWithKey();
    expect(attempt.choose(['password', 'keyboard-interactive'])).toBe(false);
    expect(attempt.method).toBeUndefined();
  });

  it('says what is wrong with a private key without showing it', () => {
    const wrong = credential({ kind: 'private-key', privateKey: '-----BEGIN NOTHING-----\nc2VjcmV0' });
    const create = () => createAuthAttempt(wrong, () => undefined);
    expect(create).toThrow(expect.objectContaining({ code: 'auth', credentialSent: false }));
    expect(create).toThrow(/^the private key of env:ESXI cannot be used/);
    expect(create).not.toThrow(/c2VjcmV0/);
  });
});

describe('readPrivateKey', () => {
  it('opens a key once for all hosts', () => {
    const shared = credential({ kind: 'private-key', privateKey: PRIVATE_KEY });
    expect(readPrivateKey(shared)).toBe(readPrivateKey(shared));
    expect(readPrivateKey(credential({ kind: 'password', password: PASSWORD }))).toBeUndefined();
  });

  it('says of a public key what it is and what to give in its place', () => {
    const open = () => readPrivateKey(credential({ kind: 'private-key', privateKey: PUBLIC_KEY }));
    expect(open).toThrow(
      'the private key of env:ESXI cannot be used: it holds a public key only; convert it to OpenSSH format (ssh-keygen -p) and set its passphrase',
    );
  });
});
