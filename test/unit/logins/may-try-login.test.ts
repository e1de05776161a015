import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  mayTryBesides,
  mayTryHost,
  mayTryVcenter,
  withUndecided,
} from '../../../lib/logins/rules/may-try-login.ts';
import type { AccountHistory } from '../../../lib/state/stores/account-history.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const YEAR = 365 * 24 * HOUR;
const T0 = Date.UTC(2026, 0, 1);
const history = (over: Partial<AccountHistory>): AccountHistory => ({
  user: 'root',
  address: 'esx01.example.org',
  refusals: over.refusedVersions?.length ?? 0,
  refusedVersions: [],
  ...over,
});
const ask = (now: number, version = 'v1') => ({ now, version, blacklistMinutes: 20 });
const allowed = { allowed: true };
const shut = (opens: 'time' | 'new-version' | 'lift', until?: number) => ({
  allowed: false,
  reason: 'blacklist',
  opens,
  ...(until === undefined ? {} : { until }),
});

describe('withUndecided', () => {
  it('keeps the last four times of the last three minutes', () => {
    const known = history({ undecidedAt: [T0 - 180_000, T0 - 4, T0 - 3, T0 - 2, T0 - 1] });
    expect(withUndecided(known, T0)).toEqual([T0 - 3, T0 - 2, T0 - 1, T0]);
  });
});

describe('mayTryBesides', () => {
  it.each<[string, Partial<AccountHistory>, boolean]>([
    ['was accepted', { provenVersion: 'v1' }, true],
    ['has a refusal', { refusedVersions: ['v0'], lastRefusalAt: T0 - YEAR }, false],
    ['has an attempt without an end', { openAttempt: { id: 'a', version: 'v1', at: T0 - YEAR } }, false],
    ['was neither accepted nor refused just now', { undecidedAt: [T0 - 179_999] }, false],
    ['was neither accepted nor refused some time ago', { undecidedAt: [T0 - 180_000] }, true],
  ])('of an account that %s', (_, over, isAllowed) => {
    expect(mayTryBesides(history(over), ask(T0))).toBe(isAllowed);
  });

  it('of an account that nothing is known of', () => {
    expect(mayTryBesides(undefined, ask(T0))).toBe(true);
  });
});

