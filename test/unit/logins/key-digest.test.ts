import { expect, it } from 'vitest';
import { digestOfKeys } from '../../../lib/logins/trial/key-digest.ts';
import { batchHost } from '../sweep/builders.ts';

const hostKey = { type: 'ssh-rsa', blob: 'AAAA' };
const HOSTS = [batchHost(1, { hostKey }), batchHost(2)] as const;

it('is one text for hosts with their keys, in whatever order they stand', () => {
  expect(digestOfKeys(HOSTS)).toBe(digestOfKeys(HOSTS.toReversed()));
});

it('stays what earlier versions have put on record', () => {
  const named = [
    { address: '192.0.2.2', port: 22, hostKey },
    { address: '192.0.2.1', port: 2222 },
  ];
  expect(digestOfKeys(named)).toBe('Adq2J8jDDdk2cprfbC5gVOVyByfz52Z2uYObbztdBbg=');
});

it.each([
  ['another address', [batchHost(1, { hostKey, address: 'x' }), HOSTS[1]]],
  ['another port', [batchHost(1, { hostKey, port: 23 }), HOSTS[1]]],
  ['another type of key', [batchHost(1, { hostKey: { ...hostKey, type: 'ssh-ed25519' } }), HOSTS[1]]],
  ['another key', [batchHost(1, { hostKey: { ...hostKey, blob: 'BBBB' } }), HOSTS[1]]],
  ['a key where there was none', [HOSTS[0], batchHost(2, { hostKey })]],
  ['no key where there was one', [batchHost(1), HOSTS[1]]],
  ['the key of the other host', [batchHost(1), batchHost(2, { hostKey })]],
  ['a host less', [HOSTS[0]]],
])('is another text for %s', (_what, hosts) => {
  expect(digestOfKeys(hosts)).not.toBe(digestOfKeys(HOSTS));
});
