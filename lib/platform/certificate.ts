import { X509Certificate } from 'node:crypto';

/** What is reported of a certificate. */
export interface Certificate {
  /** End of its validity, in milliseconds since the epoch. */
  readonly endsAt: number;
  /** Its common name, or its whole subject where that has none. */
  readonly subject: string;
}

/**
 * The first certificate of a text in PEM form, or of bytes in PEM or DER form; undefined for anything else. OpenSSL throws
 * for what is no certificate, and the date is none for a time that it cannot read.
 */
export function readCertificate(encoded: string | Buffer): Certificate | undefined {
  try {
    const { validToDate, subject } = new X509Certificate(encoded);
    const endsAt = validToDate.getTime();
    return Number.isNaN(endsAt) ? undefined : { endsAt, subject: nameIn(subject) };
  } catch {
    return undefined;
  }
}

/** A part of the subject a line: `CN=CA`, `DC=vsphere`. A certificate may have no subject at all. */
function nameIn(subject: string | undefined): string {
  const parts = (subject ?? '').split('\n');
  return parts.find((part) => part.startsWith('CN='))?.slice('CN='.length) ?? parts.join(', ');
}
