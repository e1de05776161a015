import { describe, expect, it } from 'vitest';
import { createHostOffer, explainNoBanner } from '../../../lib/esxi/why-no-session.ts';

const OURS = {
  kex: ['our-kex'],
  serverHostKey: ['our-host-key'],
  cipher: ['our-cipher', 'our-other-cipher'],
  hmac: ['our-mac'],
  compress: ['our-compression'],
};

/** What is said when ssh2 1.17.0 (protocol/kex.js, `handleKexInit`) logs these lines and fails with this error. */
function explain(lines: readonly string[], error: string) {
  const offer = createHostOffer();
  for (const line of lines) offer.log(line);
  return offer.explain(`Handshake failed: no matching ${error}`, OURS);
}

describe('createHostOffer', () => {
  it.each([
    ['key exchange algorithm', 'KEX method', 'our-kex in KexAlgorithms'],
    ['host key format', 'Host key format', 'our-host-key in HostKeyAlgorithms'],
    ['C->S cipher', 'C->S cipher', 'our-cipher, our-other-cipher in Ciphers'],
    ['S->C cipher', 'S->C cipher', 'our-cipher, our-other-cipher in Ciphers'],
    ['C->S MAC', 'C->S MAC', 'our-mac in MACs'],
    ['S->C MAC', 'S->C MAC', 'our-mac in MACs'],
    ['C->S compression', 'C->S compression', 'our-compression in Compression'],
    ['S->C compression', 'S->C compression', 'our-compression in Compression'],
  ])('says where to allow a %s that the host lacks', (what, logged, remedy) => {
    const lines = [`Handshake: (local) ${logged}: ours`, `Handshake: (remote) ${logged}: old,older`];
    expect(explain(lines, what)).toEqual({
      what: `the host and vsweep have no ${what} in common: the host offers old, older`,
      remedy: `allow one of ${remedy} of its sshd_config`,
    });
  });

  it('tells no extension as an algorithm, and no control character', () => {
    const names = 'ext-info-s,kex-strict-s-v00@openssh.com,old\x1b[2J,not-ext-info-s';
    expect(explain([`Handshake: (remote) KEX method: ${names}`], 'key exchange algorithm')?.what).toMatch(
      /: the host offers old \[2J, not-ext-info-s$/,
    );
  });

  it('says that a host offers nothing when its list is empty or never came', () => {
    const empty = ['Handshake: (remote) C->S cipher: '];
    const others = ['Handshake: (remote) S->C cipher: old', 'and Handshake: (remote) C->S cipher: old'];
    for (const lines of [empty, others]) {
      expect(explain(lines, 'C->S cipher')?.what).toMatch(/: the host offers nothing$/);
    }
  });

  it('explains no other error', () => {
    const offer = createHostOffer();
    expect(offer.explain('Handshake failed: invalid signature', OURS)).toBeUndefined();
    expect(offer.explain('no matching C->S cipher', OURS)).toBeUndefined();
  });
});

describe('explainNoBanner', () => {
  it.each([
    [
      'Exceeded MaxStartups',
      'look for clients that leave logins open there, or raise MaxStartups in its sshd_config',
    ],
    [
      'Not allowed at this time',
      "its sshd blocks this machine's address after failed logins (PerSourcePenalties): wait, and look in its log for the failed logins",
    ],
  ])('has a remedy of its own for "%s", whatever follows it', (words, remedy) => {
    expect(explainNoBanner(`${words} (1)`, 'cut')).toEqual({
      what: `the host accepts no ssh connection at the moment. It sent "${words} (1)"`,
      remedy,
    });
  });

  it.each([
    ['its words', 'it is said: Exceeded MaxStartups', '. It sent "it is said: Exceeded MaxStartups"'],
    ['the error where it said nothing', '', ' (cut)'],
  ])('asks for the port of any other peer, with %s', (_what, words, said) => {
    expect(explainNoBanner(words, 'cut')).toEqual({
      what: `the server there does not speak ssh${said}`,
      remedy: "check that this is the address and port of the host's ssh service",
    });
  });
});
