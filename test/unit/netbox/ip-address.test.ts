import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normalIp } from '../../../lib/netbox/ip-address.ts';

describe('an IP address', () => {
  it.each([
    ['10.0.0.1/24', '10.0.0.1'],
    [' 10.0.0.1 ', '10.0.0.1'],
    ['2001:DB8:0:0:0:0:0:1/64', '2001:db8::1'],
    ['2001:db8::0001', '2001:db8::1'],
    ['fe80::1%vmk0', 'fe80::1'],
    ['::ffff:10.0.0.1', '10.0.0.1'],
    ['::ffff:a00:1', '10.0.0.1'],
    ['::ffff:172.16.254.3', '172.16.254.3'],
    ['1::ffff:a00:1', '1::ffff:a00:1'],
    ['::ffff:a00:1:2', '::ffff:a00:1:2'],
    ['::1', '::1'],
    ['esx01', undefined],
    ['10.0.0.256', undefined],
    ['10.0.0', undefined],
    ['', undefined],
  ])('%s is %s', (written, normal) => {
    expect(normalIp(written)).toBe(normal);
  });

  it('has one spelling, which is its own normal form', () => {
    fc.assert(
      fc.property(fc.ipV6(), fc.integer({ min: 0, max: 128 }), (address, mask) => {
        const normal = normalIp(address);
        expect(normal).toBeDefined();
        expect(normalIp(`${address.toUpperCase()}/${mask}`)).toBe(normal);
        expect(normalIp(normal ?? '')).toBe(normal);
      }),
    );
  });
});
