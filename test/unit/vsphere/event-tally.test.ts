import { describe, expect, it } from 'vitest';
import {
  beginOf,
  type CountedEvent,
  countEvents,
  type EventTally,
  isClockBack,
  MAX_SEEN,
  OVERLAP_MS,
} from '../../../lib/vsphere/event/event-tally.ts';

const T0 = Date.UTC(2026, 0, 1, 12);
const MINUTE = 60_000;
const TYPES = ['apd', 'link'];
const event = (key: number, minutes: number, type = 'apd'): CountedEvent => ({
  key,
  time: T0 + minutes * MINUTE,
  type,
});

/** A run at a minute that reads everything that there is then. */
function run(before: EventTally | undefined, minute: number, all: readonly CountedEvent[], types = TYPES) {
  const now = T0 + minute * MINUTE;
  const begin = beginOf(before, now);
  const events = all.filter(({ time }) => time >= begin);
  return countEvents(before, { now, events, isWhole: true }, types);
}

describe('counting events', () => {
  it('begins with 0 of each type at the time of the first run, whatever there was before', () => {
    const first = run(undefined, 0, [event(1, -5), event(2, 0)]);
    expect(first).toMatchObject({ at: T0, from: T0, totals: { apd: 0, link: 0 } });
  });

  it('counts an event once, although the times that runs read overlap', () => {
    const happened = [event(1, 1), event(2, 2, 'link'), event(3, 2)];
    const first = run(undefined, 0, []);
    const second = run(first, 3, happened);
    const third = run(second, 4, [...happened, event(4, 4)]);
    expect([second.totals, third.totals]).toEqual([
      { apd: 2, link: 1 },
      { apd: 3, link: 1 },
    ]);
  });

  it('counts over runs that were missed', () => {
    expect(run(run(undefined, 0, []), 600, [event(1, 1), event(2, 300)]).totals).toEqual({ apd: 2, link: 0 });
  });

  it('makes the same totals of a tally that was not kept', () => {
    const first = run(undefined, 0, []);
    const happened = [event(1, 1), event(2, 2)];
    expect(run(first, 3, happened).totals).toEqual(run(first, 4, happened).totals);
  });

  it('counts an event that comes late, with a time before the last run', () => {
    const second = run(run(undefined, 0, []), 60, [event(1, 59)]);
    expect(run(second, 61, [event(1, 59), event(2, 46)]).totals).toEqual({ apd: 2, link: 0 });
  });

  it('counts neither what comes later than the overlap, nor what a vCenter sends from before it', () => {
    const second = run(run(undefined, 0, []), 60, []);
    const late = countEvents(second, { now: T0 + 61 * MINUTE, events: [event(1, 44)], isWhole: true }, TYPES);
    expect(late.totals).toEqual({ apd: 0, link: 0 });
  });

  it('counts on when the keys begin again, because the database was cleared', () => {
    const second = run(run(undefined, 0, []), 10, [event(1, 9), event(2, 9)]);
    expect(run(second, 11, [event(1, 10), event(2, 10.5)]).totals).toEqual({ apd: 4, link: 0 });
  });

  it('keeps its totals when events are purged', () => {
    const second = run(run(undefined, 0, []), 10, [event(1, 9)]);
    expect(run(second, 11, []).totals).toEqual({ apd: 1, link: 0 });
  });

  it('counts a clock that went back a little as before', () => {
    const second = run(run(undefined, 0, []), 60, [event(1, 59)]);
    const third = run(second, 50, [event(1, 59), event(2, 49)]);
    expect(third.totals).toEqual({ apd: 2, link: 0 });
    expect(run(third, 61, [event(1, 59), event(2, 49), event(3, 60)]).totals).toEqual({ apd: 3, link: 0 });
  });

  it('begins anew with the totals of before when the clock went back far, and counts nothing twice', () => {
    const second = run(run(undefined, 0, []), 60, [event(1, 20), event(2, 59)]);
    expect([isClockBack(second, T0 + 10 * MINUTE), isClockBack(second, T0 + 50 * MINUTE)]).toEqual([
      true,
      false,
    ]);
    const there = [event(1, 20), event(2, 59), event(3, 9)];
    const third = run(second, 10, there);
    expect(third).toMatchObject({ from: T0 + 10 * MINUTE, totals: { apd: 2, link: 0 } });
    expect(run(third, 30, [...there, event(4, 12)]).totals).toEqual({ apd: 3, link: 0 });
  });

  it('does not begin with a part of the events, of which a later run would count the rest', () => {
    const part = { now: T0, events: [event(1, 5)], isWhole: false };
    expect(() => countEvents(undefined, part, TYPES)).toThrow(
      new TypeError('counting cannot begin with a part of the events'),
    );
  });

  it('leaves an event whose time lies ahead to the run that comes after it', () => {
    const ahead = event(1, 600);
    const second = run(run(undefined, 0, []), 1, [ahead]);
    expect(second).toMatchObject({ at: T0 + MINUTE, totals: { apd: 0, link: 0 } });
    const third = run(second, 2, [ahead, event(2, 2)]);
    expect(third.totals).toEqual({ apd: 1, link: 0 });
    expect(run(third, 601, [ahead]).totals).toEqual({ apd: 2, link: 0 });
  });

  it('counts on beside more events ahead of the clock than it remembers', () => {
    const ahead = Array.from({ length: 3_000 }, (_, index) => event(index, 600 + index / 100));
    const second = run(run(undefined, 0, []), 1, ahead);
    expect(isClockBack(second, T0 + 2 * MINUTE)).toBe(false);
    expect(run(second, 2, [...ahead, event(9_999, 2)]).totals).toEqual({ apd: 1, link: 0 });
  });

  it('keeps up to when it read when a part of the events has none to count', () => {
    const second = run(run(undefined, 0, [], ['apd']), 10, [], ['apd']);
    const third = countEvents(second, { now: T0 + 11 * MINUTE, events: [], isWhole: false }, ['apd']);
    expect(third.at).toBe(second.at);
    expect(run(third, 12, [event(1, 5, 'link')]).totals).toEqual({ apd: 0, link: 0 });
  });

  it('counts a type from the run on that first has it, and forgets one that is left out', () => {
    const second = run(run(undefined, 0, [], ['apd']), 10, [event(1, 9)], ['apd']);
    const third = run(second, 12, [event(1, 9), event(2, 9, 'link'), event(3, 11, 'link')], ['link']);
    expect(third.totals).toEqual({ link: 1 });
    expect(run(third, 13, [event(3, 11, 'link')], ['link']).totals).toEqual({ link: 1 });
  });

  it('counts each once of more than a run reads, in as many runs as that takes', () => {
    const PER_RUN = 10_000;
    const all = Array.from({ length: 25_000 }, (_, index) => event(index, 1 + index / 1_000));
    let tally = run(undefined, 0, []);
    const totals: (number | undefined)[] = [];
    for (let runs = 0; runs < 4; runs += 1) {
      const now = T0 + (60 + runs) * MINUTE;
      const found = all.filter(({ time }) => time >= beginOf(tally, now));
      const isWhole = found.length <= PER_RUN;
      tally = countEvents(tally, { now, events: found.slice(0, PER_RUN), isWhole }, TYPES);
      expect(tally.seen.length).toBeLessThanOrEqual(MAX_SEEN);
      totals.push(tally.totals['apd']);
    }
    expect(totals).toEqual([10_000, 19_000, 25_000, 25_000]);
  });

  it('remembers only the newest events, and what it forgets stays counted', () => {
    const all = Array.from({ length: 3_000 }, (_, index) => event(index, 10 - index / 1_000));
    const second = run(run(undefined, 0, []), 11, all);
    expect(second.seen.length).toBeLessThanOrEqual(MAX_SEEN);
    expect(second.from).toBeGreaterThan(T0 + 11 * MINUTE - OVERLAP_MS);
    expect(run(second, 12, all).totals).toEqual({ apd: 3_000, link: 0 });
  });
});
