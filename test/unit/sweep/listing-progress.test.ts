import { describe, expect, it } from 'vitest';
import { followListing } from '../../../lib/sweep/listing/listing-progress.ts';
import type { SweepSession } from '../../../lib/sweep/sessions.ts';

const target = { name: 'vc01', url: 'https://10.0.0.1/sdk' };

describe('followListing', () => {
  it('names the url and what is waited for at each step', async () => {
    const said: string[] = [];
    const progress = followListing(target, {
      async login(_target, _credential, { beforePassword }) {
        said.push(progress.describe());
        await beforePassword?.({ fullName: '', apiType: '', version: '', fields: new Map() });
        said.push(progress.describe());
        return {} as SweepSession;
      },
    });
    said.push(progress.describe());
    let asked = 0;
    await progress.login({} as never, {} as never, {
      signal: new AbortController().signal,
      beforePassword: async () => {
        asked += 1;
      },
    });
    progress.loggedIn();
    said.push(progress.describe());
    expect(asked).toBe(1);
    expect(said).toEqual([
      expect.stringMatching(
        /^listing vc01 at https:\/\/10\.0\.0\.1\/sdk, waiting for its credential \(check /,
      ),
      expect.stringMatching(
        /waiting for its first answer \(check the address and port of the url, and the firewalls/,
      ),
      expect.stringMatching(/waiting for the answer to the login \(check the health/),
      expect.stringMatching(/waiting for its list of hosts \(check the health/),
    ]);
  });
});
