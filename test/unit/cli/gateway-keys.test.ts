import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { type GatewayKeysOptions, readGatewayKeys } from '../../../lib/cli/gateway-curve.ts';
import { gatewayKeysCommand } from '../../../lib/cli/gateway-keys.ts';
import { makeCurveKeys } from '../../../lib/poll/gateway/curve-keys.ts';
import { here, refusal } from '../../support/cli/here.ts';
import { createTemporaryFolder, type TemporaryFolder } from '../../support/peers/temporary-folder.ts';

let folder: TemporaryFolder;
beforeAll(async () => {
  folder = await createTemporaryFolder('gateway-keys');
});
afterAll(() => folder[Symbol.asyncDispose]());

describe('vsweep gateway-keys', () => {
  it('writes a secret key that only its owner may read, and prints the public one alone', async () => {
    const file = join(folder.path, 'one.key');
    const { output, errors, exitCode } = await here(() => gatewayKeysCommand(file));
    expect([errors, exitCode]).toEqual([`wrote the secret key to ${file}; its public key is\n`, 0]);
    expect(output).toMatch(/^\S{40}\n$/);
    expect(readFileSync(file, 'utf8')).toMatch(/^token: \S{40}\n$/);
    expect(readFileSync(file, 'utf8')).not.toContain(output.trim());
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('replaces no key, and says how to name another file', async () => {
    const file = join(folder.path, 'two$.key');
    writeFileSync(file, 'kept');
    expect(await refusal(() => gatewayKeysCommand(file))).toBe(
      `${file}: 1 fault\n  cannot be written: EEXIST: file already exists, open '${file}'; name another file, such as '${file}.new'`,
    );
    expect(readFileSync(file, 'utf8')).toBe('kept');
  });
});

describe('the keys of a gateway', () => {
  const { publicKey, secretKey } = makeCurveKeys();
  const client = makeCurveKeys().publicKey;
  const o = { signal: new AbortController().signal };
  const HOW =
    'Run: vsweep gateway-keys credentials/gateway.key, and name that file and the keys of clients in polls.curve';
  const configured = (polls: object): string => {
    const file = join(folder.path, 'vsweep.yaml');
    writeFileSync(join(folder.path, 'gateway.key'), `token: ${secretKey}\n`, { mode: 0o600 });
    writeFileSync(
      file,
      stringify({
        targets: [{ name: 'vc1', credentials: { env: 'VC1' } }],
        sweeps: [{ name: 'all', every: '1m', collectors: ['overall-status'] }],
        ...polls,
      }),
    );
    return file;
  };
  const WITH_KEYS = { polls: { curve: { secretKey: { file: 'gateway.key' }, clients: [client] } } };
  const keys = (config: string, more: Partial<GatewayKeysOptions>) =>
    readGatewayKeys({ config, insecure: false, curve: false, exposed: undefined, ...more }, o);

  it.each<Partial<GatewayKeysOptions>>([
    { exposed: undefined },
    { exposed: 'tcp://*:1', insecure: true },
    { exposed: undefined, insecure: true },
  ])('are not read where no endpoint needs them: %o', async (options) => {
    expect(await keys('/no/such/file', options)).toBeUndefined();
  });

  it.each<Partial<GatewayKeysOptions>>([
    { exposed: 'tcp://*:1' },
    { curve: true },
    { exposed: 'tcp://*:1', curve: true },
  ])('are those of the configuration where an endpoint needs them: %o', async (options) => {
    expect(await keys(configured(WITH_KEYS), options)).toMatchObject({ publicKey });
  });

  it('are missing with what to do where they are asked for, and where other machines reach an endpoint', async () => {
    const file = configured({});
    expect(await refusal(() => keys(file, { curve: true }))).toBe(
      `${file}: 1 fault\n  polls.curve: --curve needs keys. ${HOW}`,
    );
    expect(await refusal(() => keys(file, { exposed: 'tcp://*:1' }))).toBe(
      `${file}: 1 fault\n  polls.curve: tcp://*:1 can be reached from other machines, and without keys it has no authentication or encryption. ${HOW}. For clients of vPoller, which have no keys, listen on tcp://127.0.0.1:10123 behind a tunnel, or add --insecure and restrict access by a firewall`,
    );
  });

  it('cannot be asked for and left out at once', async () => {
    expect(await refusal(() => keys('f', { curve: true, insecure: true }))).toBe(
      'f: 1 fault\n  polls.curve: --curve and --insecure exclude each other: leave out one of them',
    );
  });
});
