import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printKnownHosts } from '../../../lib/cli/print-scan.ts';
import { createKnownHosts } from '../../../lib/config/known-hosts/find-keys.ts';
import { parseKnownHosts } from '../../../lib/config/known-hosts/parse-known-hosts.ts';
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
