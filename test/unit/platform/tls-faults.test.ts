import { X509Certificate } from 'node:crypto';
import { generate } from 'selfsigned';
import { describe, expect, it } from 'vitest';
import { explainDistrust, toHandshakeError } from '../../../lib/platform/tls-faults.ts';

const opensslError = (code: string, what: string) =>
  Object.assign(
    new Error(
      `write EPROTO 407DA7D8807F0000:error:0A00010B:SSL routines:ssl3_read_bytes:${what}:../deps/openssl/x.c:77:\n`,
    ),
    { code },
  );

describe('toHandshakeError', () => {
  it.each([
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'wrong version number', 'vc01:443 does not speak TLS'],
    ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', 'x', 'failed (ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION)'],
    ['EPROTO', 'sslv3 alert handshake failure', 'failed (sslv3 alert handshake failure)'],
  ])('says %s in one line without the insides of OpenSSL', (code, what, said) => {
    const error = toHandshakeError(opensslError(code, what), 'vc01:443');
    expect(error).toMatchObject({ code, message: expect.stringContaining(said) });
    expect(error.message).not.toMatch(/openssl|error:|\n/);
    expect(error.message).toMatch(/Check (that )?the port of the url/);
  });

  it('keeps what OpenSSL said for whoever looks at the cause', () => {
    const cause = opensslError('EPROTO', 'x');
    expect(toHandshakeError(cause, 'vc01:443').cause).toBe(cause);
  });

  it.each([
    ['without its form', 'write EPROTO', 'EPROTO'],
    ['with more than words', 'EPROTO 0:error:0A:SSL:f:<b>no:x', 'EPROTO'],
    ['with too many of them', `EPROTO 0:error:0A:SSL:f:${'x'.repeat(81)}:`, 'EPROTO'],
    ['in capitals', `EPROTO 0:ERROR:0a:SSL:f:${'x'.repeat(80)}:`, 'x'.repeat(80)],
  ])('repeats no text %s', (_how, message, said) => {
    const error = Object.assign(new Error(message), { code: 'EPROTO' });
    expect(toHandshakeError(error, 'vc01:443').message).toContain(`failed (${said}). Check`);
  });

  it('hands on what the network says', () => {
    const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    expect(toHandshakeError(refused, 'vc01:443')).toBe(refused);
    const nameless = new Error('socket hang up');
    expect(toHandshakeError(nameless, 'vc01:443')).toBe(nameless);
    const inner = Object.assign(new Error('x'), { code: 'X_ERR_SSL_' });
    expect(toHandshakeError(inner, 'vc01:443')).toBe(inner);
  });
});

describe('explainDistrust', () => {
  const WORDS = { asked: 'vc01', hasIssuers: false, ca: 'ca: <file>' };
  const certificate = async (commonName: string, names: readonly string[] = []) => {
    const made = await generate([{ name: 'commonName', value: commonName }], {
      keyType: 'ec',
      algorithm: 'sha256',
      notAfterDate: new Date('2026-01-02T03:04:05Z'),
      extensions:
        names.length === 0
          ? [{ name: 'basicConstraints', cA: true }]
          : [{ name: 'subjectAltName', altNames: names.map((value) => ({ type: 2, value })) }],
    });
    return new X509Certificate(made.cert);
  };

  it.each([
    ['the names of its extension', 'cn', ['a.example.org', 'b'], 'DNS:a.example.org, DNS:b'],
    ['its common name', 'vcenter', [], 'only the common name vcenter'],
  ])('says of another name that the certificate holds %s', async (_what, commonName, names, held) => {
    const leaf = await certificate(commonName, names);
    expect(explainDistrust('ERR_TLS_CERT_ALTNAME_INVALID', { ...WORDS, leaf })).toEqual({
      why: `its issuer is trusted, but it is valid for ${held}, not for "vc01"`,
      remedy: 'Write the url with a name that the certificate has, or pin the certificate',
    });
  });

  it('quotes 300 characters of the names at most, in one line', () => {
    const whyOf = (subjectAltName: string | undefined, subject?: string) => {
      // Node gives undefined for an empty subject, whatever its types say.
      const leaf = { subjectAltName, subject } as X509Certificate;
      return explainDistrust('ERR_TLS_CERT_ALTNAME_INVALID', { ...WORDS, leaf })
        .why.split(' is valid for ')[1]
        ?.split(', not for ')[0];
    };
    expect(whyOf('x'.repeat(300))).toBe('x'.repeat(300));
    expect(whyOf('x'.repeat(301))).toBe(`${'x'.repeat(300)}…`);
    expect(whyOf(' a\x1b[2J\r\n\tb ')).toBe('a [2J b');
    expect(whyOf(undefined)).toBe('no name');
    expect(whyOf(undefined, 'O=us\nCN=vc01\nOU=x')).toBe('only the common name vc01');
    expect(whyOf(undefined, 'OU=CN=vc01')).toBe('no name');
  });

  it('says when a certificate ended, and that the clock may be wrong', async () => {
    const leaf = await certificate('vcenter');
    expect(explainDistrust('CERT_HAS_EXPIRED', { ...WORDS, leaf })).toEqual({
      why: `a certificate of its chain has expired; the server certificate is valid until Jan  2 03:04:05 2026 GMT`,
      remedy: 'Renew it, or correct the clock of this machine',
    });
  });

  it('has only the code of OpenSSL where there are no words of ours for it', async () => {
    const leaf = await certificate('vcenter');
    expect(explainDistrust('INVALID_PURPOSE', { ...WORDS, leaf }).why).toBe('INVALID_PURPOSE');
  });

  it('asks for the file of issuers, or for the right one', async () => {
    const leaf = await certificate('vcenter');
    const reason = 'DEPTH_ZERO_SELF_SIGNED_CERT';
    expect(explainDistrust(reason, { ...WORDS, leaf })).toEqual({
      why: `it is self-signed: ${reason}`,
      remedy: 'Name a file with its issuer:  ca: <file>',
    });
    expect(explainDistrust(reason, { ...WORDS, leaf, hasIssuers: true })).toEqual({
      why: `it is self-signed: ${reason}`,
      remedy: 'The file in tls.ca does not contain its issuer. Name the right file:  ca: <file>',
    });
  });
});
