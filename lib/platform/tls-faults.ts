import type { X509Certificate } from 'node:crypto';

/** The longest list of names that is quoted from a certificate, in characters. */
const MAX_NAMES = 300;

/**
 * A failed handshake in words of ours: OpenSSL's own hold addresses of its memory, paths of its sources and a line
 * break. Errors of the network are handed on as they are.
 */
export function toHandshakeError(error: NodeJS.ErrnoException, where: string): Error {
  const { code } = error;
  if (code !== 'EPROTO' && !code?.startsWith('ERR_SSL_')) return error;
  const problem =
    code === 'ERR_SSL_WRONG_VERSION_NUMBER'
      ? `${where} does not speak TLS. ` +
        'Check that the port of the url is an HTTPS port, and not that of a plain HTTP proxy'
      : `the TLS handshake with ${where} failed (${reasonOf(error)}). ` +
        'Check the port of the url, and that the server speaks TLS 1.2 or 1.3';
  return Object.assign(new Error(problem, { cause: error }), { code });
}

/** Why a certificate is not believed, and what to do; both without a full stop. `ca` is how a file of issuers is given. */
export function explainDistrust(
  reason: string,
  { leaf, asked, hasIssuers, ca }: { leaf: X509Certificate; asked: string; hasIssuers: boolean; ca: string },
): { why: string; remedy: string } {
  switch (reason) {
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return {
        why: `its issuer is trusted, but it is valid for ${namesOf(leaf)}, not for "${asked}"`,
        remedy: 'Write the url with a name that the certificate has, or pin the certificate',
      };
    case 'CERT_HAS_EXPIRED':
      return {
        why: `a certificate of its chain has expired; the server certificate is valid until ${leaf.validTo}`,
        remedy: 'Renew it, or correct the clock of this machine',
      };
    case 'CERT_NOT_YET_VALID':
      return {
        why: `a certificate of its chain is not valid yet; the server certificate is valid from ${leaf.validFrom}`,
        remedy: 'Correct the clock of this machine',
      };
    default: {
      const words = WORDS[reason];
      const why = words === undefined ? reason : `${words}: ${reason}`;
      return hasIssuers
        ? { why, remedy: `The file in tls.ca does not contain its issuer. Name the right file:  ${ca}` }
        : { why, remedy: `Name a file with its issuer:  ${ca}` };
    }
  }
}

/** What OpenSSL says of a chain that does not end where it should, in words of ours. */
const WORDS: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'it is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'its issuer is unknown here',
  UNABLE_TO_GET_ISSUER_CERT: 'its issuer is unknown here',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its issuer is unknown here',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its issuer is unknown here',
};

/** `ERR_SSL_…` in its own words; EPROTO has them in the middle of its message only. */
function reasonOf({ code, message }: NodeJS.ErrnoException): string {
  if (code !== undefined && code !== 'EPROTO') return code;
  return /error:[0-9A-F]+:[^:]*:[^:]*:([\w ]{1,80}):/i.exec(message)?.[1] ?? 'EPROTO';
}

/** The peer chose them: bounded, in one line. */
function namesOf({ subjectAltName, subject }: X509Certificate): string {
  const common = subject?.match(/^CN=(.*)/m)?.[1];
  const names = subjectAltName ?? (common === undefined ? 'no name' : `only the common name ${common}`);
  const line = names.replace(/[\p{Cc}\s]+/gu, ' ').trim();
  return line.length > MAX_NAMES ? `${line.slice(0, MAX_NAMES)}…` : line;
}
