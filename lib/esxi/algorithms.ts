import type { Algorithms, ServerHostKeyAlgorithm } from 'ssh2';

/** Signature algorithms that prove a key of the type, best first. */
const HOST_KEY_TYPES: readonly (readonly [type: string, signatures: readonly ServerHostKeyAlgorithm[]])[] = [
  ['ecdsa-sha2-nistp256', ['ecdsa-sha2-nistp256']],
  ['ecdsa-sha2-nistp384', ['ecdsa-sha2-nistp384']],
  ['ecdsa-sha2-nistp521', ['ecdsa-sha2-nistp521']],
  ['ssh-rsa', ['rsa-sha2-512', 'rsa-sha2-256']],
  ['ssh-ed25519', ['ssh-ed25519']],
];

/**
 * What is offered: ESXi's FIPS set first (nistp256 is also the cheapest here), then what an ordinary OpenSSH has. The
 * types of known keys come first, so that a host with several keys shows the one that is known. No SHA-1.
 *
 * No chacha20-poly1305: every ESXi and every OpenSSH has AES as well, it takes ssh2 twice the time of AES-GCM, and a
 * WebAssembly module that each start would load. It is one of the ciphers of CVE-2023-48795 (https://terrapin-attack.com).
 *
 * No group exchange, although OpenSSH has it: the host chooses the group, and its prime is tested in this thread
 * (`crypto.createDiffieHellman`: 2 s of processor for 3,072 bits, 32 s for 8,192), in which no other host is read
 * meanwhile (https://github.com/mscdex/ssh2/issues/1031 and 1386). No group 18: it costs five times what group 16 does.
 */
export function offeredAlgorithms(knownKeyTypes: readonly string[] = []) {
  const isKnown = (type: string) => Number(knownKeyTypes.includes(type));
  const knownFirst = HOST_KEY_TYPES.toSorted(([one], [other]) => isKnown(other) - isKnown(one));
  return {
    kex: [
      'ecdh-sha2-nistp256',
      'ecdh-sha2-nistp384',
      'ecdh-sha2-nistp521',
      'curve25519-sha256',
      'curve25519-sha256@libssh.org',
      'diffie-hellman-group14-sha256',
      'diffie-hellman-group16-sha512',
    ],
    cipher: ['aes128-gcm@openssh.com', 'aes256-gcm@openssh.com', 'aes128-ctr', 'aes192-ctr', 'aes256-ctr'],
    hmac: [
      'hmac-sha2-256-etm@openssh.com',
      'hmac-sha2-512-etm@openssh.com',
      'hmac-sha2-256',
      'hmac-sha2-512',
    ],
    serverHostKey: knownFirst.flatMap(([, signatures]) => signatures),
    compress: ['none'],
  } satisfies Algorithms;
}