describe('mayTryHost', () => {
  it('lets an account be tried that was never refused', () => {
    expect(mayTryHost(undefined, ask(T0))).toEqual(allowed);
    expect(mayTryHost(history({ provenVersion: 'v1' }), ask(T0))).toEqual(allowed);
  });

  it('leaves an account alone for the blacklist minutes after the first refusal of a version, then allows one more', () => {
    const once = history({ lastRefusalAt: T0, refusedVersions: ['v1'] });
    const until = T0 + 20 * MINUTE;
    expect(mayTryHost(once, ask(T0))).toEqual(shut('time', until));
    expect(mayTryHost(once, ask(until - 1))).toEqual(shut('time', until));
    expect(mayTryHost(once, ask(until))).toEqual(allowed);
    expect(mayTryHost(once, ask(T0, 'v2'))).toEqual(allowed);
  });

  it('opens after two refusals of a version by a lift alone, where the limit is 3 or was not read', () => {
    const twice = history({ lastRefusalAt: T0, refusedVersions: ['v1', 'v1'] });
    for (const hostLimit of [undefined, 0, 3]) {
      const known = hostLimit === undefined ? twice : { ...twice, hostLimit };
      expect(mayTryHost(known, ask(T0 + YEAR))).toEqual(shut('lift'));
      expect(mayTryHost(known, ask(T0 + YEAR, 'v2'))).toEqual(shut('lift'));
    }
  });

  it('tries a host that never locks as one whose limit was not read', () => {
    const once = history({ refusedVersions: ['v1'], lastRefusalAt: T0, hostLimit: 0 });
    expect(mayTryHost(once, ask(T0, 'v2'))).toEqual(allowed);
  });

  it('opens after two refusals for a new version where the host allows more, and leaves it one', () => {
    const five = (...refusedVersions: string[]) =>
      history({ refusedVersions, lastRefusalAt: T0, hostLimit: 5 });
    expect(mayTryHost(five('v1', 'v1'), ask(T0 + YEAR))).toEqual(shut('new-version'));
    expect(mayTryHost(five('v1', 'v1'), ask(T0, 'v2'))).toEqual(allowed);
    expect(mayTryHost(five('v1', 'v2', 'v1'), ask(T0 + YEAR))).toEqual(shut('new-version'));
    expect(mayTryHost(five('v1', 'v1', 'v2', 'v2'), ask(T0 + YEAR, 'v3'))).toEqual(shut('lift'));
  });

  it('counts an attempt without an end as a refusal of its version, without the waiting time', () => {
    const openAttempt = { version: 'v1', at: T0 };
    expect(mayTryHost(history({ openAttempt }), ask(T0))).toEqual(allowed);
    expect(mayTryHost(history({ openAttempt, refusedVersions: ['v0'] }), ask(T0))).toEqual(shut('lift'));
    const five = { openAttempt, hostLimit: 5 };
    expect(mayTryHost(history({ ...five, refusedVersions: ['v1'] }), ask(T0))).toEqual(shut('new-version'));
    expect(mayTryHost(history({ refusedVersions: ['v1'] }), ask(T0))).toEqual(allowed);
  });

  it('never tries an account that the first refusal would lock', () => {
    expect(mayTryHost(history({ hostLimit: 1 }), ask(T0))).toEqual(shut('lift'));
    expect(mayTryHost(history({ hostLimit: 2, refusedVersions: ['v0'] }), ask(T0))).toEqual(shut('lift'));
  });

  it('stays shut when the limit is no number', () => {
    expect(mayTryHost(history({ hostLimit: Number.NaN }), ask(T0))).toEqual(shut('lift'));
    expect(
      mayTryHost(history({ refusedVersions: ['v1'], lastRefusalAt: Number.NaN }), ask(T0)),
    ).toMatchObject({ allowed: false });
  });

  it('keeps the pause by the clock that wrote the refusal: one that was set back prolongs it', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e6, max: 1e6 }), fc.integer({ min: 1, max: 1e4 }), (minutes, pause) => {
        const once = history({ refusedVersions: ['v1'], lastRefusalAt: T0 });
        const permission = mayTryHost(once, { ...ask(T0 + minutes * MINUTE), blacklistMinutes: pause });
        expect(permission.allowed).toBe(minutes >= pause);
      }),
    );
  });

  it('never spends the last refusal of a host, nor more than two of a version, whatever clock and versions do', () => {
    const step = fc.record({
      jumpMinutes: fc.integer({ min: -100_000, max: 100_000 }),
      version: fc.constantFrom('v1', 'v2', 'v3', 'v4'),
      end: fc.constantFrom('accepted', 'refused', 'refused', 'refused', 'open'),
    });
    const limit = fc.constantFrom(undefined, 2, 3, 5, 10);
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), limit, (steps, hostLimit) => {
        let now = T0;
        const limited = hostLimit === undefined ? {} : { hostLimit };
        let host = history(limited);
        for (const { jumpMinutes, version, end } of steps) {
          now += jumpMinutes * MINUTE;
          if (!mayTryHost(host, ask(now, version)).allowed) continue;
          const { openAttempt } = host;
          const refusedVersions = [
            ...host.refusedVersions,
            ...(openAttempt === undefined ? [] : [openAttempt.version]),
          ];
          if (end === 'accepted') host = history(limited);
          else if (end === 'open')
            host = history({ ...limited, refusedVersions, openAttempt: { version, at: now } });
          else
            host = history({
              ...limited,
              refusedVersions: [...refusedVersions, version],
              lastRefusalAt: now,
            });
          const counted = [...host.refusedVersions, ...(host.openAttempt ? [version] : [])];
          expect(counted.length).toBeLessThanOrEqual((hostLimit ?? 3) - 1);
          expect(counted.filter((one) => one === version).length).toBeLessThanOrEqual(2);
        }
      }),
    );
  });
});

