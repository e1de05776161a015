import { isIP } from 'node:net';
import type { TargetConfig } from '../../config/schema.ts';
import type { VcenterLoginDeps } from '../sessions.ts';

/** What a listing waits for at the moment, so that one that ran out of time can say it. */
export interface ListingProgress {
  /** Those of `deps`, watched. */
  readonly login: VcenterLoginDeps['login'];
  readonly logins: VcenterLoginDeps['logins'];
  loggedIn(): void;
  /** What is being done, for a deadline. */
  describe(): string;
}

export function followListing(
  { name, url }: Pick<TargetConfig, 'name' | 'url'>,
  { login, logins }: Pick<VcenterLoginDeps, 'login' | 'logins'>,
): ListingProgress {
  let awaited = 'its credential';
  let remedy = 'check the source of the credential and the state';
  const waitFor = (what: string, check: string) => {
    awaited = what;
    remedy = check;
  };
  const dns = isIP(new URL(url).hostname.replace(/[[\]]/g, '')) === 0 ? 'the DNS, ' : '';
  return {
    logins(account, work) {
      waitFor("its account's turn", 'another sweep or poll of this process logs in with it');
      return logins(account, work);
    },
    login(target, credential, options) {
      waitFor('its first answer', `check ${dns}the address and port of the url, and the firewalls between`);
      return login(target, credential, {
        ...options,
        async beforePassword(about) {
          waitFor("its account's turn", 'another process may log in with it; check the state');
          await options.beforePassword?.(about);
          waitFor('the answer to the login', 'check the health of the vCenter and of its identity source');
        },
      });
    },
    loggedIn: () => waitFor('its list of hosts', 'check the health of the vCenter'),
    describe: () => `listing ${name} at ${url}, waiting for ${awaited} (${remedy})`,
  };
}
