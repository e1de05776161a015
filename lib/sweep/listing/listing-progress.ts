import type { TargetConfig } from '../../config/schema.ts';
import type { VcenterLoginDeps } from '../sessions.ts';

/** What a listing waits for at the moment, so that one that ran out of time can say it. */
export interface ListingProgress {
  /** The login of `deps`, watched. */
  readonly login: VcenterLoginDeps['login'];
  loggedIn(): void;
  /** What is being done, for a deadline. */
  describe(): string;
}

export function followListing(
  { name, url }: Pick<TargetConfig, 'name' | 'url'>,
  { login }: Pick<VcenterLoginDeps, 'login'>,
): ListingProgress {
  let awaited = 'its credential';
  let remedy = 'check the source of the credential and the state';
  const waitFor = (what: string, check: string) => {
    awaited = what;
    remedy = check;
  };
  return {
    login(target, credential, options) {
      waitFor('its first answer', 'check the address and port of the url, and the firewalls between');
      return login(target, credential, {
        ...options,
        async beforePassword(about) {
          waitFor('the answer to the login', 'check the health of the vCenter and of its identity source');
          await options.beforePassword?.(about);
        },
      });
    },
    loggedIn: () => waitFor('its list of hosts', 'check the health of the vCenter'),
    describe: () => `listing ${name} at ${url}, waiting for ${awaited} (${remedy})`,
  };
}
