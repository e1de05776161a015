import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { certificateEnd } from '../../../lib/catalogue/sources/certificate-end.ts';
import { DEMO_CERTIFICATES } from '../../../lib/demo/vcenter/demo-certificates.ts';

const { valid, ended } = DEMO_CERTIFICATES;
const signed = (bytes: Uint8Array): number[] => [...Int8Array.from(bytes)];
const derOf = (pem: string) => Buffer.from(pem.replace(/-----.*?-----|\s/g, ''), 'base64');
const endOf = (bytes: Uint8Array) => certificateEnd.toPoints(signed(bytes))?.map(({ value }) => value);

const END = Date.parse('2026-01-02T03:04:05Z') / 1_000;

describe('the end of a certificate', () => {
  it('is read from the signed bytes of its PEM or DER form', () => {
    expect(endOf(Buffer.from(ended))).toEqual([END]);
    expect(endOf(derOf(ended))).toEqual([END]);
    expect(certificateEnd.toPoints([...Buffer.from(ended)])?.[0]?.value).toBe(END);
  });

  it('is that of the first certificate where the issuers follow', () => {
    expect(endOf(Buffer.from(ended + valid))).toEqual([END]);
  });

  it.each([
    ['no bytes', []],
    ['text', ended],
    ['numbers that are no bytes', [45, 1_000]],
    ['fractions', [45.5]],
    ['texts', ['45']],
    ['more than a certificate has', new Array(70_000).fill(45)],
  ])('is not read from %s', (_, value) => {
    expect(certificateEnd.toPoints(value)).toBeUndefined();
  });

  it('is a number or nothing, and no error, whatever byte of a certificate is spoiled', () => {
    const der = derOf(ended);
    fc.assert(
      fc.property(fc.nat(der.length - 1), fc.nat(255), fc.nat(der.length), (at, byte, length) => {
        const spoiled = Buffer.from(der);
        spoiled[at] = byte;
        for (const bytes of [spoiled, spoiled.subarray(0, length)])
          for (const value of endOf(bytes) ?? []) expect(Number.isFinite(value)).toBe(true);
      }),
    );
  });
});
