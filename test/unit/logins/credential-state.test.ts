import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  afterAcceptance,
  afterSuspension,
  mayUseCredential,
  NO_LOGINS,
  shouldSuspend,
} from '../../../lib/logins/rules/credential-state.ts';
import type { CredentialState } from '../../../lib/state/stores/credential-states.ts';

const MINUTE = 60_000;
const T0 = Date.UTC(2026, 0, 1);
const NEW: CredentialState = { id: 'env:X' };
const ask = (now = T0, version = 'v1', holder = 'run-1') => ({ version, holder, now });
const ends = (accepted: number, refused: number, refusedByProven: number) => ({
  ...NO_LOGINS,
  accepted,
  refused,
  refusedByProven,
});
const PROVEN = afterAcceptance(NEW, { version: 'v1', address: 'esx01' });

describe('mayUseCredential', () => {
  it('tries a version that was never accepted, and opens the one that was', () => {
    expect(mayUseCredential(undefined, ask())).toEqual({ kind: 'trial' });
    expect(mayUseCredential(PROVEN, ask())).toEqual({ kind: 'open' });
    expect(mayUseCredential(PROVEN, ask(T0, 'v2'))).toEqual({ kind: 'trial' });
  });

  it('lets one run try at a time, another one from the end of the first on', () => {
    const tried = { ...NEW, trial: { holder: 'run-1', endsAt: T0 + MINUTE } };
    expect(mayUseCredential(tried, ask(T0, 'v1', 'run-1'))).toEqual({ kind: 'trial' });
    const other = (now: number) => mayUseCredential(tried, ask(now, 'v1', 'run-2'));
    expect(other(T0)).toEqual({ kind: 'suspended', until: T0 + MINUTE, triedByAnother: true });
    expect(other(T0 + MINUTE)).toEqual({ kind: 'trial' });
  });

  it('leaves a suspended version alone for 30 minutes, then 2 hours, then a day each', () => {
    let state = PROVEN;
    let now = T0;
    for (const minutes of [30, 120, 1_440, 1_440]) {
      state = afterSuspension(state, { version: 'v1', now });
      const until = now + minutes * MINUTE;
      expect(mayUseCredential(state, ask(until - 1))).toEqual({ kind: 'suspended', until });
      expect(mayUseCredential(state, ask(until))).toEqual({ kind: 'trial' });
      now = until;
    }
    expect(mayUseCredential(afterAcceptance(state, { version: 'v1', address: 'a' }), ask(now))).toEqual({
      kind: 'open',
    });
  });

  it('begins the next trial elsewhere: a host that missed a rotation does not refuse each of them', () => {
    const first = { ...NEW, provenVersion: 'v0', acceptedBy: 'esx01' };
    expect(afterSuspension(first, { version: 'v1', now: T0 })).not.toHaveProperty('acceptedBy');
    expect(afterSuspension(first, { version: 'v1', now: T0 })).toMatchObject({ provenVersion: 'v0' });
  });

  it('is held up by nothing that a clock a day or a year ahead has written, and lets one run try it', () => {
    for (const ahead of [1, 365].map((days) => days * 1_440 * MINUTE)) {
      let suspended = PROVEN;
      for (let tries = 1; tries < 5; tries += 1) {
        suspended = afterSuspension(suspended, { version: 'v1', now: T0 + ahead });
        expect(mayUseCredential(suspended, ask())).toEqual({ kind: 'trial' });
      }
      const again = afterSuspension(suspended, { version: 'v1', now: T0 });
      expect(mayUseCredential(again, ask(T0 + 1_439 * MINUTE)).kind).toBe('suspended');
      const since = T0 + ahead;
      const tried = { ...NEW, trial: { holder: 'run-2', since, endsAt: since + MINUTE } };
      expect(mayUseCredential(tried, ask())).toEqual({ kind: 'trial' });
    }
  });

  it('is held up by a clock that is a minute ahead, and by none that is further ahead', () => {
    const suspended = afterSuspension(PROVEN, { version: 'v1', now: T0 });
    const tried = { ...NEW, trial: { holder: 'run-2', since: T0, endsAt: T0 + 2 * MINUTE } };
    for (const state of [suspended, tried]) {
      expect(mayUseCredential(state, ask(T0 - MINUTE)).kind).toBe('suspended');
      expect(mayUseCredential(state, ask(T0 - MINUTE - 1)).kind).toBe('trial');
    }
  });

  it('tries another version than the suspended one at once, and counts its pauses from the first', () => {
    const twice = afterSuspension(afterSuspension(PROVEN, { version: 'v1', now: T0 }), {
      version: 'v1',
      now: T0,
    });
    expect(mayUseCredential(twice, ask(T0, 'v2'))).toEqual({ kind: 'trial' });
    expect(afterSuspension(twice, { version: 'v2', now: T0 }).suspended).toEqual({
      version: 'v2',
      tries: 1,
      nextTryAt: T0 + 30 * MINUTE,
    });
  });

  it('never opens a suspended version before its time, unless a clock that is ahead has set it', () => {
    const jump = fc.integer({ min: -1e9, max: 1e9 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), fc.array(jump), (times, jumps) => {
        let state = PROVEN;
        for (let n = 0; n < times; n += 1) state = afterSuspension(state, { version: 'v1', now: T0 });
        const until = state.suspended?.nextTryAt ?? 0;
        const longest = until - T0 + MINUTE;
        let now = T0;
        for (const one of jumps) {
          now += one;
          const { kind } = mayUseCredential(state, ask(now));
          // One that ends later than it could if it began now was written by another time.
          const isSet = until - now <= longest;
          expect(kind).toBe(now < until && isSet ? 'suspended' : 'trial');
        }
      }),
    );
  });

  it('has one run that tries it, in any order of runs that claim, end and are refused', () => {
    const step = fc.record({
      holder: fc.constantFrom('run-1', 'run-2', 'run-3'),
      minutes: fc.integer({ min: 0, max: 20 }),
      end: fc.constantFrom('none', 'refused', 'nothing'),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        let state = NEW;
        let now = T0;
        let trying: { holder: string; endsAt: number } | undefined;
        for (const { holder, minutes, end } of steps) {
          now += minutes * MINUTE;
          if (trying?.holder === holder && end !== 'none') {
            const { trial: _ended, ...rest } = state;
            state = end === 'refused' ? afterSuspension(state, { version: 'v1', now }) : rest;
            trying = undefined;
          } else if (mayUseCredential(state, ask(now, 'v1', holder)).kind === 'trial') {
            if (trying !== undefined && now < trying.endsAt) expect(trying.holder).toBe(holder);
            trying = { holder, endsAt: now + 10 * MINUTE };
            state = { ...state, trial: trying };
          }
        }
      }),
    );
  });
});

