import { describe, expect, it } from 'vitest';
import { warnOfUnknownKeys } from '../../../lib/cli/warn-of-unknown-keys.ts';
import type { HostKeysConfig } from '../../../lib/config/host-keys.ts';
import type { Credential, CredentialReader } from '../../../lib/credentials/credential.ts';
import { silentLog } from '../../../lib/platform/log.ts';
import { esxiConfig } from '../sweep/builders.ts';

const o = { signal: new AbortController().signal };
const PASSWORD = { kind: 'password', password: 'marked' } as const;
const KEY = { kind: 'private-key', privateKey: 'marked' } as const;

/** Reads the credential of ssh and one of a vCenter some times, and answers what was warned of. */
async function warnings(proof: Credential['proof'], hostKeys: HostKeysConfig = {}): Promise<string[]> {
  const told: string[] = [];
  const log = {
    ...silentLog,
    warn: (message: string, fields?: object) => void told.push(`${message} ${JSON.stringify(fields)}`),
  };
  const reader: CredentialReader = {
    read: async () => ({ id: 'env:ESXI', version: 'v1', username: 'root', proof }),
  };
  const esxi = esxiConfig({ hostKeys });
  const read = warnOfUnknownKeys(reader, { esxi, log }).read;
  await read({ env: 'VC' }, o);
  expect(told).toEqual([]);
  for (let times = 0; times < 3; times += 1) expect((await read(esxi.credentials, o)).proof).toBe(proof);
  return told;
}

describe('warnOfUnknownKeys', () => {
  it('warns once a start of a password that goes to any key, with what can be pasted, and without the secret', async () => {
    const told = await warnings(PASSWORD);
    expect(told).toEqual([expect.stringContaining('hostKeys: { unknown: refuse }')]);
    expect(told[0]).not.toContain('marked');
  });

  it('does not warn of a private key, nor of what was chosen', async () => {
    expect(await warnings(KEY)).toEqual([]);
    expect(await warnings(PASSWORD, { unknown: 'trust-first' })).toEqual([]);
    expect(await warnings(PASSWORD, { unknown: 'refuse' })).toEqual([]);
  });
});
