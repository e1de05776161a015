import type { LoadedConfig } from '../config/loaded-config.ts';
import type { AccountHistory } from '../lockout/account-history.ts';
import { mayTryLogin } from '../lockout/may-try-login.ts';
import { systemClock } from '../platform/clock.ts';
import { openContainer } from './container.ts';
import { loadConfig } from './load-config.ts';
import { abortOnSignals, formatTable, logTo, print } from './terminal.ts';

/** `vsweep blacklist list`: every account with a refusal, and when it is tried again. */
export async function blacklistListCommand(options: { config: string; json: boolean }): Promise<number> {
  const loaded = await loadConfig(options.config);
  const refused = await withAccounts(loaded, (accounts, signal) => accounts.list({ signal }));
  const { minutes } = loaded.config.blacklist;
  if (options.json) print(JSON.stringify(refused, undefined, 2));
  else if (refused.length === 0) print('no account has a refusal');
  else {
    const rows = refused.map((account) => [
      account.user,
      account.address,
      String(account.refusals),
      printTime(account.lastRefusalAt),
      printNext(account, minutes),
    ]);
    print(formatTable(['user', 'address', 'refusals', 'last refusal', 'tried again'], rows));
  }
  return 0;
}

/**
 * `vsweep blacklist lift`: forgets refusals, after the operator said that the host's own counter was reset, because
 * that one does not decay and vsweep would otherwise spend what is left of it.
 */
export async function blacklistLiftCommand(options: {
  config: string;
  user: string;
  address?: string;
  counterWasReset?: boolean;
}): Promise<number> {
  if (options.counterWasReset !== true) {
    print(
      'ESXi counts refused logins until one succeeds: lifting here does not reset that counter. Log in to the host ' +
        'once with the right password (or unlock the account there), then repeat this with --counter-was-reset.',
    );
    return 2;
  }
  const loaded = await loadConfig(options.config);
  const lifted = await withAccounts(loaded, (accounts, signal) =>
    accounts.lift(options.user, options.address, { signal }),
  );
  print(`${lifted} lifted`);
  return 0;
}

async function withAccounts<T>(
  loaded: LoadedConfig,
  work: (accounts: Accounts, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  using signals = abortOnSignals();
  await using container = await openContainer(
    { loaded, env: process.env, clock: systemClock, log: logTo('warn'), push: false },
    signals,
  );
  return await work(container.state.accounts, signals.signal);
}

type Accounts = Awaited<ReturnType<typeof openContainer>>['state']['accounts'];

const printTime = (at: number | undefined) => (at === undefined ? '' : new Date(at).toISOString());

function printNext(account: AccountHistory, blacklistMinutes: number): string {
  const permission = mayTryLogin(account, { now: systemClock.now(), blacklistMinutes });
  if (permission.allowed) return 'in the next run';
  return permission.until === undefined ? 'only after "vsweep blacklist lift"' : printTime(permission.until);
}