describe('afterAcceptance', () => {
  it('forgets suspension and trial', () => {
    const suspended = afterSuspension(
      { ...PROVEN, trial: { holder: 'run-1', endsAt: T0 } },
      { version: 'v2', now: T0 },
    );
    expect(suspended).not.toHaveProperty('trial');
    expect(suspended).toMatchObject({ provenVersion: 'v1' });
    expect(afterAcceptance(suspended, { version: 'v2', address: 'esx02' })).toEqual({
      id: 'env:X',
      provenVersion: 'v2',
      acceptedBy: 'esx02',
    });
  });
});

const NEW_VALUE = { version: 'new', isDomain: false } as const;
const IN_USE = { version: 'in-use', isDomain: false } as const;

describe('shouldSuspend', () => {
  it('goes by one refusal of a proven host or three of any, as long as none accepted', () => {
    expect(shouldSuspend(ends(0, 0, 0), NEW_VALUE)).toBe(false);
    expect(shouldSuspend(ends(0, 2, 0), NEW_VALUE)).toBe(false);
    expect(shouldSuspend(ends(0, 3, 0), NEW_VALUE)).toBe(true);
    expect(shouldSuspend(ends(0, 1, 1), NEW_VALUE)).toBe(true);
  });

  it('of a version in use takes two hosts that accepted it for more than one that is broken', () => {
    expect(shouldSuspend(ends(0, 1, 1), IN_USE)).toBe(false);
    expect(shouldSuspend(ends(0, 2, 1), IN_USE)).toBe(false);
    expect(shouldSuspend(ends(0, 2, 2), IN_USE)).toBe(true);
    expect(shouldSuspend(ends(0, 3, 0), IN_USE)).toBe(true);
  });

  it('lets hosts that accept it outweigh those that never did, and as many that did', () => {
    expect(shouldSuspend(ends(1, 50, 2), NEW_VALUE)).toBe(false);
    expect(shouldSuspend(ends(3, 3, 3), NEW_VALUE)).toBe(false);
    expect(shouldSuspend(ends(2, 3, 3), NEW_VALUE)).toBe(true);
    expect(shouldSuspend(ends(2, 3, 3), IN_USE)).toBe(true);
  });

  it('believes the directory of a domain, which accepted the one account, and not the hosts that refuse it', () => {
    expect(shouldSuspend(ends(1, 9, 9), { ...IN_USE, isDomain: true })).toBe(false);
    expect(shouldSuspend(ends(0, 2, 2), { ...IN_USE, isDomain: true })).toBe(true);
    expect(shouldSuspend(ends(0, 1, 1), { ...NEW_VALUE, isDomain: true })).toBe(true);
  });

  it('gives the same verdict whatever number of logins nobody knows the end of', () => {
    const count = fc.nat(6);
    fc.assert(
      fc.property(count, count, count, fc.nat(1_000), (accepted, refused, refusedByProven, possible) => {
        const tally = ends(accepted, refused, refusedByProven);
        for (const rules of [NEW_VALUE, IN_USE, { ...IN_USE, isDomain: true }])
          expect(shouldSuspend({ ...tally, possible }, rules)).toBe(shouldSuspend(tally, rules));
      }),
    );
  });
});
