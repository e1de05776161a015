import ssh2, { type AuthContext } from 'ssh2';
import { describe, expect, it } from 'vitest';
import type { DemoSshBehaviour } from '../../../lib/demo/esxi-sshd.ts';
import { newHostKey, type OddServerScript, startOddServer } from '../../support/ssh/odd-server.ts';
import { exchangeKeysWith, packet, sendPayload, string } from '../../support/ssh/raw-packets.ts';
import { ask, credentialWith, failureOf, startHost, USER } from './demo-fleet.ts';

type Authentication = NonNullable<OddServerScript['onAuthentication']>;

const CHECK_ACCOUNT = "check the user name, the password or key, and the account's shell access";
const OVERLOADED = 'check whether the host is overloaded';
const ADDRESS_REMEDY = "check that this is the address and port of the host's ssh service";

const quick = { connectMs: 5_000, loginMs: 300, commandMs: 5_000 };
const key = ssh2.utils.generateKeyPairSync('ecdsa', { bits: 256 });
const withKey = { credential: credentialWith({ kind: 'private-key', privateKey: key.private }) };

const offersOnly =
  (...methods: readonly string[]): Authentication =>
  (context) =>
    context.reject(methods as Parameters<AuthContext['reject']>[0]);

/** A prompt for the password, and what happens when its answer has come. */
const answered =
  (onAnswer: Authentication): Authentication =>
  (context, connection, socket) => {
    if (context.method !== 'keyboard-interactive') context.reject(['keyboard-interactive']);
    else context.prompt([{ prompt: 'Password: ', echo: false }], () => onAnswer(context, connection, socket));
  };

/** RFC 4252, 8: SSH_MSG_USERAUTH_PASSWD_CHANGEREQ. */
const passwordChangeRequest = Buffer.concat([Buffer.from([60]), string('Expired'), string('')]);

/** What stands behind the account and its host in the message. */
async function told(
  server: { readonly address: string; readonly port: number },
  request: Parameters<typeof ask>[1] = {},
  deps: Parameters<typeof ask>[2] = {},
): Promise<{ said: string; code: string; sent: boolean; answered: boolean }> {
  const { address, port } = server;
  const error = await failureOf(
    ask(server, { target: { host: address, port }, command: 'true', ...request }, deps),
  );
  const start = `${USER}@${address}:${port}: `;
  expect(error.message.slice(0, start.length)).toBe(start);
  const { credentialSent: sent, hostAnswered } = error.login;
  return { said: error.message.slice(start.length), code: error.code, sent, answered: hostAnswered };
}

