import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { skipByListing } from '../../../lib/sweep/plan/who-is-asked.ts';
import { listedHost } from './builders.ts';

const RULES = { lockdown: 'skip', maintenance: 'collect' } as const;

describe('skipByListing', () => {
  it.each([
    [{ powerState: 'poweredOff' }, 'poweredoff'],
    [{ powerState: 'standBy' }, 'standby'],
    [{ lockdownMode: 'lockdownNormal' }, 'lockdown'],
    [{ lockdownMode: 'lockdownStrict' }, 'lockdown'],
    [{ inMaintenanceMode: true }, undefined],
    [{ powerState: 'poweredOff', lockdownMode: 'lockdownNormal' }, 'poweredoff'],
  ] as const)('by default, of a host with %o says %s', (changes, reason) => {
    expect(skipByListing(listedHost(1, changes), RULES)).toBe(reason);
  });

  it('asks hosts in lockdown and leaves those in maintenance out when the configuration wants that', () => {
    const rules = { lockdown: 'try', maintenance: 'skip' } as const;
    expect(skipByListing(listedHost(1, { lockdownMode: 'lockdownStrict' }), rules)).toBeUndefined();
    expect(skipByListing(listedHost(1, { inMaintenanceMode: true }), rules)).toBe('maintenance');
  });

  it('never skips for the connection state, nor for what could not be read', () => {
    const connectionState = fc.constantFrom('connected', 'disconnected', 'notResponding', 'unreadable');
    const powerState = fc.constantFrom('poweredOn', 'unknown', 'unreadable');
    const rules = fc.record({
      lockdown: fc.constantFrom('skip', 'try'),
      maintenance: fc.constantFrom('collect', 'skip'),
    });
    fc.assert(
      fc.property(connectionState, powerState, rules, (connection, power, rule) => {
        const host = listedHost(1, {
          connectionState: connection,
          powerState: power,
          inMaintenanceMode: undefined,
          lockdownMode: undefined,
        });
        expect(skipByListing(host, rule)).toBeUndefined();
      }),
    );
  });
});
