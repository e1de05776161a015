import { describe, expect, it } from 'vitest';
import {
  type CredentialReaderOptions,
  createCredentialReader,
} from '../../../lib/credentials/credential-reader.ts';

import { createSecretReader, keepOne } from '../../../lib/credentials/secret-reader.ts';

const KEY = new Uint8Array(32).fill(7);
const { signal } = new AbortController();

function reader(options: Partial<CredentialReaderOptions>) {
  return createCredentialReader({
    env: {},
    readFile: () => Promise.reject(Object.assign(new Error('ENOENT: no such file'), { code: 'ENOENT' })),
    secretsManager: () => Promise.reject(new Error('no secret was asked for')),
    versionKey: async () => KEY,
    ...options,
  });
}

const fromEnv = (env: Record<string, string | undefined>) => reader({ env }).read({ env: 'ESX' }, { signal });

describe('a credential of the environment', () => {
  it('is the user with the password, under a stable id', async () => {
    expect(await fromEnv({ ESX_USER: 'root', ESX_PASSWORD: 'p' })).toEqual({
      id: 'env:ESX',
      version: expect.stringMatching(/^[0-9a-f]{32}$/),
      username: 'root',
      proof: { kind: 'password', password: 'p' },
    });
  });

  it('is the user with the private key and its passphrase', async () => {
    const { proof } = await fromEnv({ ESX_USER: 'root', ESX_PRIVATE_KEY: 'k', ESX_PASSPHRASE: 'p' });
    expect(proof).toEqual({ kind: 'private-key', privateKey: 'k', passphrase: 'p' });
  });

  it('loses the end of line at its end, and none within it', async () => {
    const { proof } = await fromEnv({ ESX_USER: 'root', ESX_PRIVATE_KEY: 'one\r\ntwo\r\n' });
    expect(proof).toMatchObject({ privateKey: 'one\r\ntwo' });
  });

  it('is found whatever the case of the names, the exact spelling first', async () => {
    expect(await fromEnv({ esx_user: 'root', Esx_Password: 'p' })).toMatchObject({ username: 'root' });
    expect(await fromEnv({ esx_user: 'other', ESX_USER: 'root', ESX_PASSWORD: 'p' })).toMatchObject({
      username: 'root',
    });
    expect(
      await fromEnv({ esx_user: '', Esx_User: 'root', esX_user: 'root', ESX_PASSWORD: 'p' }),
    ).toMatchObject({
      username: 'root',
    });
  });

  it('is refused when two spellings disagree', async () => {
    await expect(fromEnv({ esx_user: 'a', Esx_User: 'b', ESX_PASSWORD: 'p' })).rejects.toMatchObject({
      code: 'malformed',
      message:
        'The credential env:ESX is ambiguous: esx_user and Esx_User differ only by case and hold different values. ' +
        'Unset all but one.',
    });
  });

  it('says which variables to set, an empty one counting as unset', async () => {
    await expect(fromEnv({ ESX_USER: '' })).rejects.toMatchObject({
      code: 'not-found',
      message:
        'The credential env:ESX is not set: set ESX_USER and ESX_PASSWORD in the environment. ' +
        'Only the account of the section "esxi" may have ESX_PRIVATE_KEY instead of a password.',
    });
    await expect(fromEnv({ ESX_PASSWORD: 'p' })).rejects.toMatchObject({
      message: 'The credential env:ESX is not set: set ESX_USER in the environment.',
    });
    await expect(fromEnv({ ESX_USER: 'root' })).rejects.toThrow('set ESX_PASSWORD in the environment. Only');
    await expect(fromEnv({ ESX_PRIVATE_KEY: 'k' })).rejects.toThrow('set ESX_USER in the environment.');
  });

  it('is refused with both a password and a private key', async () => {
    await expect(
      fromEnv({ ESX_USER: 'root', ESX_PASSWORD: 'p', ESX_PRIVATE_KEY: 'k' }),
    ).rejects.toMatchObject({ code: 'malformed' });
  });
});

