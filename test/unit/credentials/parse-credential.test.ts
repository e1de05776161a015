import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readEnvironmentCredential } from '../../../lib/credentials/environment-credential.ts';
import { CredentialError } from '../../../lib/credentials/errors.ts';
import { parseCredentialJson } from '../../../lib/credentials/parse-credential.ts';
import { parseCredentialYaml } from '../../../lib/credentials/parse-credential-file.ts';

const SECRET = 'hunter2-do-not-print';

function faultOf(work: () => unknown): CredentialError {
  try {
    work();
  } catch (error) {
    if (error instanceof CredentialError) return error;
    throw error;
  }
  throw new Error('it was taken');
}

describe('parseCredentialJson', () => {
  it('reads a user with a password', () => {
    expect(parseCredentialJson('{"username":"root","password":"p","note":"x"}', 'secret:s')).toEqual({
      username: 'root',
      proof: { kind: 'password', password: 'p' },
    });
  });

  it('reads a user with a private key, with and without a passphrase', () => {
    expect(parseCredentialJson('{"username":"root","privateKey":"k"}', 'secret:s').proof).toEqual({
      kind: 'private-key',
      privateKey: 'k',
    });
    expect(
      parseCredentialJson('{"username":"root","privateKey":"k","passphrase":"p"}', 'secret:s').proof,
    ).toEqual({ kind: 'private-key', privateKey: 'k', passphrase: 'p' });
  });

  it.each([
    SECRET,
    `"${SECRET}"`,
    `["${SECRET}"]`,
    `{"${SECRET}": 1}`,
    `{"username": "root", "password": ["${SECRET}"]}`,
    `{"username": "root", "pasword": "${SECRET}"}`,
    `{"username": "", "password": "${SECRET}"}`,
    `{"username": "root", "password": "${SECRET}", "privateKey": "${SECRET}"}`,
    `{"username": "root", "password": "${SECRET}"`,
  ])('refuses %s and says nothing of the value', (json) => {
    const fault = faultOf(() => parseCredentialJson(json, 'secret:s'));
    expect(fault).toMatchObject({ code: 'malformed', retryable: false, credentialId: 'secret:s' });
    expect(fault.message).toContain('secret:s');
    expect(inspect(fault, { depth: 9 }).replace(/^ {4}at .*$/gm, '')).not.toContain(SECRET);
  });
});

describe('parseCredentialJson, of a wrong shape', () => {
  it.each([
    ['["a"]', 'has no keys and values'],
    ['{"username": "root", "password": 1}', 'has no text, or an empty one, in: password'],
    ['{"username": "", "privateKey": 1}', 'has no text, or an empty one, in: username, privateKey'],
  ])('says of %s what is wrong: %s', (json, what) => {
    const { message } = faultOf(() => parseCredentialJson(json, 'secret:s'));
    expect(message).toContain(`${what}. It must be`);
  });
});

describe('a credential of the wrong parts', () => {
  const SHAPES = 'It must be {"username", "password"} or {"username", "privateKey", "passphrase"?}.';
  const messageOf = (json: string) => faultOf(() => parseCredentialJson(json, 'secret:s')).message;

  it.each([
    ['no JSON', '{', `is not JSON. ${SHAPES}`],
    [
      'neither',
      '{"username":"a"}',
      `has no key "password" or "privateKey", written so ("pass" and "private_key" are not read). ${SHAPES}`,
    ],
    [
      'both',
      '{"username":"a","password":"b","privateKey":"c"}',
      'has both a password and a private key. Remove one: only one is ever tried.',
    ],
    [
      'another key for the user name',
      '{"user":"a","password":"b"}',
      `has no key "username", written so ("user", "login" and "Username" are not read). ${SHAPES}`,
    ],
    [
      'no text',
      '{"username":7,"passphrase":""}',
      `has no text, or an empty one, in: username, passphrase. ${SHAPES}`,
    ],
  ])('says what it should be: %s', (_what, json, said) => {
    expect(messageOf(json)).toBe(`The credential secret:s ${said}`);
  });

  it('of a file says how to write it', () => {
    const QUOTE =
      "Put the value in single quotes on one line and write a quote in it twice: password: 'it''s #1'";
    const said = (yaml: string) => faultOf(() => parseCredentialYaml(yaml, 'file:f')).message;
    expect(said('a: "b')).toBe(`The credential file:f is not YAML or JSON. ${SHAPES} ${QUOTE}.`);
    expect(said('username: root\npassword: a #b')).toBe(
      `The credential file:f has a "#" that starts a comment in YAML. ${QUOTE}; write a comment on its own line.`,
    );
    expect(said('username: root\npassword: [a]')).toBe(
      `The credential file:f has a value that is not plain text in: password. ${QUOTE}.`,
    );
    expect(said('username: root\nprivateKey: [a]')).toBe(
      `The credential file:f has a value that is not plain text in: privateKey. ${QUOTE}. Or write the key as it is, indented, below "privateKey: |".`,
    );
    expect(said('user: root\npassword: a')).toContain('has no key "username"');
    for (const none of ['', '- username', 'root', 'username=root']) {
      expect(said(none)).toBe(
        "The credential file:f has no keys and values. Write two lines: username: <name> and password: '<password>'.",
      );
    }
    expect(said('-----BEGIN OPENSSH PRIVATE KEY-----\nabc')).toContain('is a private key alone. Write');
    expect(said('username: root\npassword: a\n---\nusername: root')).toContain('has a second document');
  });

  it('with typographic quotes around a value is refused, unless they are in quotes themselves', () => {
    const { message } = faultOf(() => parseCredentialYaml('username: root\npassword: “s3cret”', 'file:f'));
    expect(message).toMatch(/begins with a typographic quote in: password\. Put the value in single quotes/);
    expect(message).not.toContain('s3cret');
    expect(parseCredentialYaml("username: root\npassword: '“s3cret”'", 'file:f').proof).toEqual({
      kind: 'password',
      password: '“s3cret”',
    });
  });
});