describe('mayTryVcenter', () => {
  const refusedAt = (last: number, earlier: number, ...refusedVersions: string[]) =>
    history({ refusedVersions, lastRefusalAt: last, earlierRefusalAt: earlier });

  describe('of answers that were neither yes nor no', () => {
    const WINDOW = 180_000;

    it('takes four in 180 s, which are below the five failures that lock by default, and forgets older ones', () => {
      const undecidedAt = [T0, T0 + 1, T0 + 2, T0 + 3];
      const pause = { ...shut('time', T0 + WINDOW), undecided: true };
      expect(mayTryVcenter(history({ undecidedAt: undecidedAt.slice(1) }), ask(T0 + 3))).toEqual(allowed);
      expect(mayTryVcenter(history({ undecidedAt }), ask(T0 + 3))).toEqual(pause);
      expect(mayTryVcenter(history({ undecidedAt }), ask(T0 + WINDOW - 1))).toEqual(pause);
      expect(mayTryVcenter(history({ undecidedAt }), ask(T0 + WINDOW))).toEqual(allowed);
    });

    it('goes by the last four where more are on record', () => {
      const undecidedAt = [T0, T0 + 1, T0 + 2, T0 + 3, T0 + 4];
      const pause = { ...shut('time', T0 + 1 + WINDOW), undecided: true };
      expect(mayTryVcenter(history({ undecidedAt }), ask(T0 + 4))).toEqual(pause);
    });

    it('says until when refusals keep it shut, where there are both', () => {
      const refused = { refusedVersions: ['v1', 'v1'], lastRefusalAt: T0, earlierRefusalAt: T0 };
      const both = history({ ...refused, undecidedAt: [T0, T0, T0, T0] });
      expect(mayTryVcenter(both, ask(T0))).toEqual(shut('time', T0 + HOUR));
    });

    it('waits for no clock that was set back: there was no refusal', () => {
      expect(mayTryVcenter(history({ undecidedAt: [T0, T0, T0, T0] }), ask(T0 - 1))).toEqual(allowed);
    });

    it('never has five in any 180 s, nor more times on record, however often somebody wants to log in', () => {
      fc.assert(
        fc.property(fc.array(fc.integer({ min: 0, max: 60_000 }), { maxLength: 100 }), (gaps) => {
          let now = T0;
          let account = history({});
          const tried: number[] = [];
          for (const gap of gaps) {
            now += gap;
            if (!mayTryVcenter(account, ask(now)).allowed) continue;
            tried.push(now);
            account = history({ undecidedAt: withUndecided(account, now) });
            expect(account.undecidedAt?.length).toBeLessThan(5);
            expect(tried.filter((at) => now - at < WINDOW).length).toBeLessThan(5);
          }
        }),
      );
    });

    it('is tried by every run of a sweep of a minute', () => {
      let account = history({});
      for (let now = T0; now < T0 + HOUR; now += MINUTE) {
        expect(mayTryVcenter(account, ask(now))).toEqual(allowed);
        account = history({ undecidedAt: withUndecided(account, now) });
      }
    });
  });

  it('allows two refusals in 15 minutes', () => {
    expect(mayTryVcenter(undefined, ask(T0))).toEqual(allowed);
    expect(mayTryVcenter(history({ refusedVersions: ['v1'], lastRefusalAt: T0 }), ask(T0))).toEqual(allowed);
    const twice = refusedAt(T0 + MINUTE, T0, 'v1', 'v1');
    expect(mayTryVcenter(twice, ask(T0 + 2 * MINUTE, 'v2'))).toEqual(shut('time', T0 + 15 * MINUTE));
    expect(mayTryVcenter(twice, ask(T0 + 15 * MINUTE, 'v2'))).toEqual(allowed);
  });

  it('then tries a refused version once an hour, for ever', () => {
    const many = refusedAt(T0, T0 - HOUR, 'v1', 'v1', 'v1', 'v1', 'v1');
    expect(mayTryVcenter(many, ask(T0 + HOUR - 1))).toEqual(shut('time', T0 + HOUR));
    expect(mayTryVcenter(many, ask(T0 + HOUR))).toEqual(allowed);
  });

  it('tries a version that was accepted, and since then only cut off, twice in 15 minutes and not once an hour', () => {
    const cut = { ...refusedAt(T0 + MINUTE, T0, 'v1', 'v1'), provenVersion: 'v1' };
    expect(mayTryVcenter(cut, ask(T0 + 15 * MINUTE - 1))).toEqual(shut('time', T0 + 15 * MINUTE));
    expect(mayTryVcenter(cut, ask(T0 + 15 * MINUTE))).toEqual(allowed);
    // An attempt without an end is none that was answered either.
    const open = { ...refusedAt(T0, 0, 'v1'), openAttempt: { version: 'v1', at: T0 + MINUTE } };
    expect(mayTryVcenter({ ...open, provenVersion: 'v1' }, ask(T0 + 15 * MINUTE))).toEqual(allowed);
    const hour = shut('time', T0 + MINUTE + HOUR);
    expect(mayTryVcenter({ ...cut, answered: true }, ask(T0 + 15 * MINUTE))).toEqual(hour);
    expect(mayTryVcenter({ ...cut, provenVersion: 'v0' }, ask(T0 + 15 * MINUTE))).toEqual(hour);
  });

  it('counts an attempt without an end from its beginning', () => {
    const openAttempt = { version: 'v1', at: T0 };
    expect(mayTryVcenter(history({ openAttempt }), ask(T0))).toEqual(allowed);
    expect(mayTryVcenter(history({ openAttempt, refusedVersions: ['v1'] }), ask(T0))).toEqual(
      shut('time', T0 + HOUR),
    );
  });

  it('takes a presumed refusal, which has no time, for as late as the last one', () => {
    const killedThenRefused = history({
      refusedVersions: ['v1', 'v1'],
      earlierRefusalAt: 0,
      lastRefusalAt: T0,
    });
    expect(mayTryVcenter(killedThenRefused, ask(T0 + 1_000, 'v2'))).toEqual(shut('time', T0 + 15 * MINUTE));
    expect(mayTryVcenter(killedThenRefused, ask(T0 + 1_000, 'v1'))).toEqual(shut('time', T0 + HOUR));
  });

  it('does not stay shut when the time of no refusal is known', () => {
    const presumed = history({ refusedVersions: ['v1', 'v1'] });
    expect(mayTryVcenter(presumed, ask(T0))).toEqual(allowed);
  });

  it('is refused at most twice in any 15 minutes of a clock that only goes on', () => {
    const step = fc.record({
      minutes: fc.integer({ min: 0, max: 40 }),
      version: fc.constantFrom('v1', 'v2', 'v3'),
      answered: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        let now = T0;
        let account: AccountHistory | undefined;
        const times: number[] = [];
        for (const { minutes, version, answered } of steps) {
          now += minutes * MINUTE;
          if (!mayTryVcenter(account, ask(now, version)).allowed) continue;
          const last = account?.lastRefusalAt;
          account = history({
            refusedVersions: [...(account?.refusedVersions ?? []), version],
            lastRefusalAt: now,
            ...(last === undefined ? {} : { earlierRefusalAt: last }),
            provenVersion: 'v1',
            answered: answered || account?.answered === true,
          });
          times.push(now);
          expect(times.filter((at) => at > now - 15 * MINUTE).length).toBeLessThanOrEqual(2);
        }
      }),
    );
  });
});
