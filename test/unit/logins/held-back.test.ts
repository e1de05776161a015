import { describe, expect, it } from 'vitest';
import { careIn, heldBack, leaveAlone, notBeside } from '../../../lib/logins/rules/held-back.ts';
import { MAX_DETAIL_CHARACTERS } from '../../../lib/logins/rules/left-alone.ts';
import type { AccountHistory } from '../../../lib/state/stores/account-history.ts';
import { esxiConfig, history, T0 } from '../sweep/builders.ts';

const MINUTE = 60_000;
const RULES = { esxi: esxiConfig(), now: T0, credentialVersion: 'v1', blacklistMinutes: 20 };
const DOMAIN = { ...RULES, esxi: esxiConfig({ credentials: { env: 'ESXI', scope: 'domain' } }) };
const REFUSED: Partial<AccountHistory> = { refusals: 1, refusedVersions: ['v1'], lastRefusalAt: T0 };
const MARKED: Partial<AccountHistory> = { dialling: { until: T0 } };

describe('heldBack', () => {
  it('holds back nobody of whom nothing is known, nor whose account was accepted', () => {
    expect(heldBack(undefined, RULES)).toBeUndefined();
    expect(heldBack(history({ provenVersion: 'v1' }), RULES)).toBeUndefined();
  });

  it('holds back whom the rules of lockout forbid, with the reason, and before anything else', () => {
    const why =
      'Account root on 10.0.0.1 was refused; no further login is tried until 2026-01-01T00:20:00.000Z (counted: 1 refusal, ' +
      'last seen at 2026-01-01T00:00:00.000Z). To try sooner, log in there once with the right password, then run: ' +
      'vsweep blacklist lift --user root --address 10.0.0.1 --counter-was-reset';
    expect(heldBack(history({ ...REFUSED, ...MARKED }), RULES)).toEqual({ skip: 'blacklist', why });
  });

  it('holds back a host to which another process is connected', () => {
    expect(heldBack(history({ dialling: { until: T0 + 1 } }), RULES)).toEqual({
      skip: 'other-process',
      why: 'no login was tried: another process is connected to this host; the next run tries again',
    });
  });

  it('holds back a host whose worker ended while it was connected, and says how to ask it sooner', () => {
    const esx1 = { address: 'esx1', user: 'root' };
    expect(heldBack(history({ ...esx1, ...MARKED }), RULES)).toEqual({
      skip: 'worker',
      why:
        'no login was tried: a worker ended while it was connected to this host before 2026-01-01T00:00:00.000Z. ' +
        'From 2026-01-01T00:00:00.000Z on, a run asks this host alone, after its push; once it answers, ' +
        'it is asked as usual again. To try sooner, log in there once with the right password, then run: ' +
        'vsweep blacklist lift --user root --address esx1 --counter-was-reset',
    });
    const again = heldBack(history({ dialling: { until: T0, alone: true } }), RULES);
    expect(again?.why).toContain('From 2026-01-01T00:20:00.000Z on');
  });

  it('leaves the time away of a worker of whom only that it ended is known', () => {
    const held = heldBack(history({ dialling: { until: 0 } }), RULES);
    expect(held?.why).toContain('connected to this host. From 1970-01-01');
  });

  it('says no more than a request can hold', () => {
    const long = history({ ...MARKED, address: 'x'.repeat(1_000) });
    expect(heldBack(long, RULES)?.why).toHaveLength(MAX_DETAIL_CHARACTERS);
  });

  it('asks a host with care whose worker was lost with others', () => {
    expect(heldBack(history({ lostFlights: ['run#1'] }), RULES)).toBeUndefined();
  });

  it('holds back a host that refused the one account of a domain, and none for a lost worker', () => {
    expect(heldBack(history(REFUSED), DOMAIN)).toEqual(heldBack(history(REFUSED), RULES));
    expect(heldBack(history(REFUSED), DOMAIN)).toMatchObject({ skip: 'blacklist' });
    expect(heldBack(history(MARKED), DOMAIN)).toBeUndefined();
  });
});

describe('careIn', () => {
  it('is what a lost worker left of the host, by the pause of the blacklist', () => {
    expect(careIn(RULES, history({ lostFlights: ['run#1'] }))).toEqual({ kind: 'careful' });
    expect(careIn(RULES, history({ dialling: { until: T0, alone: true } }))).toEqual({
      kind: 'suspect',
      lostBy: T0,
      askedFrom: T0 + 20 * MINUTE,
    });
  });

  it('is none of a host with the one account of a domain', () => {
    expect(careIn(DOMAIN, history(MARKED))).toEqual({ kind: 'none' });
  });
});

describe('leaveAlone', () => {
  const FORBIDDEN = { allowed: false, reason: 'blacklist', opens: 'time', until: T0 } as const;

  it('gives the reason alone of an account without a history', () => {
    expect(leaveAlone(FORBIDDEN, undefined)).toEqual({ skip: 'blacklist' });
  });

  it('says no more of a history than a request can hold', () => {
    const long = history({ ...REFUSED, address: 'x'.repeat(1_000) });
    expect(leaveAlone(FORBIDDEN, long).why).toHaveLength(MAX_DETAIL_CHARACTERS);
  });
});

describe('notBeside', () => {
  it('names the address that hosts share', () => {
    expect(notBeside({ address: '10.0.0.7' })).toEqual({
      skip: 'allowance',
      why: 'no login was tried: another host at 10.0.0.7 is tried first, because nobody has logged in there yet; the next run tries again',
    });
  });
});
