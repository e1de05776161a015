import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PLACEHOLDER_PIN, pins, splitPins } from '../../../lib/config/tls-pins.ts';

const pin = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0').toUpperCase()).join(':'));

describe('pins of a certificate', () => {
  it('are taken as openssl prints them, whatever the case, with or without colons, alone or in a list', () => {
    const forms = [
      (one: string) => one,
      (one: string) => one.toLowerCase(),
      (one: string) => one.replaceAll(':', ''),
      (one: string) => `sha256 Fingerprint=${one}`,
      (one: string) => `SHA256 Fingerprint=${one}\n`,
      (one: string) => `  ${one.toLowerCase().replaceAll(':', '')} `,
    ];
    fc.assert(
      fc.property(pin, fc.constantFrom(...forms), (one, write) => {
        expect(pins.parse(write(one))).toEqual([one]);
        expect(pins.parse([write(one), one])).toEqual([one, one]);
        expect(splitPins(`${write(one)},${write(one)}`).map((part) => pins.parse(part))).toEqual([
          [one],
          [one],
        ]);
      }),
    );
  });

  it.each([
    ['', 'write 32 bytes in hexadecimal'],
    ['AB:CD', 'write 32 bytes in hexadecimal'],
    ['sha1 Fingerprint=AB:CD', 'write 32 bytes in hexadecimal'],
    [`${Array(32).fill('AB').join(':')}:AB`, 'write 32 bytes in hexadecimal'],
    [[], 'name at least one fingerprint'],
    [5, 'write a fingerprint or a list of them'],
  ])('of another form are refused with what to write: %j', (written, message) => {
    expect(pins.safeParse(written).error?.issues[0]?.message).toContain(message);
  });

  it('that are the placeholder of the README are refused in every form, with the command that reads the right one', () => {
    const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
    expect(readme).toContain(PLACEHOLDER_PIN);
    for (const written of [PLACEHOLDER_PIN, [PLACEHOLDER_PIN.toLowerCase().replaceAll(':', '')]])
      expect(pins.safeParse(written).error?.issues[0]?.message).toMatch(
        /is the placeholder of the README; .*openssl s_client -connect HOST:443 <\/dev\/null \| openssl x509 -noout -fingerprint -sha256$/,
      );
  });
});
