import { describe, expect, it } from 'vitest';
import { commandFor, credentialsOf, faultOf } from '../../../lib/cli/credential-faults.ts';
import { sections } from '../../../lib/config/schema.ts';
import type { CredentialReader, TokenReader } from '../../../lib/credentials/credential.ts';
import { CredentialError } from '../../../lib/credentials/errors.ts';
import { toZ85 } from '../../../lib/poll/gateway/zmtp/z85.ts';
import { configOf, target } from '../config/deployable.ts';

const o = { signal: new AbortController().signal };
const secret = (name: string) => ({ secret: name });
const file = { file: '/etc/vsweep/vc 1.yaml' };

/** A reader that answers, or throws, the same whatever is read. */
const reading = (answer: unknown) =>
  ({
    read: async () => {
      if (answer instanceof Error) throw answer;
      return { id: 'file:vc', proof: answer };
    },
    readToken: async () => {
      if (answer instanceof Error) throw answer;
      return answer;
    },
  }) as unknown as CredentialReader & TokenReader;

describe('the credentials of a configuration', () => {
  it('are those of all peers and of the page, each with what it has to be', () => {
    const config = configOf({
      targets: [target('vc01'), { name: 'alone', hosts: [{ name: 'esx1' }] }],
      esxi: { credentials: secret('esxi') },
      netbox: { url: 'https://netbox', token: secret('netbox') },
      push: { url: 'https://gw', credentials: secret('push') },
      otlp: { url: 'https://otlp', token: secret('otlp') },
    });
    const exporter = sections.exporter.parse({ token: secret('page') });
    const of = (all: ReturnType<typeof credentialsOf>) =>
      all.map(({ path, kind, source }) => [path, kind, source]);
    const peers = [
      ['targets[0].credentials', 'password', secret('vc01')],
      ['esxi.credentials', 'ssh', { ...secret('esxi'), scope: 'host' }],
      ['netbox.token', 'token', secret('netbox')],
      ['push.credentials', 'password', secret('push')],
      ['otlp.token', 'token', secret('otlp')],
    ];
    expect(of(credentialsOf(config))).toEqual(peers);
    expect(of(credentialsOf({ ...config, exporter }))).toEqual([
      ...peers,
      ['exporter.token', 'token', secret('page')],
    ]);
    const polls = { ...config.polls, curve: { secretKey: secret('curve') } };
    expect(of(credentialsOf({ ...config, polls } as typeof config))).toEqual([
      ...peers,
      ['polls.curve.secretKey', 'curve', secret('curve')],
    ]);
  });
});

describe('what is wrong with a credential', () => {
  const password = { kind: 'password', password: 'p' };
  const key = { kind: 'key', privateKey: 'nonsense' };

  it('is nothing where it is what it has to be', async () => {
    for (const kind of ['password', 'ssh'] as const)
      expect(await faultOf({ path: 'p', source: file, kind }, reading(password), o)).toBeUndefined();
    expect(await faultOf({ path: 'p', source: file, kind: 'token' }, reading('t'), o)).toBeUndefined();
    const secretKey = toZ85(Buffer.alloc(32, 7));
    expect(await faultOf({ path: 'p', source: file, kind: 'curve' }, reading(secretKey), o)).toBeUndefined();
  });

  it('is a key where a password is needed; what mends it is named where it is a file', async () => {
    const message = 'The credential file:vc holds a private key, and push.credentials needs a password.';
    const of = (source: typeof file | { secret: string }) =>
      faultOf({ path: 'push.credentials', source, kind: 'password' }, reading(key), o);
    expect(await of(secret('s'))).toEqual({ message });
    expect(await of(file)).toEqual({ message, command: `"\${EDITOR:-vi}" '/etc/vsweep/vc 1.yaml'` });
  });

  it('is a key of CURVE that is none', async () => {
    const curve = await faultOf({ path: 'p', source: secret('s'), kind: 'curve' }, reading('t'), o);
    expect(curve).toEqual({ message: expect.stringContaining('is not a secret key of CURVE') });
  });

  it('is what its reader says, but the reason of whoever stops it is thrown', async () => {
    const error = new CredentialError('file:vc', 'is missing', { code: 'not-found' });
    for (const kind of ['password', 'token'] as const)
      expect(await faultOf({ path: 'p', source: file, kind }, reading(error), o)).toEqual({
        message: 'The credential file:vc is missing',
        command: `install -D -m 600 /dev/null '/etc/vsweep/vc 1.yaml' && "\${EDITOR:-vi}" '/etc/vsweep/vc 1.yaml'`,
      });
    const stopped = AbortSignal.abort(new Error('stopped'));
    await expect(
      faultOf({ path: 'p', source: file, kind: 'token' }, reading(error), { signal: stopped }),
    ).rejects.toThrow('stopped');
  });

  it.each([
    ['insecure-file', "chmod 600 '/a b'"],
    ['unavailable', "ls -l '/a b'"],
    ['malformed', `"\${EDITOR:-vi}" '/a b'`],
  ] as const)('of the code %s is mended by %s', (code, command) => {
    expect(commandFor('/a b', new CredentialError('x', 'y', { code }))).toBe(command);
  });

  it('of another error is mended by an editor', () => {
    expect(commandFor('a', new Error('x'))).toBe(`"\${EDITOR:-vi}" a`);
  });
});
