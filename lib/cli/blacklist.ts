import type { LoadedConfig } from '../config/loaded-config.ts';
import type { AccountHistory } from '../lockout/account-history.ts';
import { mayTryHost, mayTryVcenter } from '../lockout/may-try-login.ts';
import { systemClock } from '../platform/clock.ts';
import { openContainer } from './container.ts';
import { loadConfig } from './load-config.ts';
import { abortOnSignals, formatTable, logTo, print } from './terminal.ts';

/** `vsweep blacklist list`: every account with a refusal, and when it is tried again. */
export async function blacklistListCommand(options: { config: string; json: boolean }): Promise<number> {
  const loaded = await loadConfig(options.config);
  const refused = await withAccounts(loaded, (accounts, signal) => accounts.list({ signal }));
  if (options.json) print(JSON.stringify(refused, undefined, 2));
  else if (refused.length === 0) print('no account has a refusal');
  else {
    const rows = refused.map((account) => [
      account.user,
      account.address,
      String(account.refusals),
      printTime(account.lastRefusalAt),
      printNext(account, loaded),
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

/** As it stands for the credential that was refused last; another one may be tried sooner. */
function printNext(account: AccountHistory, { config }: LoadedConfig): string {
  const version = account.openAttempt?.version ?? account.refusedVersions.at(-1) ?? '';
  const ask = { now: systemClock.now(), version, blacklistMinutes: config.blacklist.minutes };
  const isVcenter = config.targets.some(({ url }) => new URL(url).hostname.toLowerCase() === account.address);
  const permission = isVcenter ? mayTryVcenter(account, ask) : mayTryHost(account, ask);
  if (permission.allowed) return 'in the next run';
  switch (permission.opens) {
    case 'time':
      return printTime(permission.until);
    case 'new-version':
      return 'with a changed credential';
    case 'lift':
      return 'only after "vsweep blacklist lift"';
    default:
      return permission.opens satisfies never;
  }
}
