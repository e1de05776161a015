import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AccountHistory } from '../../../lib/lockout/account-history.ts';
import { mayTryLogin } from '../../../lib/lockout/may-try-login.ts';

const MINUTE = 60_000;
const T0 = Date.UTC(2026, 0, 1);
const history = (over: Partial<AccountHistory>): AccountHistory => ({
  user: 'root',
  address: 'esx01.example.org',
  refusals: 0,
  refusedVersions: [],
  ...over,
});
const ask = (now: number) => ({ now, blacklistMinutes: 20 });

describe('mayTryLogin', () => {
  it('lets an account be tried that was never refused', () => {
    expect(mayTryLogin(undefined, ask(T0))).toEqual({ allowed: true, refusalsLeft: 2 });
    expect(mayTryLogin(history({ provenVersion: 'v1' }), ask(T0))).toEqual({
      allowed: true,
      refusalsLeft: 2,
    });
  });

  it('leaves an account alone for the blacklist minutes after the first refusal, then allows one more', () => {
    const once = history({ refusals: 1, lastRefusalAt: T0, refusedVersions: ['v1'] });
    const until = T0 + 20 * MINUTE;
    expect(mayTryLogin(once, ask(T0))).toEqual({ allowed: false, reason: 'blacklist', until });
    expect(mayTryLogin(once, ask(until - 1))).toEqual({ allowed: false, reason: 'blacklist', until });
    expect(mayTryLogin(once, ask(until))).toEqual({ allowed: true, refusalsLeft: 1 });
  });

  it('never opens by itself after the second refusal, not after a year and not for a new version', () => {
    const twice = history({ refusals: 2, lastRefusalAt: T0, refusedVersions: ['v1', 'v2'] });
    expect(mayTryLogin(twice, ask(T0 + 365 * 24 * 60 * MINUTE))).toEqual({
      allowed: false,
      reason: 'blacklist',
    });
    expect(mayTryLogin({ ...twice, refusals: 3 }, ask(T0))).toEqual({ allowed: false, reason: 'blacklist' });
  });

  it('treats a refusal in the future as one that has just been', () => {
    const future = history({ refusals: 1, lastRefusalAt: T0 + 60 * MINUTE });
    expect(mayTryLogin(future, ask(T0))).toMatchObject({ allowed: false });
    expect(mayTryLogin(future, ask(T0 + 79 * MINUTE))).toMatchObject({ allowed: false });
    expect(mayTryLogin(future, ask(T0 + 80 * MINUTE))).toEqual({ allowed: true, refusalsLeft: 1 });
  });

  it('stays shut when the time of the refusal or the count is not known', () => {
    expect(mayTryLogin(history({ refusals: 1 }), ask(T0))).toMatchObject({ allowed: false });
    expect(mayTryLogin(history({ refusals: Number.NaN }), ask(T0))).toMatchObject({ allowed: false });
    expect(mayTryLogin(history({ refusals: 1, lastRefusalAt: Number.NaN }), ask(T0))).toMatchObject({
      allowed: false,
    });
  });

  it('never spends more than two refusals between two successes, whatever the clock does', () => {
    const step = fc.record({
      jumpMinutes: fc.integer({ min: -100_000, max: 100_000 }),
      accepted: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 0, max: 1_000 }), (steps, minutes) => {
        let now = T0;
        let host: AccountHistory | undefined;
        let counterOfTheHost = 0;
        for (const { jumpMinutes, accepted } of steps) {
          now += jumpMinutes * MINUTE;
          const permission = mayTryLogin(host, { now, blacklistMinutes: minutes });
          if (!permission.allowed) continue;
          counterOfTheHost = accepted ? 0 : counterOfTheHost + 1;
          host = accepted ? history({}) : history({ refusals: counterOfTheHost, lastRefusalAt: now });
          expect(permission.refusalsLeft).toBeGreaterThanOrEqual(1);
          expect(counterOfTheHost).toBeLessThanOrEqual(2);
        }
      }),
    );
  });

  it('keeps the pause between the two refusals by the clock that wrote the first', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e6, max: 1e6 }), fc.integer({ min: 1, max: 1e4 }), (minutes, pause) => {
        const once = history({ refusals: 1, lastRefusalAt: T0 });
        const { allowed } = mayTryLogin(once, { now: T0 + minutes * MINUTE, blacklistMinutes: pause });
        expect(allowed).toBe(minutes >= pause);
      }),
    );
  });
});
