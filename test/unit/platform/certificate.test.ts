import { describe, expect, it } from 'vitest';
import { makeIdentity } from '../../../lib/demo/vcenter/certificate.ts';
import { readCertificate } from '../../../lib/platform/certificate.ts';
import { createManualClock } from '../../support/manual-clock.ts';

describe('readCertificate', () => {
  it('has the end of the validity and the common name, of PEM and of DER', async () => {
    const now = Date.UTC(2026, 0, 1);
    const { cert } = await makeIdentity({ clock: createManualClock(now), addresses: [] });
    const read = readCertificate(cert);
    // For two days from an hour ago.
    expect(read).toEqual({ subject: 'localhost', endsAt: now + 47 * 3_600_000 });
    const der = Buffer.from(cert.replaceAll(/-----[A-Z ]+-----|\s/g, ''), 'base64');
    expect(readCertificate(der)).toEqual(read);
  });

  it.each(['', 'text', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'])(
    'is none of %j',
    (text) => {
      expect(readCertificate(text)).toBeUndefined();
      expect(readCertificate(Buffer.from(text))).toBeUndefined();
    },
  );
});
