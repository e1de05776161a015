import type { AnyAuthMethod, KeyboardInteractiveAuthMethod, Prompt } from 'ssh2';
import { describe, expect, it } from 'vitest';
import type { Credential, Proof } from '../../../lib/credentials/credential.ts';
import { createAuthAttempt } from '../../../lib/esxi/authentication.ts';

const PASSWORD = 'correct horse';
const credential = (proof: Proof): Credential => ({ id: 'env:ESXI', version: 'v1', username: 'root', proof });
const secret: Prompt = { prompt: 'Password: ', echo: false };

function attemptWithPassword() {
  const refusals: string[] = [];
  const attempt = createAuthAttempt(credential({ kind: 'password', password: PASSWORD }), (why) =>
    refusals.push(why),
  );
  return { attempt, refusals };
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
  it('prefers keyboard-interactive where both are offered, and never proposes a second method', () => {
    const { attempt } = attemptWithPassword();
    expect(attempt.choose(['publickey', 'password', 'keyboard-interactive'])).toMatchObject({
      type: 'keyboard-interactive',
    });
    expect(attempt.choose(['password'])).toBe(false);
    expect(attempt.method).toBe('keyboard-interactive');
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
    expect(refusals).toHaveLength(1);
  });

  it('never answers a prompt that shows its answer, nor anything after it', () => {
    const { answers, refusals, attempt } = play([[{ prompt: 'Name: ', echo: true }], [secret]]);
    expect(answers).toEqual([undefined, undefined]);
    expect(refusals).toHaveLength(1);
    expect(attempt.credentialSent).toBe(false);
  });

  it('never answers two prompts at once', () => {
    const { answers, attempt } = play([[secret, secret]]);
    expect(answers).toEqual([undefined]);
    expect(attempt.credentialSent).toBe(false);
  });

  it('says what is wrong with a private key without showing it', () => {
    const wrong = credential({ kind: 'private-key', privateKey: '-----BEGIN NOTHING-----\nc2VjcmV0' });
    const create = () => createAuthAttempt(wrong, () => undefined);
    expect(create).toThrow(expect.objectContaining({ code: 'auth', credentialSent: false }));
    expect(create).toThrow(/^the private key of env:ESXI cannot be used/);
    expect(create).not.toThrow(/c2VjcmV0/);
  });
});