describe('parseCredentialYaml', () => {
  it('takes every scalar as it is written', () => {
    const proofOf = (password: string) =>
      parseCredentialYaml(`username: root\npassword: ${password}\n`, 'file:f').proof;
    for (const password of ['0123', '1e3', 'true', 'null', '0x10', '12:30', '2026-01-01']) {
      expect(proofOf(password)).toEqual({ kind: 'password', password });
    }
  });

  it('reads a key in a block and JSON alike', () => {
    expect(
      parseCredentialYaml('username: root\nprivateKey: |\n  line 1\n  line 2\n', 'file:f').proof,
    ).toEqual({
      kind: 'private-key',
      privateKey: 'line 1\nline 2\n',
    });
    expect(parseCredentialYaml('{"username": "root", "password": "p"}', 'file:f').username).toBe('root');
  });

  it('reads back any password that is written as JSON', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), (password) => {
        const text = JSON.stringify({ username: 'root', password });
        expect(parseCredentialYaml(text, 'file:f').proof).toEqual({ kind: 'password', password });
      }),
    );
  });

  it.each([
    'hunter2 #more',
    'hunter2\t#more',
    "'hunter2' # a note",
    '#hunter2',
    'hunter2\n  #more',
    'hunter2\n  more',
    '"hunter2\n  more"',
    '!hunter2',
    '!hunter2 more',
    '&hunter2 more',
    '*hunter2',
    '[hunter2]',
    '{hunter2: more}',
    '@hunter2',
    '%hunter2',
    '`hunter2',
    'hunter2: more',
    '"hunter2"more',
    '>-\n  hunter2\n  more',
    '|\n  hunter2',
    '\n  - hunter2',
  ])('refuses the password %j, which YAML would change, and says to quote it', (password) => {
    const fault = faultOf(() => parseCredentialYaml(`username: root\npassword: ${password}\n`, 'file:f'));
    expect(fault.code).toBe('malformed');
    expect(fault.message).toContain(
      "in single quotes on one line and write a quote in it twice: password: 'it''s #1'",
    );
    expect(fault.message).not.toContain('hunter2');
  });

  it('refuses a text without quotes in braces, which a comma would end', () => {
    const fault = faultOf(() => parseCredentialYaml('{ username: root, password: a,b }', 'file:f'));
    expect(fault.message).toContain('single quotes');
  });

  it('says how to write a private key that is folded', () => {
    const fault = faultOf(() => parseCredentialYaml('username: root\nprivateKey: >\n  a\n  b\n', 'file:f'));
    expect(fault.message).toContain('below "privateKey: |"');
  });

  it('takes a comment on a line of its own, and a "#" in the middle of a text', () => {
    const text = '# of vc01\nusername: root\n# since May\npassword: a#b\n# the end';
    expect(parseCredentialYaml(text, 'file:f').proof).toEqual({ kind: 'password', password: 'a#b' });
  });

  it('reads any password in single quotes, and any without them whole or not at all', () => {
    const line = fc.string({ minLength: 1, unit: fc.constantFrom(...'ab01 #:\'"\\[]{},&*!|>%@`-?~\t') });
    fc.assert(
      fc.property(line, (password) => {
        const passwordIn = (value: string) => {
          const { proof } = parseCredentialYaml(`username: root\npassword: ${value}\n`, 'file:f');
          return proof.kind === 'password' ? proof.password : undefined;
        };
        expect(passwordIn(`'${password.replaceAll("'", "''")}'`)).toBe(password);
        if (/^\s*["']/.test(password)) return;
        let read: string | undefined;
        try {
          read = passwordIn(password);
        } catch (error) {
          expect(error).toBeInstanceOf(CredentialError);
          return;
        }
        expect(read).toBe(password.trim());
      }),
      { numRuns: 2_000 },
    );
  });

  it('refuses what is no YAML, a bomb of aliases included, without quoting it', () => {
    const bomb = `a: &a [${SECRET}]\n${[...'bcdefghij'].map((name, i) => `${name}: &${name} [${`*${'abcdefghi'[i]},`.repeat(9)}]`).join('\n')}`;
    for (const text of [`username: "${SECRET}`, `a: b: ${SECRET}`, bomb]) {
      const fault = faultOf(() => parseCredentialYaml(text, 'file:f'));
      expect(fault.code).toBe('malformed');
      expect(fault.message).not.toContain(SECRET);
      expect(fault.cause).toBeUndefined();
    }
  });
});

