import { describe, expect, it } from 'vitest';
import { careOf } from '../../../lib/logins/rules/lost-worker.ts';

const T0 = Date.UTC(2026, 0, 1);
const MINUTE = 60_000;
const ask = { now: T0, blacklistMinutes: 20 };

describe('careOf', () => {
  it('asks for none of a host that no lost worker had', () => {
    expect(careOf(undefined, ask)).toEqual({ kind: 'none' });
    expect(careOf({}, ask)).toEqual({ kind: 'none' });
    expect(careOf({ lostFlights: [] }, ask)).toEqual({ kind: 'none' });
  });

  it('is careful with the hosts of a lost worker', () => {
    expect(careOf({ lostFlights: ['run-1#vc01#0'] }, ask)).toEqual({ kind: 'careful' });
  });

  it('leaves a host to the worker that dials it, until that is done', () => {
    const dialling = { until: T0 + 1 };
    expect(careOf({ dialling }, ask)).toEqual({ kind: 'under-way' });
    expect(careOf({ dialling }, { ...ask, now: T0 + 1 }).kind).toBe('suspect');
  });

  it('is held up by no mark that a clock which was ahead has left', () => {
    const dialling = { until: T0 + 2 * 1_440 * MINUTE, alone: true };
    const care = careOf({ dialling }, ask);
    expect(care.kind === 'suspect' && care.askedFrom <= T0).toBe(true);
    const longest = T0 + 1_441 * MINUTE;
    expect(careOf({ dialling: { until: longest } }, ask)).toEqual({ kind: 'under-way' });
    expect(careOf({ dialling: { until: longest + 1 } }, ask).kind).toBe('suspect');
  });

  it('suspects the host whose mark outlived its worker: asked at once, and after a pause when it did it alone', () => {
    const until = T0 - MINUTE;
    const lostFlights = ['run-1#vc01#0'];
    expect(careOf({ lostFlights, dialling: { until } }, ask)).toEqual({
      kind: 'suspect',
      lostBy: until,
      askedFrom: until,
    });
    expect(careOf({ dialling: { until, alone: true } }, ask)).toEqual({
      kind: 'suspect',
      lostBy: until,
      askedFrom: until + 20 * MINUTE,
    });
  });
});
