import * as z from 'zod';

/**
 * Without the flag i, which JSON Schema does not have. `openssl x509 -fingerprint -sha256` prints `sha256 Fingerprint=AB:CD:…`,
 * of version 1.1 and LibreSSL `SHA256 Fingerprint=…`.
 */
const PRINTED =
  /^\s*(?:[Ss][Hh][Aa]256 Fingerprint=)?((?:[0-9A-Fa-f]{2}:){31}[0-9A-Fa-f]{2}|[0-9A-Fa-f]{64})\s*$/;
const PIN_FORM =
  'write 32 bytes in hexadecimal, such as "AB:CD:…", or the whole line that openssl x509 -noout -fingerprint -sha256 prints';

/** What stands in the README, where a reader is to write the fingerprint of a certificate. */
export const PLACEHOLDER_PIN = Array(4).fill('AB:CD:EF:01:23:45:67:89').join(':');
const IS_PLACEHOLDER =
  'is the placeholder of the README; read the fingerprint of your server: ' +
  'openssl s_client -connect HOST:443 </dev/null | openssl x509 -noout -fingerprint -sha256';

/** The form in which pins are shown and compared: upper case, with colons. */
const toPin = (written: string): string =>
  PRINTED.exec(written)?.[1]?.replaceAll(':', '').toUpperCase().match(/../g)?.join(':') ?? written;

const pin = z
  .string(PIN_FORM)
  .regex(PRINTED, PIN_FORM)
  .refine((written) => toPin(written) !== PLACEHOLDER_PIN, IS_PLACEHOLDER);

const MAX_PINS = 8;

/** One fingerprint or a list of them, as openssl prints them; afterwards always a list, in one form. */
export const pins = z
  .union(
    [
      pin,
      z
        .array(pin, 'write a list of fingerprints')
        .min(1, 'name at least one fingerprint')
        // Not by `max`, after which a union has no word of what its parts say.
        .refine(({ length }) => length <= MAX_PINS, `name at most ${MAX_PINS} fingerprints`)
        .meta({ maxItems: MAX_PINS }),
    ],
    'write a fingerprint or a list of them',
  )
  // Not in `pin`: of a value that is transformed, too, a union has no word either.
  .transform((written) => [written].flat().map(toPin));

/** The fingerprints of one text, with commas, spaces or line breaks between them. */
export const splitPins = (text: string): string[] =>
  text
    .replaceAll(/sha256 fingerprint=/gi, '')
    .split(/[\s,]+/)
    .filter((one) => one !== '');
