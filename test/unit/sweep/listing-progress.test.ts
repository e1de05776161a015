import { describe, expect, it } from 'vitest';
import { followListing } from '../../../lib/sweep/listing/listing-progress.ts';
import type { SweepSession } from '../../../lib/sweep/sessions.ts';

const target = { name: 'vc01', url: 'https://10.0.0.1/sdk' };

describe('followListing', () => {
  it('names the url and what is waited for at each step', async () => {
    const said: string[] = [];
    const progress = followListing(target, {
      async logins(_account, work) {
        said.push(progress.describe());
        return await work();
      },
      async login(_target, _credential, { beforePassword }) {
        said.push(progress.describe());
        await beforePassword?.({ fullName: '', apiType: '', version: '', fields: new Map() });
        said.push(progress.describe());
        return {} as SweepSession;
      },
    });
    said.push(progress.describe());
    let asked = 0;
    await progress.logins({ user: 'sweeper', address: '10.0.0.1' }, () =>
      progress.login({} as never, {} as never, {
        signal: new AbortController().signal,
        beforePassword: async () => {
          asked += 1;
          said.push(progress.describe());
        },
      }),
    );
    progress.loggedIn();
    said.push(progress.describe());
    expect(asked).toBe(1);
    expect(said).toEqual([
      expect.stringMatching(
        /^listing vc01 at https:\/\/10\.0\.0\.1\/sdk, waiting for its credential \(check /,
      ),
      expect.stringMatching(
        /waiting for its account's turn \(another sweep or poll of this process logs in with it\)$/,
      ),
      expect.stringMatching(
        /waiting for its first answer \(check the address and port of the url, and the firewalls/,
      ),
      expect.stringMatching(
        /waiting for its account's turn \(another process may log in with it; check the state\)$/,
      ),
      expect.stringMatching(/waiting for the answer to the login \(check the health/),
      expect.stringMatching(/waiting for its list of hosts \(check the health/),
    ]);
  });

  it('names the DNS beside what else to check before a first answer, where the url has a name', async () => {
    const progress = followListing(
      { name: 'vc01', url: 'https://vc01.example.org/sdk' },
      {
        logins: (_account, work) => work(),
        login: async () => ({}) as SweepSession,
      },
    );
    await progress.login({} as never, {} as never, { signal: new AbortController().signal });
    expect(progress.describe()).toContain(
      '(check the DNS, the address and port of the url, and the firewalls between)',
    );
  });
});
