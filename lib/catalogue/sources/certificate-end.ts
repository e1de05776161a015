import { readCertificate } from '../../platform/certificate.ts';
import type { PropertyValue } from '../../vsphere/property/retrieved-object.ts';
import type { Conversion } from './conversions.ts';

/** A certificate in PEM form has one to four kilobytes. */
const MAX_BYTES = 65_536;

/**
 * The end of the validity of a certificate, in seconds since the epoch. vSphere sends it as `byte[]`, signed numbers, in PEM form
 * (govmomi's `host.cert.info -show` prints `HostSystem.config.certificate` as it is); DER is read too. Of several certificates it is the first.
 */
export const certificateEnd: Conversion = {
  as: 'array',
  toPoints(value) {
    const bytes = bytesOf(value);
    const endsAt = bytes === undefined ? undefined : readCertificate(bytes)?.endsAt;
    return endsAt === undefined ? undefined : [{ labels: [], value: endsAt / 1_000 }];
  },
  expected: 'certificates',
};

function bytesOf(value: PropertyValue): Buffer | undefined {
  if (!Array.isArray(value) || value.length > MAX_BYTES) return undefined;
  const isByte = (one: PropertyValue) => Number.isInteger(one) && Number(one) >= -128 && Number(one) <= 255;
  return value.every(isByte) ? Buffer.from(value) : undefined;
}
