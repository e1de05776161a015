import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createKnownHosts } from '../../../../lib/config/known-hosts/find-keys.ts';
import { knownHostsName, printKnownHost } from '../../../../lib/config/known-hosts/known-hosts.ts';
import { matchPattern } from '../../../../lib/config/known-hosts/match-pattern.ts';
import {
  MAX_KNOWN_HOSTS_BYTES,
  MAX_KNOWN_HOSTS_LINES,
  MAX_SEARCHED_LINES,
  parseKnownHosts,
} from '../../../../lib/config/known-hosts/parse-known-hosts.ts';

/** A key in wire form: its type, then something that is different for each number. */
const blobOf = (type: string, number: number) =>
  Buffer.concat([
    Buffer.from([0, 0, 0, type.length]),
    Buffer.from(type),
    Buffer.from(`key ${number}`),
  ]).toString('base64');
const ECDSA = 'ecdsa-sha2-nistp256';
const key = (number: number, type = ECDSA) => `${type} ${blobOf(type, number)}`;
const hashed = (name: string) => {
  const salt = Buffer.alloc(20, name);
  const hash = createHmac('sha1', salt).update(name).digest('base64');
  return `|1|${salt.toString('base64')}|${hash}`;
};

/** Numbers of the keys that the file accepts and revokes on a host. */
function ask(text: string, address: string, port = 22) {
  const { lines, faults } = parseKnownHosts(text);
  expect(faults).toEqual([]);
  const numbers = (keys: readonly { blob: string }[]) =>
    keys.map(({ blob }) => Number(/key (\d+)/.exec(Buffer.from(blob, 'base64').toString())?.[1]));
  const { accepted, revoked } = createKnownHosts(lines).find({ address, port });
  return { accepted: numbers(accepted), revoked: numbers(revoked) };
}
const accepted = (text: string, address: string, port?: number) => ask(text, address, port).accepted;

