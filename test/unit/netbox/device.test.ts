import { describe, expect, it } from 'vitest';
import { devicePage, parseDevice, storedDevices } from '../../../lib/netbox/device.ts';

const ACTIVE = { value: 'active' };
/** What is wrong with a device that may be listed in these states; undefined when nothing is. */
const faultOf = (device: object, statuses?: readonly string[]) => {
  const parsed = parseDevice({ id: 7, ...device }, statuses);
  return 'fault' in parsed ? parsed.fault : undefined;
};

describe('a device of a page', () => {
  it('leaves out what NetBox leaves empty', () => {
    const empty = { name: '', site: null, status: ACTIVE, primary_ip4: null, primary_ip6: { address: 'x' } };
    expect(parseDevice({ id: 7, ...empty } as never, ['active'])).toEqual({
      device: { id: 7, addresses: [] },
    });
    expect(parseDevice({ id: 7, site: { slug: '' } } as never, undefined)).toEqual({
      device: { id: 7, addresses: [] },
    });
  });

  it('has its addresses without mask, IPv4 first', () => {
    const addresses = {
      primary_ip4: { address: '10.0.0.1/24' },
      primary_ip6: { address: '2001:DB8:0::1/64' },
    };
    expect(parseDevice({ id: 7, ...addresses } as never, undefined)).toEqual({
      device: { id: 7, addresses: ['10.0.0.1', '2001:db8::1'] },
    });
  });

  it('has the status that was asked for, or any where none was', () => {
    expect(faultOf({ status: ACTIVE }, ['staged', 'active'])).toBeUndefined();
    expect(faultOf({ status: null })).toBeUndefined();
    expect(faultOf({ status: ACTIVE }, [])).toBe('device 7: its status is active, which was not requested');
    expect(faultOf({ status: null }, ['active'])).toBe(
      'device 7: its status is unset, which was not requested',
    );
  });

  it.each([
    [{ id: 0 }, 'device 0: id: '],
    [{ name: 7 }, 'device 7: name: '],
    [{ name: 'x'.repeat(257) }, 'device 7: name: '],
    [{ site: { slug: 7 } }, 'device 7: site.slug: '],
    [{ primary_ip6: { address: 7 } }, 'device 7: primary_ip6.address: '],
  ])('says where %j is wrong', (device, said) => {
    expect(faultOf(device)).toContain(said);
  });

  it('may have a name of 256 characters', () => {
    expect(faultOf({ name: 'x'.repeat(256) })).toBeUndefined();
  });
});

describe('a page of devices', () => {
  const page = { count: 0, next: null, results: [] };

  it.each([
    ['count', { count: -1 }],
    ['next', { next: 'x'.repeat(65_537) }],
    ['results', { results: Array.from({ length: 100_001 }, () => ({ id: 1 })) }],
    ['results', { results: [{ id: 0 }] }],
  ])('has its limits: %s', (where, parts) => {
    expect(devicePage.safeParse({ ...page, ...parts }).error?.issues[0]?.path[0]).toBe(where);
  });

  it('may be as long as they say', () => {
    const long = {
      count: 1,
      next: 'x'.repeat(65_536),
      results: Array.from({ length: 100_000 }, () => ({ id: 1 })),
    };
    expect(devicePage.safeParse(long).success).toBe(true);
    expect(devicePage.safeParse(page).success).toBe(true);
  });
});

it('devices are kept up to a limit', () => {
  const kept = Array.from({ length: 200_001 }, () => ({ id: 1, addresses: [] }));
  expect(storedDevices.safeParse(kept).success).toBe(false);
  expect(storedDevices.safeParse(kept.slice(1)).success).toBe(true);
});
