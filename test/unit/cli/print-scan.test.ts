import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  endpointOf,
  printKnownHosts,
  printScan,
  printWithoutList,
  toScanJson,
} from '../../../lib/cli/print-scan.ts';
import { createKnownHosts } from '../../../lib/config/known-hosts/find-keys.ts';
import { parseKnownHosts } from '../../../lib/config/known-hosts/parse-known-hosts.ts';
import { fingerprint } from '../../../lib/esxi/host-key.ts';
import type { ScannedHost } from '../../../lib/sweep/scan/scan-host-keys.ts';

const keyOf = (text: string) => {
  const wire = Buffer.concat([Buffer.from([0, 0, 0, 7]), Buffer.from('ssh-rsa'), Buffer.from(text)]);
  return { type: 'ssh-rsa', blob: wire.toString('base64') };
};
const KEY = keyOf('shown');
const host = (changes: Partial<ScannedHost>): ScannedHost => ({
  target: 'vc01',
  name: 'esx1',
  address: '10.0.0.1',
  port: 22,
  status: 'unknown',
  presented: KEY,
  accepted: [],
  ...changes,
});
/** What a file with these lines accepts on an address. */
function acceptedOn(address: string, text: string) {
  const { lines, faults } = parseKnownHosts(text);
  expect(faults).toEqual([]);
  return createKnownHosts(lines).find({ address, port: 22 }).accepted;
}

describe('printKnownHosts', () => {
  it.each(['\n', '\r\n', '\u2028', '\u2029', '\u0085', '\v'])(
    'writes one line a host, whatever its name holds: %j',
    (separator) => {
      const name = `x${separator}* ${KEY.type} ${KEY.blob}${separator}#`;
      const text = printKnownHosts([host({ name })]);
      expect(text.split(/[\p{Cc}\p{Zl}\p{Zp}]/u)).toHaveLength(1);
      expect(acceptedOn('10.0.0.1', text)).toEqual([KEY]);
      expect(acceptedOn('10.0.0.2', text)).toEqual([]);
    },
  );

  it('accepts no key on another host than the one that showed it, whatever vCenter calls the hosts', () => {
    const hostile = fc.string({
      unit: fc.constantFrom('a', '1', '.', '*', '?', '!', ',', '|', '#', '@', ' ', '\n', '[', ']', ':'),
      minLength: 1,
      maxLength: 12,
    });
    fc.assert(
      fc.property(
        hostile,
        hostile,
        fc.constantFrom('unknown', 'known', 'changed'),
        (name, address, status) => {
          const text = printKnownHosts([host({ name, address, status })]);
          expect(acceptedOn('esx2.example.org', text)).toEqual([]);
        },
      ),
    );
  });

  it('says of a host whose address no line can name that it has none', () => {
    expect(printKnownHosts([host({ address: '*.example.org' })])).toMatch(
      /^# esx1 SHA256:.* esxi\.overrides$/,
    );
  });

  it('accepts no changed key before somebody removes the #, and then it does', () => {
    const text = printKnownHosts([host({ status: 'changed', from: 'file', accepted: [keyOf('old')] })]);
    expect(text).toMatch(/changed: compare .* remove the leading #, and the line with the old key$/);
    expect(acceptedOn('10.0.0.1', text)).toEqual([]);
    expect(acceptedOn('10.0.0.1', text.slice(1))).toEqual([KEY]);
    expect(printKnownHosts([host({ status: 'changed', from: 'pin' })])).toMatch(/remove the leading #$/);
  });

  it('writes nothing of a key that is revoked, nor of a host that showed none', () => {
    const { presented: _, ...unread } = host({ status: 'unread' });
    expect(printKnownHosts([host({ status: 'revoked' }), unread])).toBe('');
  });
});

describe('what a scan found', () => {
  const { presented: _, ...unread } = host({ name: 'esx2', status: 'unread', error: 'ECONNREFUSED' });
  const { error: _e, ...silent } = unread;
  const changed = host({ name: 'esx3', status: 'changed', accepted: [keyOf('old'), keyOf('older')] });
  const print = (hosts: readonly ScannedHost[], known = 0) =>
    printScan(hosts, { known, width: Number.POSITIVE_INFINITY })
      .split('\n')
      .map((line) => line.split(/ {2,}/));

  it('is a count where every key is known, and else a line for each other host', () => {
    expect(print([host({ status: 'known' })], 2)).toEqual([['3 of 3 hosts presented a known key']]);
    const shown = `ssh-rsa ${fingerprint(KEY)}`;
    const all = [host({ status: 'known' }), host({ accepted: [keyOf('old')] }), unread, silent, changed];
    expect(print(all, 1)).toEqual([
      ['target', 'host', 'address', 'key', 'presented', 'accepted'],
      ['vc01', 'esx1', '10.0.0.1:22', 'unknown', shown, '-'],
      ['vc01', 'esx2', '10.0.0.1:22', 'unread', 'ECONNREFUSED', '-'],
      ['vc01', 'esx2', '10.0.0.1:22', 'unread', '-', '-'],
      [
        'vc01',
        'esx3',
        '10.0.0.1:22',
        'changed',
        shown,
        `${fingerprint(keyOf('old'))} ${fingerprint(keyOf('older'))}`,
      ],
      ['2 of 6 hosts presented a known key'],
    ]);
  });

  it('is a document with fingerprints and the keys that were shown', () => {
    const of = { target: 'vc01', address: '10.0.0.1', port: 22 };
    expect(toScanJson([changed, unread])).toEqual([
      {
        ...of,
        name: 'esx3',
        status: 'changed',
        type: 'ssh-rsa',
        fingerprint: fingerprint(KEY),
        key: KEY.blob,
        accepted: [keyOf('old'), keyOf('older')].map(fingerprint),
      },
      { ...of, name: 'esx2', status: 'unread', error: 'ECONNREFUSED', accepted: [] },
    ]);
    expect(endpointOf(changed)).toBe('10.0.0.1:22');
  });

  it('says of a target without a list what to do, and why a stored one is of no use', () => {
    expect(printWithoutList({ target: 'vc01' })).toBe(
      'vc01: no host list is stored; run a sweep on it first',
    );
    expect(printWithoutList({ target: 'vc01', error: 'bro\nken' })).toBe(
      'vc01: its stored host list cannot be used, so at most the hosts in the configuration were scanned: bro ken. The next sweep writes a new list',
    );
  });

  it('is lines of a file, each with what to do before it is used', () => {
    expect(printKnownHosts([host({}), host({ name: 'esx2', status: 'known' })]).split('\n')).toEqual([
      `10.0.0.1 ssh-rsa ${KEY.blob} esx1 ${fingerprint(KEY)} compare this key before you use the line`,
      `10.0.0.1 ssh-rsa ${KEY.blob} esx2 ${fingerprint(KEY)}`,
    ]);
    for (const address of ['a,b', '*', '', ' a', 'a ', '|1|a', '#a', '@a', '[a]', '!a', 'a?', '...'])
      expect(printKnownHosts([host({ address })]), address).toMatch(/^# esx1 SHA256:\S+: known_hosts cannot/);
  });
});