describe('a known_hosts file', () => {
  it('names hosts in the clear, several in a line, in any case, with comments and empty lines between', () => {
    const text = `# of the fleet\n\nesx1,10.0.0.1 ${key(1)} root@esx1\r\n  ESX2.example.org\t${key(2)}\nesx1 ${key(3, 'ssh-rsa')}\n`;
    expect(accepted(text, 'esx1')).toEqual([1, 3]);
    expect(accepted(text, '10.0.0.1')).toEqual([1]);
    expect(accepted(text, 'esx2.example.org')).toEqual([2]);
    expect(accepted(text, 'ESX2.EXAMPLE.ORG')).toEqual([2]);
    expect(accepted(text, 'esx')).toEqual([]);
  });

  it('may begin with a byte order mark, as an editor on Windows writes it', () => {
    expect(accepted(`\uFEFFesx1 ${key(1)}\n`, 'esx1')).toEqual([1]);
  });

  it('tells ports apart: a name alone is port 22, whichever way that is written', () => {
    const text = `esx1 ${key(1)}\n[esx1]:2222 ${key(2)}\n[esx2]:22 ${key(3)}\nfe80::1 ${key(4)}\n[fe80::1]:830 ${key(5)}\n`;
    expect(accepted(text, 'esx1')).toEqual([1]);
    expect(accepted(text, 'esx1', 2222)).toEqual([2]);
    expect(accepted(text, 'esx1', 23)).toEqual([]);
    expect(accepted(text, 'esx2')).toEqual([3]);
    expect(accepted(text, 'fe80::1')).toEqual([4]);
    expect(accepted(text, 'fe80::1', 830)).toEqual([5]);
  });

  it('knows an address in any spelling that means it', () => {
    const spelt = [
      ['2001:DB8:0:0::0001', '2001:db8::1'],
      ['2001:db8::1', '2001:0db8:0:0:0:0:0:1'],
      ['[2001:db8::1]', '2001:db8::1'],
      ['[2001:db8:0::1]:22', '2001:db8::1'],
      ['fe80::0:1%eth0', 'fe80::1%eth0'],
      ['::ffff:10.0.0.1', '::ffff:a00:1'],
      ['esx1.example.org.', 'esx1.example.org'],
      ['*.example.org.', 'esx1.example.org'],
      ['esx1.example.org', 'esx1.example.org.'],
      ['10.0.0.1.', '10.0.0.1'],
    ] as const;
    for (const [written, address] of spelt) expect(accepted(`${written} ${key(1)}`, address)).toEqual([1]);
    expect(accepted(`[2001:DB8:0::1]:830 ${key(1)}`, '2001:db8::1', 830)).toEqual([1]);
    expect(accepted(`[esx1.]:830 ${key(1)}`, 'esx1', 830)).toEqual([1]);
    expect(accepted(`2001:db8::2,fe80::1%eth1 ${key(1)}`, '2001:db8::1')).toEqual([]);
    expect(accepted(`*,!2001:DB8:0::1 ${key(1)}`, '2001:db8::1')).toEqual([]);
  });

  it('takes wildcards in any case', () => {
    expect(accepted(`*.EXAMPLE.org ${key(1)}`, 'esx1.example.org')).toEqual([1]);
    expect(accepted(`[ESX?]:2222 ${key(1)}`, 'esx1', 2222)).toEqual([1]);
  });

  it('finds fault with a key that is longer than any that a host may show', () => {
    const ofBytes = (bytes: number) =>
      Buffer.concat([Buffer.from([0, 0, 0, ECDSA.length]), Buffer.from(ECDSA), Buffer.alloc(bytes)]).toString(
        'base64',
      );
    const fits = 16_384 * 0.75 - 4 - ECDSA.length;
    expect(parseKnownHosts(`esx1 ${ECDSA} ${ofBytes(fits)}`).faults).toEqual([]);
    expect(parseKnownHosts(`esx1 ${ECDSA} ${ofBytes(fits + 1)}`).faults).toEqual([
      { line: 1, message: 'is not "<hosts> <type> <key in base64>", as ssh-keyscan prints it' },
    ]);
  });

  it('takes wildcards, and a negated name takes its line out whatever else matches', () => {
    const text = `*.example.org,!esx1.example.org ${key(1)}\nesx? ${key(2)}\n[esx*]:2222 ${key(3)}\n`;
    expect(accepted(text, 'esx2.example.org')).toEqual([1]);
    expect(accepted(text, 'esx1.example.org')).toEqual([]);
    expect(accepted(text, 'esx7')).toEqual([2]);
    expect(accepted(text, 'esx17')).toEqual([]);
    expect(accepted(text, 'esx17', 2222)).toEqual([3]);
  });

  it('finds a hashed name, of another port too, and no other', () => {
    const text = `${hashed('esx1')} ${key(1)}\n${hashed('[esx1]:2222')} ${key(2)}\n`;
    expect(accepted(text, 'ESX1')).toEqual([1]);
    expect(accepted(text, 'esx1', 2222)).toEqual([2]);
    expect(accepted(text, 'esx2')).toEqual([]);
  });

  it('reads the hash of the example in sshd(8)', () => {
    // man 8 sshd, "SSH_KNOWN_HOSTS FILE FORMAT"; its name is nobody's to know, so only the form is held here.
    const example = `|1|JfKTdBh7rNbXkVAQCRp4OQoPfmI=|USECr3SWf1JUPsms5AqfD5QfxkM= ${key(1)}`;
    expect(parseKnownHosts(example)).toMatchObject({ faults: [], lines: [{ hosts: { kind: 'hashed' } }] });
  });

  it('never accepts a key that is revoked for the host, whatever other lines say', () => {
    const text = `esx1 ${key(1)}\nesx2 ${key(1)}\nesx1 ${key(2)}\n@revoked esx1 ${key(1)}\n@revoked * ${key(9)}\n`;
    expect(ask(text, 'esx1')).toEqual({ accepted: [2], revoked: [1, 9] });
    expect(ask(text, 'esx2')).toEqual({ accepted: [1], revoked: [9] });
  });

  it('revokes a key by the bare name of its host on every port, and accepts none so', () => {
    const revoked = (hosts: string) =>
      ask(`@revoked ${hosts} ${key(1)}\n[esx1]:2222 ${key(1)}\n`, 'esx1', 2222);
    for (const hosts of ['esx1', 'ESX1.', 'esx*', hashed('esx1'), '[esx1]:2222', '*'])
      expect(revoked(hosts)).toEqual({ accepted: [], revoked: [1] });
    for (const hosts of ['esx2', '[esx1]:830'])
      expect(revoked(hosts)).toEqual({ accepted: [1], revoked: [] });
    expect(ask(`esx1 ${key(1)}\n`, 'esx1', 2222)).toEqual({ accepted: [], revoked: [] });
  });

  it.each([
    ['@cert-authority *.example.org', /cert-authority is not supported/],
    ['@trusted esx1', /unknown marker/],
    ['!esx1', /names no host/],
    ['|1|AAAA|AAAA', /hashed name/],
    ['|2|JfKTdBh7rNbXkVAQCRp4OQoPfmI=|USECr3SWf1JUPsms5AqfD5QfxkM=', /hashed name/],
    [`${hashed('a')},esx1`, /hashed name/],
  ])('says with its line what is wrong with "%s"', (hosts, message) => {
    const { faults } = parseKnownHosts(`esx1 ${key(1)}\n${hosts} ${key(2)}\n`);
    expect(faults).toEqual([{ line: 2, message: expect.stringMatching(message) }]);
  });

  it.each([
    'esx1',
    'esx1 ssh-rsa',
    `esx1 ssh-rsa ${blobOf(ECDSA, 1)}`,
    'esx1 ssh-rsa not/base64!',
    'esx1 ssh-rsa AAAAB3NzaC1yc2EAAAADAQAB',
    'esx1 1024 35 1234567890',
    `esx1 ssh-rsa ${'A'.repeat(16_388)}`,
  ])('does not pass over a line that is none: "%s"', (line) => {
    const { lines, faults } = parseKnownHosts(`${line}\n`);
    // The fifth is a whole field of the wire form, and the key stops there.
    if (line.endsWith('AQAB')) expect(lines).toHaveLength(1);
    else expect(faults).toEqual([{ line: 1, message: expect.stringContaining('ssh-keyscan') }]);
  });

  it('has bounds: bytes, lines, and lines that are searched for every host', () => {
    const first = (text: string) => parseKnownHosts(text).faults[0];
    expect(first('#'.repeat(MAX_KNOWN_HOSTS_BYTES))).toBeUndefined();
    expect(first('#'.repeat(MAX_KNOWN_HOSTS_BYTES + 1))).toEqual({
      line: 0,
      message: `has more than ${MAX_KNOWN_HOSTS_BYTES} bytes; name only the hosts that vsweep asks`,
    });
    expect(first('\n'.repeat(MAX_KNOWN_HOSTS_LINES - 1))).toBeUndefined();
    expect(first('\n'.repeat(MAX_KNOWN_HOSTS_LINES))).toEqual({
      line: 0,
      message: `has more than ${MAX_KNOWN_HOSTS_LINES} lines; name only the hosts that vsweep asks`,
    });
    const wild = (count: number) => `esx* ${key(1)}\n`.repeat(count);
    expect(first(wild(MAX_SEARCHED_LINES))).toBeUndefined();
    expect(first(wild(MAX_SEARCHED_LINES + 1))).toMatchObject({ line: MAX_SEARCHED_LINES + 1 });
    expect(first(`esx1 ${key(1)}\n${wild(MAX_SEARCHED_LINES)}`)).toBeUndefined();
  });

  it('reports 20 faults at most', () => {
    expect(parseKnownHosts('nothing\n'.repeat(1_000)).faults).toHaveLength(20);
  });

  it('never throws, and accepts nothing of what it finds fault with', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        const { lines, faults } = parseKnownHosts(text);
        const known = createKnownHosts(lines).find({ address: 'esx1', port: 22 });
        expect(known.accepted.length + known.revoked.length).toBeLessThanOrEqual(lines.length);
        expect(faults.every(({ line }) => line <= text.split('\n').length)).toBe(true);
      }),
    );
  });

  it('finds each key that was printed for a host on exactly that host', () => {
    const host = fc.record({
      address: fc.constantFrom('esx1', 'esx2.example.org', '10.0.0.1', 'fe80::1', 'ESX1'),
      port: fc.constantFrom(22, 2222),
      number: fc.nat(99),
    });
    fc.assert(
      fc.property(fc.array(host, { maxLength: 20 }), (hosts) => {
        const text = hosts.map((one) =>
          printKnownHost(one, { type: ECDSA, blob: blobOf(ECDSA, one.number) }),
        );
        for (const one of hosts) {
          const same = hosts.filter((other) => knownHostsName(other) === knownHostsName(one));
          expect(accepted(text.join('\n'), one.address, one.port)).toEqual(same.map(({ number }) => number));
        }
      }),
    );
  });
});

describe('matchPattern', () => {
  const letters = (extra: string) => fc.string({ unit: fc.constantFrom(...`ab.${extra}`), maxLength: 12 });

  it('matches what the regular expression of the same meaning matches', () => {
    fc.assert(
      fc.property(letters(''), letters('*?'), (text, pattern) => {
        const meaning = pattern.replaceAll('.', '\\.').replaceAll('*', '.*').replaceAll('?', '.');
        expect(matchPattern(text, pattern)).toBe(new RegExp(`^${meaning}$`).test(text));
      }),
      { numRuns: 2_000 },
    );
  });

  it('is not slow for a pattern that was made to be', () => {
    const startedAt = performance.now();
    expect(matchPattern('a'.repeat(2_000), `${'*a'.repeat(1_000)}*b`)).toBe(false);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });
});
