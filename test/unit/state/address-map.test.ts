import { describe, expect, it } from 'vitest';
import { createAddressMap, endpointOf } from '../../../lib/state/address-map.ts';

describe('an address map', () => {
  it('knows an address by every spelling', () => {
    const map = createAddressMap([['ESX01.example.org.', 1]]);
    expect(map.get('esx01.EXAMPLE.org')).toBe(1);
    expect(map.has('esx01.example.org.')).toBe(true);
    expect(map.set('Esx01.Example.Org', 2).size).toBe(1);
    expect([...map]).toEqual([['esx01.example.org', 2]]);
    expect(map.delete('ESX01.EXAMPLE.ORG.')).toBe(true);
    expect(map.get('esx01')).toBeUndefined();
  });
});

describe('the endpoint under which a key is pinned', () => {
  it('has the address and the port', () => {
    expect(endpointOf({ address: 'esx01.example.org', port: 2222 })).toBe('esx01.example.org:2222');
  });
});
