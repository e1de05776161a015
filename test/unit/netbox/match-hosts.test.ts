import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Device } from '../../../lib/netbox/device.ts';
import { type KnownHost, type Match, matchHosts } from '../../../lib/netbox/match-hosts.ts';

const host = (name: string, ...addresses: string[]): KnownHost => ({ moref: name, name, addresses });
const device = (name: string | undefined, site?: string, ...addresses: string[]): Device => ({
  id: 1,
  name,
  site,
  addresses,
});
const matchOne = (one: KnownHost, devices: Device[]) => matchHosts([one], devices).get(one.moref);

describe('matching a host with a device', () => {
  it('goes by the full name, whatever its case and a dot at its end', () => {
    const devices = [device('ESX01.example.org.', 'a'), device('esx02.example.org', 'b')];
    expect(matchOne(host('esx01.Example.org'), devices)).toEqual({ by: 'name', site: 'a' });
  });

  it('goes by an address when no device has the name', () => {
    const devices = [device('rack7', 'a', '10.0.0.7'), device(undefined, 'b', '2001:db8::7')];
    expect(matchOne(host('esx07.example.org', '10.0.0.7'), devices)).toEqual({ by: 'address', site: 'a' });
    expect(matchOne(host('esx07.example.org', '2001:DB8:0::7'), devices)).toEqual({
      by: 'address',
      site: 'b',
    });
    expect(matchOne(host('10.0.0.7'), devices)).toEqual({ by: 'address', site: 'a' });
  });

  it('goes by the short name only when no other host and no other device has it', () => {
    const devices = [device('esx01', 'a')];
    const [one, other] = [host('esx01.a.example.org'), host('esx01.b.example.org')];
    expect(matchOne(one, devices)).toEqual({ by: 'short-name', site: 'a' });
    expect(matchHosts([one, other], devices).size).toBe(0);
    expect(matchOne(one, [...devices, device('esx01.c.example.org', 'c')])).toBeUndefined();
    expect(matchOne(host('esx01'), [device('esx01.c.example.org', 'c')])).toEqual({
      by: 'short-name',
      site: 'c',
    });
  });

  it('takes no account of space around a name, and of several dots at its end', () => {
    expect(matchOne(host(' esx01.example.org '), [device('\tesx01.example.org..', 'a')])).toEqual({
      by: 'name',
      site: 'a',
    });
  });

  it('knows no short name of what begins with a dot', () => {
    expect(matchOne(host('.example.org'), [device('.example.com')])).toBeUndefined();
  });

  it('knows no short name of an address', () => {
    expect(matchOne(host('10.0.0.1'), [device('10'), device('10.0.0.2')])).toBeUndefined();
  });

  it('prefers the full name over an address, and an address over the short name', () => {
    const devices = [
      device('esx01', 'short'),
      device('other', 'address', '10.0.0.1'),
      device('esx01.example.org', 'name'),
    ];
    const one = host('esx01.example.org', '10.0.0.1');
    expect(matchOne(one, devices)?.site).toBe('name');
    expect(matchOne(one, devices.slice(0, 2))?.site).toBe('address');
    expect(matchOne(one, devices.slice(0, 1))?.site).toBe('short');
  });

  it('tells devices of one name apart by address, and claims no site where they differ', () => {
    const [one, other] = [device('esx01', 'a', '10.0.0.1'), device('esx01', 'b', '10.0.0.2')];
    expect(matchOne(host('esx01', '10.0.0.2'), [one, other])).toEqual({ by: 'name', site: 'b' });
    expect(matchOne(host('esx01'), [one, other])).toEqual({ by: 'name', site: undefined });
    expect(matchOne(host('esx01'), [one, { ...other, site: 'a' }])).toEqual({ by: 'name', site: 'a' });
  });

  it('finds nothing for a host without an active device', () => {
    expect(matchOne(host('esx09.example.org'), [device('esx01'), device(undefined, 'a')])).toBeUndefined();
    expect(matchHosts([], [device('esx01')]).size).toBe(0);
  });
});

/** Few letters, so that names meet. */
const label = fc.constantFrom('a', 'b', 'c');
const name = fc.oneof(
  label,
  fc.tuple(label, label).map((labels) => labels.join('.')),
);
const address = fc.constantFrom('10.0.0.1', '10.0.0.2', '2001:db8::1');
const anyDevice = fc
  .record({
    name: fc.option(name, { nil: undefined }),
    site: fc.option(label, { nil: undefined }),
    addresses: fc.uniqueArray(address, { maxLength: 2 }),
  })
  .map((one) => ({ id: 1, ...one }));
const hosts = fc
  .array(fc.record({ name: fc.oneof(name, address), addresses: fc.uniqueArray(address, { maxLength: 1 }) }), {
    maxLength: 6,
  })
  .map((list) => list.map((one, index) => ({ moref: `host-${index}`, ...one })));
const devices = fc.array(anyDevice, { maxLength: 6 });
const sorted = (matches: ReadonlyMap<string, Match>) => [...matches].toSorted(([a], [b]) => (a < b ? -1 : 1));

describe('any hosts and devices', () => {
  it('are matched as the rules say, read one after the other', () => {
    const ipOf = (text: string) => (/^[\d.]+$|:/.test(text) ? [text] : []);
    const short = (text: string) => (ipOf(text).length > 0 ? undefined : text.split('.')[0]);
    fc.assert(
      fc.property(hosts, devices, (hostList, deviceList) => {
        const matches = matchHosts(hostList, deviceList);
        for (const one of hostList) {
          const own = [...ipOf(one.name), ...one.addresses];
          const byName = deviceList.some((each) => each.name === one.name);
          const byAddress = deviceList.some(({ addresses }) => addresses.some((ip) => own.includes(ip)));
          const alike = deviceList.filter(
            (each) => each.name !== undefined && short(each.name) === short(one.name),
          );
          const twins = hostList.filter((each) => short(each.name) === short(one.name));
          const byShort = short(one.name) !== undefined && alike.length === 1 && twins.length === 1;
          const expected = byName ? 'name' : byAddress ? 'address' : byShort ? 'short-name' : undefined;
          expect(matches.get(one.moref)?.by).toBe(expected);
        }
      }),
    );
  });

  it('are matched alike in any order, and in any spelling of their names', () => {
    fc.assert(
      fc.property(hosts, devices, (hostList, deviceList) => {
        const straight = sorted(matchHosts(hostList, deviceList));
        expect(sorted(matchHosts(hostList.toReversed(), deviceList.toReversed()))).toEqual(straight);
        const loud = deviceList.map((one) => ({ ...one, name: one.name && `${one.name.toUpperCase()}.` }));
        expect(sorted(matchHosts(hostList, loud))).toEqual(straight);
      }),
    );
  });

  it('give a site only when it is that of an existing device', () => {
    fc.assert(
      fc.property(hosts, devices, (hostList, deviceList) => {
        for (const { site } of matchHosts(hostList, deviceList).values()) {
          expect(deviceList.map((one) => one.site)).toContain(site ?? deviceList[0]?.site);
        }
      }),
    );
  });
});
