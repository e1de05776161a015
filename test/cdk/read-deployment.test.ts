import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readDeployment } from '../../cdk/read-deployment.ts';
import { loadConfig } from '../../lib/cli/load-config.ts';
import { KNOWN_COLLECTORS } from '../../lib/collectors/known-collectors.ts';
import { parseBundledConfig } from '../../lib/config/bundled-config.ts';
import { ConfigError } from '../../lib/config/errors.ts';
import { NO_KNOWN_HOSTS } from '../../lib/config/known-hosts/find-keys.ts';
import { EXAMPLE, temporaryFolder, withAlarms, writeConfig } from './synthesise.ts';

const folder = temporaryFolder();
const [PEM = ''] = rootCertificates;
const TARGET = 'targets: [{ name: vc, credentials: { secret: vc } }]';
const SWEEP = 'sweeps: [{ name: s, every: 1m, collectors: [overall-status] }]';

function faultsOf(yaml: string): { path: string; message: string }[] {
  try {
    readDeployment(writeConfig(folder, withAlarms(yaml)));
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return [...error.issues];
    throw error;
  }
}

describe('readDeployment', () => {
  it('reads the example to what vsweep reads of it on one machine', async () => {
    expect(readDeployment(EXAMPLE).config).toEqual((await loadConfig(EXAMPLE)).config);
  });

  it('puts into the bundle what the functions read back: the same configuration and its certificates', () => {
    const file = writeConfig(
      folder,
      withAlarms(`targets: [{ name: vc, credentials: { secret: vc }, tls: { ca: ca.pem } }]\n${SWEEP}\n`),
      { 'ca.pem': PEM },
    );
    const { config, bundledConfig } = readDeployment(file);
    expect(parseBundledConfig(bundledConfig, KNOWN_COLLECTORS)).toEqual({
      config,
      certificates: new Map([['ca.pem', PEM]]),
      knownHosts: NO_KNOWN_HOSTS,
    });
  });

  it('puts the known_hosts file into the bundle, and tells its faults with their lines', () => {
    const key = 'ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAAQ==';
    const withKnownHosts = (text: string) =>
      writeConfig(
        folder,
        withAlarms(
          `${TARGET}\nesxi: { credentials: { secret: x }, hostKeys: { unknown: refuse, file: known_hosts } }\n${SWEEP}\n`,
        ),
        { known_hosts: text },
      );
    const { bundledConfig } = readDeployment(withKnownHosts(`# fleet\nesx1 ${key}\n`));
    const { knownHosts } = parseBundledConfig(bundledConfig, KNOWN_COLLECTORS);
    expect(knownHosts.find({ address: 'esx1', port: 22 }).accepted).toHaveLength(1);
    expect(() => readDeployment(withKnownHosts(`esx1 ${key}\n@cert-authority * ${key}\n`))).toThrow(
      'esxi.hostKeys.file: line 2 @cert-authority is not supported',
    );
  });

  it('puts no path of this machine into the bundle', () => {
    const file = writeConfig(
      folder,
      withAlarms(
        `targets: [{ name: vc, credentials: { secret: vc }, tls: { ca: ./ca.pem } }]\n${SWEEP}\nstate: { path: state }\n`,
      ),
      { 'ca.pem': PEM },
    );
    const { bundledConfig } = readDeployment(file);
    expect(bundledConfig).not.toContain(folder);
    expect(bundledConfig).not.toContain(process.cwd());
  });

  it.each(['env: VC', 'file: vc.yaml'])(
    'refuses credentials from { %s } and says what to write',
    (source) => {
      const faults = faultsOf(
        `targets: [{ name: vc, credentials: { ${source} } }]\nesxi: { credentials: { ${source} } }\n${SWEEP}\npush: { url: "https://gw.example.org", credentials: { ${source} } }\n`,
      );
      expect(faults.map(({ path }) => path)).toEqual([
        'targets[0].credentials',
        'esxi.credentials',
        'push.credentials',
      ]);
      for (const { message } of faults) {
        expect(message).toContain('store it in AWS Secrets Manager and write { secret: <name> }');
      }
    },
  );

  it('takes an interval exactly when it is a number of whole minutes, else says which to write', () => {
    fc.assert(
      fc.property(fc.integer({ min: 10, max: 86_400 }), (seconds) => {
        const faults = faultsOf(
          `${TARGET}\nsweeps: [{ name: s, every: ${seconds}s, collectors: [overall-status] }]\n`,
        );
        if (seconds % 60 === 0) return faults.length === 0;
        const [{ path, message } = { path: '', message: '' }] = faults;
        return (
          faults.length === 1 &&
          path === 'sweeps[0].every' &&
          message.endsWith(`write ${Math.ceil(seconds / 60)}m`)
        );
      }),
      { numRuns: 200 },
    );
  });

  it('tells the faults of any configuration and those of a deployment at once', () => {
    const faults = faultsOf(
      [
        'targets: [{ name: vc, credentials: { env: VC }, tls: { ca: missing.pem } }]',
        'sweeps: [{ name: s, every: 90s, collectors: [no-such-collector] }]',
        'pusch: {}',
      ].join('\n'),
    );
    expect(faults.map(({ path }) => path).sort()).toEqual([
      'pusch',
      'sweeps[0].collectors[0]',
      'sweeps[0].every',
      'targets[0].credentials',
      'targets[0].tls.ca',
    ]);
  });

  it('refuses a file of certificates without one, as `vsweep config check` does', async () => {
    const file = writeConfig(
      folder,
      withAlarms(`targets: [{ name: vc, credentials: { secret: vc }, tls: { ca: ca.pem } }]\n${SWEEP}\n`),
      { 'ca.pem': 'no certificate' },
    );
    const checked = await loadConfig(file).catch((error: Error) => error.message);
    expect(checked).toContain('it contains no PEM certificate');
    expect(() => readDeployment(file)).toThrow(String(checked));
  });

  it('says of faults that are no matter of deploying what `vsweep config check` says', async () => {
    const file = writeConfig(folder, withAlarms('targets: [{ name: vc }]\nsweeps: []\n'));
    const checked = await loadConfig(file).catch((error: Error) => error.message);
    expect(() => readDeployment(file)).toThrow(String(checked));
  });

  it('says how to name another file when there is none', () => {
    expect(() => readDeployment(join(folder, 'none.yaml'))).toThrow(/name another with -c config=<path>/);
  });
});
