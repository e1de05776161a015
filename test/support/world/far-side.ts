import { ALL_HOSTS, type ApiAccounts, type PrincipalKind, VCENTERS } from './estate.ts';

export interface FarSideOptions {
  readonly kind: PrincipalKind;
  readonly api?: ApiAccounts | undefined;
  /** Of each host's counter, in the order of ALL_HOSTS: 3 or 5. */
  readonly limits: readonly number[];
  /** Of the directory's account. */
  readonly directoryLimit: number;
}

interface Account {
  password: string;
  /** What a directory does not count: the passwords before this one. */
  previous: string[];
  readonly remembers: boolean;
  failures: number;
  readonly limit: number;
}

const SSO_LIMIT = 5;
const SSO_WINDOW_MS = 180_000;

/** Everything that can lock an account. A counter of failures falls by a success only, never by time. */
export interface FarSide {
  /** Each account that was locked, in words. */
  readonly locked: readonly string[];
  /** The most that the directory's counter ever was. */
  readonly highest: number;
  /** A login by ssh or API on a host; both count on one counter. */
  logInToHost(host: string, user: string, password: string): boolean;
  /** SSO: 5 failures in 180 s lock; a directory's account is locked by the directory. */
  logInToVcenter(vcenter: string, password: string, now: number): boolean;
  setHostPassword(host: string, password: string): void;
  setVcenterPassword(password: string): void;
  /** An operator logs in by hand: the counter falls. */
  reset(host: string): void;
}

export function createFarSide({ kind, api = 'own', limits, directoryLimit }: FarSideOptions): FarSide {
  const account = (limit: number, remembers: boolean): Account => ({
    password: 'p0',
    previous: [],
    remembers,
    failures: 0,
    limit,
  });
  const directory = account(directoryLimit, true);
  const hosts = new Map(ALL_HOSTS.map((name, index) => [name, account(limits[index] ?? 3, false)]));
  const single = new Map(
    VCENTERS.map((name) => [name as string, { password: 'p0', failedAt: [] as number[] }]),
  );
  const locked: string[] = [];
  let highest = 0;
  const accountOf = (host: string, user: string): Account => {
    const found = kind === 'domain' && user.includes('@') ? directory : hosts.get(host);
    if (found === undefined) throw new RangeError(`there is no host ${host}`);
    return found;
  };
  const logIn = (on: Account, where: string, password: string): boolean => {
    if (password === on.password) {
      on.failures = 0;
      return true;
    }
    if (on.remembers && on.previous.includes(password)) return false;
    on.failures += 1;
    if (on === directory) highest = Math.max(highest, on.failures);
    if (on.failures >= on.limit) locked.push(`the account on ${on === directory ? 'the directory' : where}`);
    return false;
  };
  return {
    locked,
    get highest() {
      return highest;
    },
    logInToHost: (host, user, password) => logIn(accountOf(host, user), host, password),
    logInToVcenter(vcenter, password, now) {
      if (kind === 'domain' && api === 'directory') return logIn(directory, vcenter, password);
      const on = single.get(vcenter);
      if (on === undefined) throw new RangeError(`there is no vCenter ${vcenter}`);
      if (password === on.password) {
        on.failedAt = [];
        return true;
      }
      on.failedAt = [...on.failedAt.filter((at) => now - at < SSO_WINDOW_MS), now];
      if (on.failedAt.length >= SSO_LIMIT) locked.push(`the account of ${vcenter}`);
      return false;
    },
    setHostPassword(host, password) {
      const on = kind === 'domain' ? directory : hosts.get(host);
      if (on === undefined || on.password === password) return;
      on.previous = [on.password, ...on.previous].slice(0, 2);
      on.password = password;
    },
    setVcenterPassword(password) {
      for (const on of single.values()) on.password = password;
    },
    reset(host) {
      const on = hosts.get(host);
      if (on !== undefined) on.failures = 0;
      if (kind === 'domain') directory.failures = 0;
    },
  };
}