describe('a part of a credential that was hardly meant', () => {
  const PLACEHOLDERS = [
    '$VC_PASSWORD',
    '$_1',
    `\${VC_PASSWORD}`,
    `\${A:-b}`,
    '{{ vault.pw }}',
    '<password>',
    ' $X ',
  ];
  const account = (part: string, value: string) =>
    JSON.stringify({
      username: 'root',
      [part === 'passphrase' ? 'privateKey' : 'password']: 'x',
      [part]: value,
    });

  it.each(['username', 'password', 'passphrase'])(
    'a placeholder as the %s is refused, and not sent',
    (part) => {
      for (const value of PLACEHOLDERS) {
        const { message, code } = faultOf(() => parseCredentialJson(account(part, value), 'secret:s'));
        expect(code).toBe('malformed');
        expect(message).toContain(
          `or <name> in: ${part}. vsweep replaces none: write the value itself. If these`,
        );
        if (!`$NAME \${NAME}`.includes(value.trim())) expect(message).not.toContain(value.trim());
      }
    },
  );

  it.each([
    '$',
    '$$',
    '$5a',
    '$abc',
    '$Abc1',
    '$AB-C',
    'x$AB',
    `\${A}b`,
    '<a',
    '<a>b',
    'a<b>',
    '<>',
    '{{}}',
    '{a}',
  ])('the password %j is taken as it is, as no variable or placeholder', (password) => {
    expect(parseCredentialJson(account('password', password), 'secret:s').proof).toMatchObject({ password });
  });

  it('is taken where the credential says that it is literal, in a file, a secret and the environment', () => {
    const value = { username: ' u', proof: { kind: 'password', password: '$AB1' } };
    const json = (literal: unknown) => JSON.stringify({ username: ' u', password: '$AB1', literal });
    expect(parseCredentialJson(json(true), 'secret:s')).toEqual(value);
    expect(parseCredentialJson(json('true'), 'secret:s')).toEqual(value);
    expect(parseCredentialYaml("username: ' u'\npassword: $AB1\nliteral: true", 'file:f')).toEqual(value);
    const env = { A_USER: ' u', A_PASSWORD: '$AB1' };
    expect(readEnvironmentCredential({ ...env, A_LITERAL: 'true' }, 'A', 'env:A')).toEqual(value);
    expect(() => readEnvironmentCredential(env, 'A', 'env:A')).toThrow('set A_LITERAL to true');
  });

  it.each([false, 'yes', 1])('literal: %j is refused', (literal) => {
    const text = JSON.stringify({ username: 'u', password: 'x', literal });
    expect(() => parseCredentialJson(text, 'secret:s')).toThrow('Write true, or leave it out');
  });

  it.each([' u', 'u ', 'u\t'])('a blank beside the user %j is refused', (username) => {
    expect(() => parseCredentialJson(JSON.stringify({ username, password: ' x ' }), 'secret:s')).toThrow(
      'has a blank at the beginning or the end of: username. Remove it.',
    );
  });
});
