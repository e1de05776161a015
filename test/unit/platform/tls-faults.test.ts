import { describe, expect, it } from 'vitest';
import { toHandshakeError } from '../../../lib/platform/tls-faults.ts';

const opensslError = (code: string, what: string) =>
  Object.assign(
    new Error(
      `write EPROTO 407DA7D8807F0000:error:0A00010B:SSL routines:f:${what}:../deps/openssl/x.c:77:\n`,
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
    expect(error.message).toContain('Check the port of the url');
  });

  it('hands on what the network says', () => {
    const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    expect(toHandshakeError(refused, 'vc01:443')).toBe(refused);
  });
});
