import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressOf } from '../../../lib/sweep/plan/address.ts';
import { esxiConfig } from './builders.ts';

const of = (name: string, changes: Parameters<typeof esxiConfig>[0] = {}, managementAddress?: string) => {
  const where = addressOf({ name, managementAddress }, esxiConfig(changes));
  return `${where.address} ${where.port}`;
};

describe('addressOf', () => {
  it('dials the name, with the domain when the name is short', () => {
    expect(of('esx01')).toBe('esx01 22');
    expect(of('esx01', { domain: 'example.org' })).toBe('esx01.example.org 22');
    expect(of('esx01.example.net', { domain: 'example.org', port: 2222 })).toBe('esx01.example.net 2222');
    expect(of('2001:db8::1', { domain: 'example.org' })).toBe('2001:db8::1 22');
  });

  it('dials the management IP where that is asked for, and the name when it is not known', () => {
    expect(of('esx01', { address: 'management-ip' }, '10.1.1.1')).toBe('10.1.1.1 22');
    expect(of('esx01', { address: 'management-ip' })).toBe('esx01 22');
    expect(of('esx01', { address: 'management-ip', domain: 'example.org' })).toBe('esx01.example.org 22');
  });

  it.each([
    ['10.0.0.7', '10.0.0.7 22'],
    ['10.0.0.7:2022', '10.0.0.7 2022'],
    ['[fe80::1]', 'fe80::1 22'],
    ['[fe80::1]:2022', 'fe80::1 2022'],
    ['other.example.org:22', 'other.example.org 22'],
    // What the check of the configuration refuses stays what it is.
    ['fe80::1', 'fe80::1 22'],
    ['10.0.0.7:22x', '10.0.0.7:22x 22'],
  ])('takes the override %s before anything else', (override, where) => {
    const changes = { address: 'management-ip', overrides: { esx01: override } } as const;
    expect(of('esx01', changes, '10.1.1.1')).toBe(where);
  });

  it('dials a host that is a target itself where its API is asked, so that both count as one account', () => {
    const host = { name: 'esx01', ownAddress: '10.0.0.7', managementAddress: '10.1.1.1' };
    const changes = { address: 'management-ip', domain: 'example.org', port: 2222 } as const;
    expect(addressOf(host, esxiConfig(changes))).toEqual({ address: '10.0.0.7', port: 2222 });
    expect(addressOf(host, esxiConfig({ overrides: { esx01: '10.0.0.8' } })).address).toBe('10.0.0.8');
  });

  it('finds no override in what every object has by itself', () => {
    expect(of('constructor')).toBe('constructor 22');
    expect(of('__proto__')).toBe('__proto__ 22');
  });

  it('gives back every address and port that were written as an override', () => {
    const host = fc.oneof(fc.ipV4(), fc.domain());
    fc.assert(
      fc.property(fc.oneof(host, fc.ipV6()), fc.integer({ min: 1, max: 65_535 }), (address, port) => {
        const written = address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
        expect(addressOf({ name: 'esx' }, esxiConfig({ overrides: { esx: written } }))).toEqual({
          address,
          port,
        });
      }),
    );
  });
});