describe('the version of a credential without one', () => {
  const versionOf = async (env: Record<string, string>, key = KEY) =>
    (await reader({ env, versionKey: async () => key }).read({ env: 'ESX' }, { signal })).version;
  const password = { ESX_USER: 'root', ESX_PASSWORD: 'p' };

  it('changes with the value and with the key, and with nothing else', async () => {
    const version = await versionOf(password);
    expect(await versionOf({ ...password, OTHER: 'x' })).toBe(version);
    const others = [
      await versionOf({ ...password, ESX_PASSWORD: 'q' }),
      await versionOf({ ...password, ESX_USER: 'admin' }),
      await versionOf({ ESX_USER: 'root', ESX_PRIVATE_KEY: 'p' }),
      await versionOf({ ESX_USER: 'root', ESX_PRIVATE_KEY: 'p', ESX_PASSPHRASE: 'x' }),
      await versionOf(password, new Uint8Array(32)),
    ];
    expect(new Set([version, ...others]).size).toBe(6);
  });

  it('is the same from the environment and from a file', async () => {
    const file = await reader({
      readFile: async () => ({ text: 'username: root\npassword: p', mode: 0o100600 }),
    }).read({ file: 'f' }, { signal });
    expect(file).toMatchObject({ id: 'file:f', version: await versionOf(password) });
  });

  it('is given when it is asked for, and refused when the value has changed since', async () => {
    const version = await versionOf(password);
    const asked = reader({ env: password }).read({ env: 'ESX' }, { signal, version });
    expect((await asked).version).toBe(version);
    await expect(
      reader({ env: { ...password, ESX_PASSWORD: 'new' } }).read({ env: 'ESX' }, { signal, version }),
    ).rejects.toMatchObject({
      code: 'not-found',
      message: 'The credential env:ESX changed during this run. The next run uses the new value.',
      credentialId: 'env:ESX',
      name: 'CredentialError',
    });
  });
});

