import { describe, expect, it } from 'vitest';
import { nextLogin } from '../../../lib/cli/blacklist.ts';
import { systemClock } from '../../../lib/platform/clock.ts';

const now = systemClock.now();

describe('nextLogin', () => {
  it.each([
    ['https://VC01.example.org/sdk', 'vc01.example.org'],
    ['https://[2001:DB8::1]/sdk', '2001:db8::1'],
    ['https://192.0.2.1:8443/sdk', '192.0.2.1'],
  ])('judges the account on the vCenter %s by the rules of vCenters', (url, address) => {
    const account = {
      user: 'sweeper',
      address,
      refusals: 2,
      refusedVersions: ['v1', 'v1'],
      earlierRefusalAt: now,
      lastRefusalAt: now,
    };
    const config = { targets: [{ url }], blacklist: { minutes: 20 } };
    const loaded = { config } as unknown as Parameters<typeof nextLogin>[2];
    expect(nextLogin(account, new Set(), loaded)).toEqual({ opens: 'time', until: now + 3_600_000 });
    // A host that is a target itself stands under the rules of hosts.
    expect(nextLogin(account, new Set([address]), loaded)).toEqual({ opens: 'lift' });
  });
});
