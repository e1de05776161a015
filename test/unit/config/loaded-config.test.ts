import { rootCertificates } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { NO_KNOWN_HOSTS } from '../../../lib/config/known-hosts/find-keys.ts';
import {
  certificateFault,
  certificateFiles,
  insecureSections,
  type LoadedConfig,
  toTargetTrust,
  toTrust,
} from '../../../lib/config/loaded-config.ts';

const [PEM = ''] = rootCertificates;
const loaded = (variables?: LoadedConfig['variables']): LoadedConfig => ({
  config: {} as LoadedConfig['config'],
  certificates: new Map([['a.pem', PEM]]),
  knownHosts: NO_KNOWN_HOSTS,
  ...(variables === undefined ? {} : { variables }),
});

describe('insecureSections', () => {
  it('are those whose certificates nobody looks at, with where that stands', () => {
    const insecure = { insecure: true } as const;
    const all = {
      targets: [
        { url: 'https://a/sdk', tls: { ca: 'a.pem' } },
        { url: 'https://b/sdk', tls: insecure },
        { url: 'https://c/sdk' },
      ],
      netbox: { url: 'https://netbox', tls: insecure },
      push: { url: 'https://gw', tls: insecure },
    } as never;
    expect(insecureSections(all)).toEqual([
      { path: 'targets[1].tls', url: 'https://b/sdk' },
      { path: 'netbox.tls', url: 'https://netbox' },
      { path: 'push.tls', url: 'https://gw' },
    ]);
    const none = { targets: [], netbox: { url: 'x' }, push: undefined } as never;
    expect(insecureSections(none)).toEqual([]);
    expect(insecureSections({ targets: [], netbox: undefined, push: { url: 'x' } } as never)).toEqual([]);
  });
});

describe('whom a section trusts', () => {
  const SHA256 = ['AB'];

  it('is what it says, with the text of its file', () => {
    expect(toTrust(undefined, loaded())).toBeUndefined();
    expect(toTrust({ sha256: SHA256 }, loaded())).toEqual({ sha256: SHA256 });
    expect(toTrust({ ca: 'a.pem' }, loaded())).toEqual({ ca: PEM });
    expect(toTrust({ ca: 'unread.pem' }, loaded())).toEqual({ ca: '' });
    expect(toTargetTrust({ tls: { ca: 'a.pem' } }, loaded())).toEqual({ ca: PEM });
    expect(toTargetTrust({ tls: undefined }, loaded())).toBeUndefined();
  });

  it('of a target that stands in variables is told by their names', () => {
    const trust = toTargetTrust({ tls: undefined }, loaded({ taken: [], ignored: [] }));
    expect(trust).toMatchObject({ issuers: 'system' });
    expect(trust?.words?.pin('CD', ['AB'])).toBe('VSWEEP_TLS_SHA256=AB,CD');
    expect(trust?.words?.change(true)).toBe('set');
    expect(trust?.words?.ca).toBe('VSWEEP_TLS_CA=<file>');
    const pinned = toTargetTrust({ tls: { sha256: SHA256 } }, loaded({ taken: [], ignored: [] }));
    expect(pinned).toMatchObject({ sha256: SHA256, words: { ca: 'VSWEEP_TLS_CA=<file>' } });
  });
});

describe('certificateFiles', () => {
  it('are the files that sections name, whatever else is wrong in them', () => {
    const tls = (ca: unknown) => ({ tls: { ca }, colour: 'red' });
    expect(
      certificateFiles({
        targets: [tls('a.pem'), 5, {}, tls('b.pem')],
        netbox: tls('c.pem'),
        push: tls('d.pem'),
      }),
    ).toEqual([
      { path: 'targets[0].tls.ca', ca: 'a.pem' },
      { path: 'targets[3].tls.ca', ca: 'b.pem' },
      { path: 'netbox.tls.ca', ca: 'c.pem' },
      { path: 'push.tls.ca', ca: 'd.pem' },
    ]);
    const others = [
      { tls: { sha256: [Array(32).fill('AB').join(':')] } },
      { tls: { insecure: true } },
      tls(7),
    ];
    expect(certificateFiles({ targets: others })).toEqual([]);
    expect(certificateFiles({ esxi: { hostKeys: tls('a.pem') } })).toEqual([]);
  });
});

describe('certificateFault', () => {
  it('is none of a PEM file, and says of others what to name', () => {
    expect(certificateFault(PEM)).toBeUndefined();
    const remedy =
      /^cannot be used: .+; name a file of PEM certificates \(-----BEGIN CERTIFICATE-----\); .*: openssl x509 -inform der /;
    expect(certificateFault('no certificate')).toMatch(remedy);
    expect(certificateFault('-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n')).toMatch(
      remedy,
    );
  });
});
