import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { rootCertificates } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { loadConfig, readSource } from '../../../lib/cli/load-config.ts';
import { makeCurveKeys } from '../../../lib/poll/gateway/curve-keys.ts';
import { refusal } from '../../support/cli/here.ts';
import { createTemporaryFolder, type TemporaryFolder } from '../../support/peers/temporary-folder.ts';

const [PEM = ''] = rootCertificates;
const ESXI_EXPORTER = { VSPHERE_HOST: 'vc1', VSPHERE_USER: 'me', VSPHERE_PASSWORD: 's3cret' };

const CLIENT = makeCurveKeys().publicKey;

let temporary: TemporaryFolder;
const at = (...names: string[]) => join(temporary.path, ...names);
beforeAll(async () => {
  temporary = await createTemporaryFolder('load-config');
  mkdirSync(at('keys'));
  for (const name of ['target', 'netbox', 'push', 'victoria', 'remote', 'otlp'])
    writeFileSync(at('keys', `${name}.pem`), PEM);
  writeFileSync(at('keys', 'notes.txt'), 'no certificate');
  writeFileSync(at('keys', 'known_hosts'), '');
});
afterAll(() => temporary[Symbol.asyncDispose]());

function written(config: object): string {
  writeFileSync(
    at('vsweep.yaml'),
    stringify({
      targets: [{ name: 'vc1', credentials: { env: 'VC' } }],
      sweeps: [{ name: 'all', every: '1m', collectors: ['overall-status'] }],
      ...config,
    }),
  );
  return at('vsweep.yaml');
}

describe('a configuration that is loaded', () => {
  it('has each of its paths from its own folder', async () => {
    const ca = (name: string) => ({ ca: `keys/${name}.pem` });
    const file = (name: string) => ({ file: `keys/${name}.yaml` });
    const { config, certificates } = await loadConfig(
      written({
        targets: [{ name: 'vc1', credentials: file('target'), tls: ca('target') }],
        esxi: { credentials: file('esxi'), hostKeys: { unknown: 'refuse', file: 'keys/known_hosts' } },
        netbox: { url: 'https://netbox', token: file('netbox'), tls: ca('netbox') },
        push: { url: 'https://push', credentials: file('push'), tls: ca('push') },
        victoriaMetrics: { url: 'https://vm', credentials: file('victoria'), tls: ca('victoria') },
        remoteWrite: { url: 'https://remote', token: file('remote'), tls: ca('remote') },
        otlp: { url: 'https://otlp', token: file('otlp'), tls: ca('otlp') },
        exporter: { listen: '127.0.0.1:9666', token: file('exporter') },
        polls: { curve: { secretKey: file('curve'), clients: [CLIENT] } },
        textfile: { path: 'keys' },
        state: { path: 'state' },
      }),
    );
    const tls = (name: string) => ({ ca: at('keys', `${name}.pem`) });
    const read = (name: string) => ({ file: at('keys', `${name}.yaml`) });
    expect(config).toMatchObject({
      targets: [{ credentials: read('target'), tls: tls('target') }],
      esxi: { credentials: read('esxi'), hostKeys: { unknown: 'refuse', file: at('keys', 'known_hosts') } },
      netbox: { url: 'https://netbox', token: read('netbox'), tls: tls('netbox') },
      push: { url: 'https://push', credentials: read('push'), tls: tls('push') },
      victoriaMetrics: { url: 'https://vm', credentials: read('victoria'), tls: tls('victoria') },
      remoteWrite: { url: 'https://remote', token: read('remote'), tls: tls('remote') },
      otlp: { url: 'https://otlp', token: read('otlp'), tls: tls('otlp') },
      exporter: { token: read('exporter') },
      polls: { curve: { secretKey: read('curve'), clients: [CLIENT] } },
      textfile: { path: at('keys') },
      state: { path: at('state') },
    });
    expect([...certificates.keys()].toSorted()).toEqual(
      ['netbox', 'otlp', 'push', 'remote', 'target', 'victoria'].map((name) => at('keys', `${name}.pem`)),
    );
    expect(new Set(certificates.values())).toEqual(new Set([PEM]));
  });

  it('has none of what it does not name', async () => {
    const loaded = await loadConfig(
      written({
        targets: [
          { name: 'vc1', credentials: { env: 'VC' }, tls: { sha256: [Array(32).fill('AB').join(':')] } },
        ],
      }),
    );
    const { targets, state, ...config } = loaded.config;
    expect(targets).toMatchObject([{ credentials: { env: 'VC' }, tls: { sha256: [expect.any(String)] } }]);
    expect(state.path).toBeUndefined();
    for (const section of ['esxi', 'netbox', 'push', 'remoteWrite', 'otlp', 'exporter', 'textfile'] as const)
      expect(config[section], section).toBeUndefined();
    expect(config.polls.curve).toBeUndefined();
    expect(loaded.variables).toBeUndefined();
    expect(loaded.placeOf?.('targets[0].name')).toMatchObject({ line: 2 });
  });

  it('is refused with all faults, those of the files that it names among them', async () => {
    const file = written({
      targets: ['missing.pem', at('gone.pem'), 'keys/notes.txt'].map((ca, index) => ({
        name: `vc${index}`,
        credentials: { env: 'VC' },
        tls: { ca },
      })),
      esxi: { credentials: { env: 'E' }, hostKeys: { unknown: 'refuse', file: 'nowhere' } },
      sweeps: [],
    });
    expect(
      (await refusal(() => loadConfig(file))).replaceAll(temporary.path, ''),
    ).toBe(`/vsweep.yaml: 5 faults
  line 6, column 7: targets[0].tls.ca: cannot be read: ENOENT: no such file or directory, open '/missing.pem'; write a path from the folder of this file
  line 11, column 7: targets[1].tls.ca: cannot be read: ENOENT: no such file or directory, open '/gone.pem'
  line 16, column 7: targets[2].tls.ca: cannot be used: it contains no PEM certificate; name a file of PEM certificates (-----BEGIN CERTIFICATE-----); of DER one is made by: openssl x509 -inform der -in <file> -out <file>.pem
  line 17, column 1: sweeps: list at least one sweep
  line 23, column 5: esxi.hostKeys.file: cannot be read: ENOENT: no such file or directory, open '/nowhere'`);
  });

  it('is refused with one fault where one variable stands in several places', async () => {
    const faults = await refusal(() => loadConfig('vsweep.yaml', { ...ESXI_EXPORTER, VSPHERE_HOST: 'vc 1' }));
    expect(faults).toBe(
      'environment variables: 1 fault\n  VSPHERE_HOST: use letters, digits, ".", "_" and "-", at most 253 of them, beginning with a letter or digit',
    );
  });
});

describe('the variables of other exporters', () => {
  it('are the configuration where there is no vsweep.yaml', async () => {
    const { config, variables, placeOf } = await loadConfig('vsweep.yaml', ESXI_EXPORTER);
    expect(config.targets.map(({ name }) => name)).toEqual(['vc1']);
    expect(variables).toBeDefined();
    expect(placeOf).toBeUndefined();
    expect(await readSource('vsweep.yaml', ESXI_EXPORTER)).toMatchObject({
      name: 'environment variables',
      folder: resolve('.'),
    });
  });

  it.each([
    ['none are set', 'vsweep.yaml', {}],
    ['another file is named', './vsweep.yaml', ESXI_EXPORTER],
  ])('are not where %s', async (_why, file, env) => {
    expect(await refusal(() => readSource(file, env))).toContain(
      `${file}: 1 fault\n  cannot be read: ENOENT: no such file or directory, open '${file}'`,
    );
  });
});
