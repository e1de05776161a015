import type { EsxiConfig } from '../config/schema.ts';
import type { CredentialReader } from '../credentials/credential.ts';
import type { Log } from '../platform/log.ts';

/**
 * Says once a start that a password for ssh goes to whatever key a host shows first, where nobody chose that. What a
 * credential is shows only when it is read: a private key is bound to the connection, so nothing leaks to such a host.
 */
export function warnOfUnknownKeys<Reader extends CredentialReader>(
  credentials: Reader,
  { esxi, log }: { esxi: EsxiConfig | undefined; log: Log },
): Reader {
  if (esxi === undefined || esxi.hostKeys.unknown !== undefined) return credentials;
  let isTold = false;
  return {
    ...credentials,
    async read(source, options) {
      const credential = await credentials.read(source, options);
      if (source === esxi.credentials && credential.proof.kind === 'password' && !isTold) {
        isTold = true;
        log.warn('esxi.hostKeys is not set: at first contact the password goes to a host with any key', {
          remedy: UNKNOWN_KEYS_REMEDY,
        });
      }
      return credential;
    },
  };
}

/** Whole sections, so that they can be pasted below `esxi`. */
export const UNKNOWN_KEYS_REMEDY =
  'write hostKeys: { unknown: refuse } under esxi and accept the keys by "vsweep hostkey scan --accept", or hostKeys: ' +
  '{ unknown: trust-first } if the network can be trusted';
