import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AccountHistory } from '../../../lib/lockout/account-history.ts';
import { createLoginQueue, type GuardedLoginDeps, guardedLogin } from '../../../lib/lockout/guarded-login.ts';
import { silentLog } from '../../../lib/platform/log.ts';
import { untilAborted } from '../../../lib/platform/until-aborted.ts';
import type { AccountStore } from '../../../lib/state/accounts.ts';
import { createAddressMap } from '../../../lib/state/address-map.ts';
import { withRefusalMemory } from '../../../lib/state/refusal-memory.ts';

const { signal } = new AbortController();

/** What becomes of the next calls of the table; `lost`: it was written, and the answer did not come. */
type Weather = 'good' | 'fails' | 'lost';

/** One account as the table keeps it, in whatever weather the test makes. */
function startStore(now: () => number) {
  const store = { weather: [] as Weather[] };
  let kept: AccountHistory = { user: 'sweeper', address: 'vc01', refusals: 0, refusedVersions: [] };
  const call = async <T>(work: () => T): Promise<T> => {
    const weather = store.weather.shift() ?? 'good';
    await Promise.resolve();
    if (weather === 'fails') throw new Error('out of reach');
    const result = work();
    if (weather === 'lost') throw new Error('the answer was lost');
    return result;
  };
  const accounts: AccountStore = {
    read: () => call(() => kept),
    readAll: () => call(() => createAddressMap([['vc01', kept]])),
    recordRefusal: () =>
      call(() => {
        kept = { ...kept, refusals: kept.refusals + 1, lastRefusalAt: now() };
        return kept;
      }),
    recordSuccess: (_user, _address, { version }) =>
      call(() => {
        kept = { user: 'sweeper', address: 'vc01', refusals: 0, refusedVersions: [], provenVersion: version };
      }),
    list: async () => [],
    lift: async () => 0,
  };
  return { store, accounts };
}

/** The far side: its counter knows only success and refusal, and never forgets by time. */
function startFarSide() {
  const seen = { counter: 0, highest: 0, underWay: 0, mostUnderWay: 0 };
  const login = async (ending: Ending) => {
    seen.underWay += 1;
    seen.mostUnderWay = Math.max(seen.mostUnderWay, seen.underWay);
    await Promise.resolve();
    seen.underWay -= 1;
    if (ending === 'not-sent') throw new Error('connection refused');
    if (ending === 'accepted') seen.counter = 0;
    else seen.counter += 1;
    seen.highest = Math.max(seen.highest, seen.counter);
    if (ending === 'refused') throw new Error('refused');
  };
  return { seen, login };
}

type Ending = 'accepted' | 'refused' | 'not-sent';

const ending = fc.constantFrom<Ending>('accepted', 'refused', 'refused', 'refused', 'not-sent');
const step = fc.record({
  minutes: fc.integer({ min: 0, max: 60 }),
  /** Logins that are wanted at the same moment. */
  endings: fc.array(ending, { minLength: 1, maxLength: 4 }),
  weather: fc.array(fc.constantFrom<Weather>('good', 'good', 'fails', 'lost'), { maxLength: 8 }),
});

async function play(steps: readonly { minutes: number; endings: Ending[]; weather: Weather[] }[]) {
  let now = Date.UTC(2026, 0, 1);
  const { store, accounts } = startStore(() => now);
  const { seen, login } = startFarSide();
  const never = new Promise<never>(() => undefined);
  const deps: GuardedLoginDeps = {
    clock: { now: () => now, sleep: (_ms, options) => untilAborted(never, options.signal) },
    log: silentLog,
    accounts: withRefusalMemory(accounts, () => now),
    blacklistMinutes: 20,
    logins: createLoginQueue(),
  };
  for (const { minutes, endings, weather } of steps) {
    now += minutes * 60_000;
    store.weather = [...weather];
    await Promise.allSettled(
      endings.map((one, index) =>
        guardedLogin(
          // The same account in other letters: it has one counter.
          { user: index % 2 === 0 ? 'sweeper' : 'Sweeper', address: 'vc01', version: 'v1' },
          {
            login: () => login(one),
            isRefusal: (error) => error instanceof Error && error.message === 'refused',
          },
          deps,
          { signal },
        ),
      ),
    );
  }
  return seen;
}

describe('logins that ask first', () => {
  it('are refused twice at most between two successes, whatever becomes of the writes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        expect((await play(steps)).highest).toBeLessThanOrEqual(2);
      }),
      { numRuns: 500 },
    );
  });

  it('go one after the other on one account', async () => {
    const endings = Array.from({ length: 5 }, (): Ending => 'accepted');
    const seen = await play([{ minutes: 0, endings, weather: [] }]);
    expect(seen.mostUnderWay).toBe(1);
  });

  it('are not kept back for ever by an account that is right', async () => {
    const right = { minutes: 21, endings: ['accepted' as const], weather: [] };
    const wrong = { ...right, endings: ['refused' as const], weather: ['good', 'fails'] as Weather[] };
    expect(await play([wrong, right, wrong, wrong])).toMatchObject({ counter: 2, highest: 2 });
  });
});
