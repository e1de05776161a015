import { randomUUID } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  type AccountRecords,
  createLoginQueue,
  type GuardedLoginDeps,
} from '../../../lib/logins/trial/guarded-login.ts';
import { RECORD_MS } from '../../../lib/logins/trial/keep-record.ts';
import { silentLog } from '../../../lib/platform/log.ts';
import { untilAborted } from '../../../lib/platform/until-aborted.ts';
import type { AccountHistory } from '../../../lib/state/stores/account-history.ts';

/** What becomes of the next calls of the table; `lost`: it was written, and the answer did not come. */
export type Weather = 'good' | 'fails' | 'lost';

export interface Store extends AccountRecords {
  weather: Weather[];
  readonly written: string[];
  readonly refusals: unknown[];
  history(): AccountHistory;
  /** Milliseconds since the epoch. */
  now: number;
}

const EMPTY: AccountHistory = { user: 'sweeper', address: 'vc01', refusals: 0, refusedVersions: [] };

/**
 * One account as the table keeps it (the state contract holds the real one to the same), in whatever weather the test
 * makes. `turn` is awaited in every call, so that a test can order the calls of several processes. Nothing is asked with
 * a signal that has aborted.
 */
export function startStore(
  known: Partial<AccountHistory> = {},
  turn: () => Promise<unknown> = () => Promise.resolve(),
): Store {
  let kept: AccountHistory = { ...EMPTY, ...known };
  const store = {
    weather: [] as Weather[],
    written: [] as string[],
    refusals: [] as unknown[],
    now: Date.UTC(2026, 0, 1),
  };
  const call = async <T>({ signal }: { signal: AbortSignal }, work: () => T): Promise<T> => {
    signal.throwIfAborted();
    const weather = store.weather.shift() ?? 'good';
    await turn();
    if (weather === 'fails') throw new Error('out of reach');
    const result = work();
    if (weather === 'lost') throw new Error('the answer was lost');
    return result;
  };
  const closed = new Set<string>();
  const close = () => {
    const { openAttempt: _ended, ...rest } = kept;
    kept = rest;
  };
  return Object.assign(store, {
    history: () => kept,
    read: (_user: string, _address: string, options: { signal: AbortSignal }) => call(options, () => kept),
    beginAttempt: (
      _user: string,
      _address: string,
      { id, version, seen }: Parameters<AccountRecords['beginAttempt']>[2],
      options: { signal: AbortSignal },
    ) =>
      call(options, () => {
        if (closed.has(id)) return false;
        const isAsSeen =
          kept.refusals === (seen?.refusals ?? 0) && kept.openAttempt?.at === seen?.openAttempt?.at;
        if (!isAsSeen) return false;
        store.written.push('attempt');
        const left = kept.openAttempt === undefined ? [] : [kept.openAttempt.version];
        kept = {
          ...kept,
          refusals: kept.refusals + left.length,
          refusedVersions: [...kept.refusedVersions, ...left],
          openAttempt: { id, version, at: store.now },
        };
        return true;
      }),
    closeAttempt: (
      _user: string,
      _address: string,
      { id, undecidedAt, ...options }: Parameters<AccountRecords['closeAttempt']>[2],
    ) =>
      call(options, () => {
        store.written.push('close');
        closed.add(id);
        if (kept.openAttempt?.id === id) close();
        if (undecidedAt !== undefined) kept = { ...kept, undecidedAt };
      }),
    recordRefusal: (
      _user: string,
      _address: string,
      refusal: Parameters<AccountRecords['recordRefusal']>[2],
      options: { signal: AbortSignal },
    ) =>
      call(options, () => {
        const { version } = refusal;
        store.refusals.push(refusal);
        store.written.push('refusal');
        close();
        kept = {
          ...kept,
          refusals: kept.refusals + 1,
          refusedVersions: [...kept.refusedVersions, version],
          earlierRefusalAt: kept.lastRefusalAt ?? 0,
          lastRefusalAt: store.now,
        };
        return kept;
      }),
    recordSuccess: (
      _user: string,
      _address: string,
      { version, seen }: Parameters<AccountRecords['recordSuccess']>[2],
      options: { signal: AbortSignal },
    ) =>
      call(options, () => {
        store.written.push('success');
        const isSure =
          seen === undefined || (seen.openAttempt === undefined && kept.refusals === seen.refusals);
        if (isSure) kept = EMPTY;
        close();
        kept = { ...kept, provenVersion: version };
      }),
  });
}

/** A process of its own over the store: its queue knows nothing of other processes. */
export function startProcess(store: Store) {
  const never = new Promise<never>(() => undefined);
  const deps: GuardedLoginDeps = {
    clock: {
      now: () => store.now,
      monotonic: () => store.now,
      // The wait for another process passes at once; a limit never does.
      async sleep(ms, { signal }) {
        if (ms >= RECORD_MS) return await untilAborted(never, signal);
        await nextTurn();
        store.now += ms;
      },
    },
    log: silentLog,
    accounts: store,
    blacklistMinutes: 20,
    logins: createLoginQueue(),
    randomId: randomUUID,
  };
  return { deps };
}

/** How a login ends; `killed`: the password was sent, and nobody heard the answer, a refusal. */
export type Ending = 'accepted' | 'refused' | 'not-sent' | 'killed';

export const failsWith = {
  isRefusal: (error: unknown) => error instanceof Error && error.message === 'refused',
};

/** The far side: its counter knows only success and refusal, and never forgets by time. */
export function startFarSide(turn: () => Promise<unknown> = () => Promise.resolve()) {
  const seen = { counter: 0, highest: 0, passwords: 0, underWay: 0, mostUnderWay: 0 };
  const farSide = {
    seen,
    onPassword: (): unknown => undefined,
    login:
      (ending: Ending, kind: 'vcenter' | 'host') =>
      async (permit: (kind: 'vcenter' | 'host') => Promise<void>) => {
        await permit(kind);
        if (ending === 'not-sent') throw new Error('connection refused');
        seen.underWay += 1;
        seen.mostUnderWay = Math.max(seen.mostUnderWay, seen.underWay);
        await turn();
        farSide.onPassword();
        seen.passwords += 1;
        seen.counter = ending === 'accepted' ? 0 : seen.counter + 1;
        seen.highest = Math.max(seen.highest, seen.counter);
        seen.underWay -= 1;
        if (ending === 'killed') return await new Promise<never>(() => undefined);
        await turn();
        if (ending === 'refused') throw new Error('refused');
        return 'session';
      },
  };
  return farSide;
}