describe('a credential of a file', () => {
  const withMode = (mode: number) =>
    reader({ readFile: async () => ({ text: 'username: root\npassword: p', mode }) }).read(
      { file: '/etc/vsweep/esxi.yaml' },
      { signal },
    );

  it.each([0o100600, 0o100400])('is read when only its owner can (%o)', async (mode) => {
    expect(await withMode(mode)).toMatchObject({ username: 'root' });
  });

  it.each([0o100640, 0o100604, 0o100620, 0o100602, 0o100644])(
    'is refused when others can use it (%o)',
    async (mode) => {
      await expect(withMode(mode)).rejects.toMatchObject({
        code: 'insecure-file',
        message:
          'The credential file:/etc/vsweep/esxi.yaml can be read or changed by other users. ' +
          'Run: chmod 600 /etc/vsweep/esxi.yaml',
      });
    },
  );

  it.each(['\0', '\ufffd'])(
    'is refused when it was no UTF-8, whose password would be wrong: %j',
    async (odd) => {
      const readFile = async () => ({ text: `username: root\npassword: p${odd}`, mode: 0o100600 });
      await expect(reader({ readFile }).read({ file: 'f' }, { signal })).rejects.toMatchObject({
        code: 'malformed',
        message: expect.stringContaining('is not UTF-8. Save it as UTF-8'),
      });
    },
  );

  it('is not found when there is no such file, and unavailable when it cannot be read', async () => {
    await expect(reader({}).read({ file: 'f' }, { signal })).rejects.toMatchObject({
      code: 'not-found',
      message: 'The credential file:f cannot be read: ENOENT: no such file. Check its path and its owner.',
    });
    for (const odd of [{ code: 'ENOENT' }, new Error('ENOENT'), 'ENOENT']) {
      await expect(
        reader({ readFile: () => Promise.reject(odd) }).read({ file: 'f' }, { signal }),
      ).rejects.toMatchObject({ code: 'unavailable' });
    }
    const denied = Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' });
    await expect(
      reader({ readFile: () => Promise.reject(denied) }).read({ file: 'f' }, { signal }),
    ).rejects.toMatchObject({ code: 'unavailable', retryable: false });
  });

  it('gives the reason of the signal when it was aborted', async () => {
    const reason = new Error('enough');
    await expect(reader({}).read({ file: 'f' }, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const env = { ESX_USER: 'root', ESX_PASSWORD: 'p' };
    await expect(reader({ env }).read({ env: 'ESX' }, { signal: AbortSignal.abort(reason) })).rejects.toBe(
      reason,
    );
    const during = new AbortController();
    const readFile = async () => {
      during.abort(reason);
      throw new Error('EINTR');
    };
    await expect(reader({ readFile }).read({ file: 'f' }, during)).rejects.toBe(reason);
  });
});

describe('where only Secrets Manager is at hand', () => {
  it('nothing but secrets is read', async () => {
    const secrets = createSecretReader(() => Promise.reject(new Error('not asked')));
    await expect(secrets.read({ env: 'ESX' }, { signal })).rejects.toMatchObject({
      code: 'not-found',
      message: 'The credential env:ESX is not available here. Store it in Secrets Manager.',
    });
    await expect(secrets.readToken({ file: 'f' }, { signal })).rejects.toMatchObject({
      code: 'not-found',
      message: 'The credential file:f is not available here. Store it in Secrets Manager.',
    });
  });

  it('nothing is read for a run that is over', async () => {
    const secrets = createSecretReader(() => Promise.reject(new Error('not asked')));
    const over = { signal: AbortSignal.abort(new Error('enough')) };
    await expect(secrets.read({ secret: 's' }, over)).rejects.toBe(over.signal.reason);
  });

  it('its client is made when it is first needed, once', async () => {
    let made = 0;
    const source = keepOne(async () => {
      made += 1;
      return { getSecretValue: async () => ({}), region: async () => 'eu-central-1' };
    });
    expect(made).toBe(0);
    expect(await source()).toBe(await source());
    expect(made).toBe(1);
  });
});

describe('a token', () => {
  it('is not looked up when the time is over', async () => {
    const over = AbortSignal.abort(new Error('enough'));
    const asked = reader({ env: { netbox_token: 'abc' } }).readToken({ env: 'NETBOX' }, { signal: over });
    await expect(asked).rejects.toBe(over.reason);
  });

  it('is read from the environment, a file or a secret', async () => {
    expect(await reader({ env: { netbox_token: 'abc' } }).readToken({ env: 'NETBOX' }, { signal })).toBe(
      'abc',
    );
    const readFile = async () => ({ text: 'token: abc', mode: 0o100600 });
    expect(await reader({ readFile }).readToken({ file: 'f' }, { signal })).toBe('abc');
    const getSecretValue = async () => ({ SecretString: '{"token": "abc"}', VersionId: 'v1' });
    const secretsManager = async () => ({ getSecretValue, region: async () => 'eu-central-1' });
    const secret = { secret: 'vsweep/netbox' };
    expect(await createSecretReader(secretsManager).readToken(secret, { signal })).toBe('abc');
    expect(await reader({ secretsManager }).readToken(secret, { signal })).toBe('abc');
  });

  it('that is not there, or open to others, is told by name', async () => {
    await expect(reader({}).readToken({ env: 'NETBOX' }, { signal })).rejects.toMatchObject({
      code: 'not-found',
      message: 'The credential env:NETBOX is not set: set NETBOX_TOKEN in the environment.',
    });
    const readFile = async () => ({ text: 'abc', mode: 0o100644 });
    await expect(reader({ readFile }).readToken({ file: 'f' }, { signal })).rejects.toMatchObject({
      code: 'insecure-file',
      message: expect.stringContaining('file:f'),
    });
    await expect(reader({}).readToken({ file: 'f' }, { signal })).rejects.toMatchObject({
      code: 'not-found',
    });
  });
});