describe('runCommand says of a login, and what to do, that', () => {
  it.each<[string, Authentication, Awaited<ReturnType<typeof told>>]>([
    [
      'the host refused the password',
      answered((context) => context.reject(['keyboard-interactive'])),
      {
        said: `the host refused the keyboard-interactive login; ${CHECK_ACCOUNT}`,
        code: 'auth',
        sent: true,
        answered: true,
      },
    ],
    [
      'the host refused it before it asked',
      offersOnly('keyboard-interactive'),
      {
        said: `the host refused the keyboard-interactive login before it asked for a password, and offers keyboard-interactive; ${CHECK_ACCOUNT}`,
        code: 'auth',
        sent: false,
        answered: false,
      },
    ],
    [
      'the host refused the password after it had asked for nothing in a conversation',
      offersOnly('keyboard-interactive', 'password'),
      {
        said: `the host refused the password login; ${CHECK_ACCOUNT}`,
        code: 'auth',
        sent: true,
        answered: true,
      },
    ],
    [
      'the host refused it by the other method',
      offersOnly('password'),
      {
        said: `the host refused the password login; ${CHECK_ACCOUNT}`,
        code: 'auth',
        sent: true,
        answered: true,
      },
    ],
    [
      'the host asks for more than the password',
      answered((context) => context.reject(['publickey'], true)),
      {
        said: `the host asks for a second factor; ${CHECK_ACCOUNT}`,
        code: 'auth',
        sent: true,
        answered: true,
      },
    ],
    [
      'the password has expired',
      (context, connection) => {
        if (context.method === 'password') sendPayload(connection, passwordChangeRequest);
        else context.reject(['password']);
      },
      {
        said: `the host asks for a new password; ${CHECK_ACCOUNT}`,
        code: 'auth',
        sent: true,
        answered: true,
      },
    ],
    [
      'the host offers no method that fits',
      offersOnly('publickey', 'host\x1bbased'),
      {
        said: `the host offers no login by password, only by publickey, host based; ${CHECK_ACCOUNT}`,
        code: 'auth',
        sent: false,
        answered: false,
      },
    ],
    [
      'the host offers no method at all',
      (context, connection) => {
        if (context.method === 'none') sendPayload(connection, packet.authFailure(''));
      },
      {
        said: `the host offers no way to log in; ${CHECK_ACCOUNT}`,
        code: 'auth',
        sent: false,
        answered: false,
      },
    ],
    [
      'the host does not ask for the credential',
      (context) => context.accept(),
      {
        said: `the host accepts a login without any credential; ${CHECK_ACCOUNT}`,
        code: 'auth',
        sent: false,
        answered: false,
      },
    ],
    [
      'the host ended it before the password',
      (_context, connection) => sendPayload(connection, packet.disconnect(14, 'no more\x07methods')),
      {
        said: `the host ended the login (no more methods); ${CHECK_ACCOUNT}`,
        code: 'auth',
        sent: false,
        answered: false,
      },
    ],
    [
      'the host ended it after the password, in order',
      answered((_context, connection) => sendPayload(connection, packet.disconnect(2, 'Too many'))),
      {
        said: `the connection ended after the credential was sent (Too many); ${CHECK_ACCOUNT}`,
        code: 'auth',
        sent: true,
        answered: true,
      },
    ],
    [
      'the host hung up after the password',
      answered((_context, _connection, socket) => void socket.end()),
      {
        said: `the connection ended after the credential was sent (the host closed the connection); ${CHECK_ACCOUNT}`,
        code: 'auth',
        sent: true,
        answered: false,
      },
    ],
    [
      'the host hung up before the password',
      (_context, _connection, socket) => void socket.end(),
      {
        said: `the ssh conversation failed before the login (the host closed the connection); ${ADDRESS_REMEDY}`,
        code: 'banner',
        sent: false,
        answered: false,
      },
    ],
    [
      'the host shows another key meanwhile',
      (_context, connection) => exchangeKeysWith(connection, newHostKey()),
      {
        said: 'it presents a second host key in the same connection; check for a machine in the middle of the connection',
        code: 'hostkey',
        sent: false,
        answered: false,
      },
    ],
  ])('%s', async (_what, onAuthentication, expected) => {
    await using server = await startOddServer({ onAuthentication });
    expect(await told(server)).toEqual(expected);
  });

  it.each<[string, Authentication, string, boolean]>([
    [
      'the host does not know the key',
      offersOnly('publickey'),
      'the host does not take the key (RSA keys sign with SHA-512 or SHA-256 only); nothing was signed',
      false,
    ],
    [
      'the host offers none by a key',
      offersOnly('password'),
      'the host offers no login by private-key, only by password',
      false,
    ],
    [
      'the host refused the signature',
      (context) => {
        if (context.method === 'publickey' && context.signature === undefined) context.accept();
        else context.reject(['publickey']);
      },
      'the host refused the publickey login',
      true,
    ],
    [
      'the host asks for more than the signature',
      (context) => {
        if (context.method !== 'publickey') context.reject(['publickey']);
        else if (context.signature === undefined) context.accept();
        else context.reject(['password'], true);
      },
      'the host asks for a second factor',
      true,
    ],
  ])('%s', async (_what, onAuthentication, what, sent) => {
    await using server = await startOddServer({ onAuthentication });
    expect(await told(server, withKey)).toEqual({
      said: `${what}; ${CHECK_ACCOUNT}`,
      code: 'auth',
      sent,
      answered: sent,
    });
  });

  it.each<[string, readonly { text: string; echo: boolean }[], string]>([
    [
      'it is asked for a name',
      [{ text: 'Name: ', echo: true }],
      'the host asks for something other than a password',
    ],
    [
      'it is asked for two things',
      [
        { text: 'Password: ', echo: false },
        { text: 'Code: ', echo: false },
      ],
      'the host asks 2 questions at once',
    ],
  ])('%s', async (_what, prompts, what) => {
    await using server = await startOddServer({
      onAuthentication: (context, connection) => {
        if (context.method === 'none') context.reject(['keyboard-interactive']);
        else sendPayload(connection, packet.prompts(...prompts));
      },
    });
    expect(await told(server)).toEqual({
      said: `${what}; ${CHECK_ACCOUNT}`,
      code: 'auth',
      sent: false,
      answered: false,
    });
  });

  it.each<[DemoSshBehaviour, string, string, boolean]>([
    ['silent', 'banner', `no ssh banner arrived in time; ${ADDRESS_REMEDY}`, false],
    ['hangs-after-password', 'timeout', `the login timed out; ${OVERLOADED}`, true],
  ])('its time was over on a host that is %s', async (behaviour, code, said, sent) => {
    await using demo = await startHost(behaviour);
    const server = { address: '127.0.61.1', port: demo.port };
    expect(await told(server, { timeouts: quick })).toEqual({ said, code, sent, answered: false });
  });

  it('its time was over while the host key was looked up', async () => {
    await using server = await startOddServer();
    const never = () => new Promise<boolean>(() => undefined);
    const what = 'the time for the login was over when the host key was looked up; no password was sent';
    expect(await told(server, { timeouts: quick }, { verifyHostKey: never })).toEqual({
      said: `${what}; ${OVERLOADED}`,
      code: 'timeout',
      sent: false,
      answered: false,
    });
  });

  it.each<[string, () => Promise<boolean | { what: string; remedy: string }>, string, RegExp]>([
    [
      'is not the pinned one',
      async () => false,
      'hostkey',
      /^its ecdsa-sha2-nistp256 key SHA256:\S{43} is not the pinned one; no password was sent. If the host was reinstalled, compare and accept its new key$/,
    ],
    [
      'is objected to',
      async () => ({ what: 'its key is on a list', remedy: 'take it off' }),
      'hostkey',
      /^its key is on a list; take it off$/,
    ],
    [
      'cannot be looked up',
      () => Promise.reject(new Error('no table')),
      'state',
      /^its host key could not be checked: no table; no password was sent. Check the state table$/,
    ],
  ])('the host key %s', async (_what, verifyHostKey, code, said) => {
    const requests: string[] = [];
    await using server = await startOddServer({
      onAuthentication: (context) => void requests.push(context.method),
    });
    expect(await told(server, {}, { verifyHostKey })).toEqual({
      said: expect.stringMatching(said),
      code,
      sent: false,
      answered: false,
    });
    expect(requests).toEqual([]);
  });
});
