import { BlockList } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalAddress, canonicalRange } from '../../../lib/config/cidr.ts';

const group = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xff_ff }));
const ipv6 = fc
  .tuple(fc.array(group, { minLength: 8, maxLength: 8 }), fc.boolean(), fc.boolean())
  .map(([groups, isUpper, isPadded]) => {
    const text = groups.map((one) => one.toString(16).padStart(isPadded ? 4 : 1, '0')).join(':');
    return isUpper ? text.toUpperCase() : text;
  });
const range = fc.oneof(
  fc.tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 }), fc.constant('ipv4' as const)),
  fc.tuple(ipv6, fc.integer({ min: 0, max: 128 }), fc.constant('ipv6' as const)),
);

describe('a range as AWS writes it', () => {
  it.each([
    ['10.20.0.5/16', '10.20.0.0/16', false],
    ['10.20.0.0/16', '10.20.0.0/16', true],
    ['192.168.1.129/25', '192.168.1.128/25', false],
    ['0.0.0.0/0', '0.0.0.0/0', true],
    ['10.0.0.0/08', '10.0.0.0/8', true],
    ['FD00:0:0::/16', 'fd00::/16', true],
    ['fd00:9::1/64', 'fd00:9::/64', false],
    ['::ffff:10.0.0.1/128', '::ffff:a00:1/128', true],
    ['::/0', '::/0', true],
  ])('of %s is %s', (written, canonical, isFirst) => {
    expect(canonicalRange(written)).toEqual({ range: canonical, isFirst });
  });

  it('has the address that was written, is its own canonical form, and begins at its first address', () => {
    fc.assert(
      fc.property(range, ([address, bits, family]) => {
        const found = canonicalRange(`${address}/${bits}`);
        if (found === undefined) throw new Error('is a range');
        expect(canonicalRange(found.range)).toEqual({ range: found.range, isFirst: true });
        const [first = '', length] = found.range.split('/');
        const block = new BlockList();
        block.addSubnet(first, Number(length), family);
        expect(block.check(address, family)).toBe(true);
        expect(found.isFirst).toBe(first === canonicalAddress(address));
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    '',
    '10.0.0.0',
    '10.0.0.0/33',
    '::/129',
    '10.0.0/8',
    '10.0.0.0/8/8',
    '10.0.0.0/-1',
    'fe80::1%eth0/64',
  ])('is none of "%s"', (written) => expect(canonicalRange(written)).toBeUndefined());
});
