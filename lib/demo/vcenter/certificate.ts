import { generate } from 'selfsigned';
import type { Clock } from '../../platform/clock.ts';

/** A key and its certificate, both in PEM form. */
export interface TlsIdentity {
  readonly key: string;
  readonly cert: string;
}

const DAY_MS = 24 * 60 * 60 * 1_000;

/** A certificate of its own for a server on loopback, valid from an hour ago, for two days by default. */
export async function makeIdentity(options: {
  clock: Clock;
  addresses: readonly string[];
  validDays?: number;
}): Promise<TlsIdentity> {
  const startsAt = options.clock.now() - DAY_MS / 24;
  const made = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: new Date(startsAt),
    notAfterDate: new Date(startsAt + (options.validDays ?? 2) * DAY_MS),
    extensions: [
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          ...options.addresses.map((ip) => ({ type: 7 as const, ip })),
        ],
      },
    ],
  });
  return { key: made.private, cert: made.cert };
}
