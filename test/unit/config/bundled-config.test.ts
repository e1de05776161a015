import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KNOWN_COLLECTORS } from '../../../lib/collectors/known-collectors.ts';
import { parseBundledConfig, printBundledConfig } from '../../../lib/config/bundled-config.ts';
import { checkConfig } from '../../../lib/config/check-config.ts';
import { endpointsOf } from '../../../lib/config/endpoints.ts';
import { NO_KNOWN_HOSTS } from '../../../lib/config/known-hosts/find-keys.ts';
import {
  certificateFiles,
  insecureSections,
  toTargetTrust,
  toTrust,
} from '../../../lib/config/loaded-config.ts';

const raw = {
  targets: [{ name: 'vc01.example.org', credentials: { secret: 'vsweep/vc01' }, tls: { ca: 'ca/vc01.pem' } }],
  esxi: { credentials: { secret: 'vsweep/esxi' }, hostKeys: { unknown: 'refuse', file: 'known_hosts' } },
  sweeps: [{ name: 'services', every: '1m', collectors: ['ssh-services'] }],
  push: { url: 'https://push.example.org', credentials: { secret: 'vsweep/push' } },
};
const NO_FILES = { certificates: new Map<string, string>() };
const ECDSA_LINE = 'esx1 ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBA==';
const check = (config: Readonly<Record<string, unknown>>) =>
  checkConfig(config, { file: 'vsweep.yaml', collectors: KNOWN_COLLECTORS });
const parse = (text: string) => parseBundledConfig(text, KNOWN_COLLECTORS);

describe('printBundledConfig and parseBundledConfig', () => {
  it('carry the configuration and the files that it names', () => {
    const loaded = parse(printBundledConfig(raw, { certificates: new Map([['ca/vc01.pem', 'PEM']]) }));
    expect(loaded.config).toEqual(check(raw));
    expect(toTrust(loaded.config.targets[0]?.tls, loaded)).toEqual({ ca: 'PEM' });
  });

  it('carry every text and path unchanged', () => {
    const path = fc.string().filter((text) => text !== '__proto__');
    fc.assert(
      fc.property(fc.dictionary(path, fc.string()), (files) => {
        const certificates = new Map(Object.entries(files));
        expect(parse(printBundledConfig(raw, { certificates })).certificates).toEqual(certificates);
      }),
    );
  });

  it.each([
    ['no JSON', '<html>', 'config.json: 1 fault\n  is not JSON; deploy again'],
    ['of another shape', '{"config":{}}', 'is not of this version; deploy again'],
    ['of a later version', '{"config":{},"certificates":{},"keys":{}}', 'is not of this version'],
  ])('say what to do about a file that is %s', (_what, text, message) => {
    expect(() => parse(text)).toThrow(message);
  });

  it('carry what the known_hosts file says, and say its faults with their lines', () => {
    const find = (knownHosts?: string) =>
      parse(printBundledConfig(raw, { ...NO_FILES, knownHosts })).knownHosts.find({
        address: 'esx1',
        port: 22,
      });
    expect(find(`# fleet\n${ECDSA_LINE}\n`).accepted).toMatchObject([{ type: 'ecdsa-sha2-nistp256' }]);
    expect(find().accepted).toEqual([]);
    expect(() => find(`${ECDSA_LINE}\n@cert-authority ${ECDSA_LINE}\n`)).toThrow(
      'esxi.hostKeys.file: line 2 @cert-authority is not supported',
    );
  });

  it('have no default for unknown host keys, whatever the bundle was made of', () => {
    const { hostKeys: _chosen, ...esxi } = raw.esxi;
    expect(() => parse(printBundledConfig({ ...raw, esxi }, NO_FILES))).toThrow(
      'esxi.hostKeys.unknown: is missing',
    );
  });

  it('check the configuration again, because the functions may be newer than it', () => {
    const text = printBundledConfig({ ...raw, sweeps: [{ ...raw.sweeps[0], every: '1s' }] }, NO_FILES);
    expect(() => parse(text)).toThrow('sweeps[0].every');
  });
});

describe('insecureSections', () => {
  const [target] = raw.targets;
  const insecure = { tls: { insecure: true } };
  const config = check({ ...raw, targets: [{ ...target, ...insecure }], push: { ...raw.push, ...insecure } });

  it('names each place where no certificate is looked at', () => {
    expect(insecureSections(check(raw))).toEqual([]);
    expect(insecureSections(config)).toEqual([
      { path: 'targets[0].tls', url: 'https://vc01.example.org/sdk' },
      { path: 'push.tls', url: 'https://push.example.org' },
    ]);
  });
});

describe('toTargetTrust', () => {
  const loaded = { config: check(raw), certificates: new Map(), knownHosts: NO_KNOWN_HOSTS };
  const variables = { taken: [], ignored: [] };

  it('tells by variables what to set when the configuration came from them', () => {
    expect(toTargetTrust({}, loaded)).toBeUndefined();
    const trust = toTargetTrust({}, { ...loaded, variables });
    expect(trust).toMatchObject({ issuers: 'system', words: { ca: 'VSWEEP_TLS_CA=<file>' } });
    expect(trust?.words?.pin('CD', ['AB'])).toBe('VSWEEP_TLS_SHA256=AB,CD');
  });
});

describe('certificateFiles', () => {
  it('names the file of each endpoint that has one, and where the configuration does', () => {
    const section = { url: 'https://one.example.org', tls: { ca: 'ca/one.pem' } };
    const config = check({ ...raw, netbox: section, push: section });
    const expected = endpointsOf(config).flatMap(({ path, tls }) =>
      tls !== undefined && 'ca' in tls ? [{ path: `${path}.tls.ca`, ca: tls.ca }] : [],
    );
    expect(expected).toHaveLength(3);
    expect(certificateFiles(config)).toEqual(expected);
  });
});
