import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KNOWN_COLLECTORS } from '../../../lib/collectors/known-collectors.ts';
import { parseBundledConfig, printBundledConfig } from '../../../lib/config/bundled-config.ts';
import { checkConfig } from '../../../lib/config/check-config.ts';
import { certificateFiles, toTrust } from '../../../lib/config/loaded-config.ts';

const raw = {
  targets: [{ name: 'vc01.example.org', credentials: { secret: 'vsweep/vc01' }, tls: { ca: 'ca/vc01.pem' } }],
  esxi: { credentials: { secret: 'vsweep/esxi' } },
  sweeps: [{ name: 'services', every: '1m', collectors: ['ssh-services'] }],
  push: { url: 'https://push.example.org', credentials: { secret: 'vsweep/push' } },
};
const check = (config: Readonly<Record<string, unknown>>) =>
  checkConfig(config, { file: 'vsweep.yaml', collectors: KNOWN_COLLECTORS });
const parse = (text: string) => parseBundledConfig(text, KNOWN_COLLECTORS);

describe('printBundledConfig and parseBundledConfig', () => {
  it('carry the configuration and the files that it names', () => {
    const loaded = parse(printBundledConfig(raw, new Map([['ca/vc01.pem', 'PEM']])));
    expect(loaded.config).toEqual(check(raw));
    expect(toTrust(loaded.config.targets[0]?.tls, loaded)).toEqual({ ca: 'PEM' });
  });

  it('carry every text and path unchanged', () => {
    const path = fc.string().filter((text) => text !== '__proto__');
    fc.assert(
      fc.property(fc.dictionary(path, fc.string()), (files) => {
        const certificates = new Map(Object.entries(files));
        expect(parse(printBundledConfig(raw, certificates)).certificates).toEqual(certificates);
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

  it('check the configuration again, because the functions may be newer than it', () => {
    const text = printBundledConfig({ ...raw, sweeps: [{ ...raw.sweeps[0], every: '1s' }] }, new Map());
    expect(() => parse(text)).toThrow('sweeps[0].every');
  });
});

describe('certificateFiles', () => {
  it('names each file and where the configuration does', () => {
    const config = check({ ...raw, push: { ...raw.push, tls: { ca: 'ca/push.pem' } } });
    expect(certificateFiles(config)).toEqual([
      { path: 'targets[0].tls.ca', ca: 'ca/vc01.pem' },
      { path: 'push.tls.ca', ca: 'ca/push.pem' },
    ]);
  });
});
