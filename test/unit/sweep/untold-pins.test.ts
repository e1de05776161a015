import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Clock, systemClock } from '../../../lib/platform/clock.ts';
import { silentLog } from '../../../lib/platform/log.ts';
import type { HostKeyRecord } from '../../../lib/state/stores/host-keys.ts';
import type { LastRun, UntoldPins } from '../../../lib/state/stores/runs.ts';
import { isTold, lookUpPins } from '../../../lib/sweep/result/untold-pins.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { T0 } from './builders.ts';

const o = { signal: new AbortController().signal };
const MINUTE = 60_000;

const lastRun = (untoldPins?: UntoldPins): LastRun => ({
  scheduledAt: T0 - MINUTE,
  startedAt: T0 - MINUTE,
  endedAt: T0 - MINUTE / 2,
  exitCode: 0,
  ...(untoldPins === undefined ? {} : { untoldPins }),
});

const key = (pinnedAt: number, changes: Partial<HostKeyRecord> = {}): HostKeyRecord => ({
  type: 'ssh-rsa',
  blob: 'AAAA',
  target: 'vc01',
  pinnedAt,
  ...changes,
});

async function look(
  world: Partial<Parameters<typeof lookUpPins>[0]> & {
    keys?: readonly HostKeyRecord[] | Error | Promise<never>;
    clock?: Clock;
  },
) {
  let reads = 0;
  const { keys = [], clock = systemClock, ...of } = world;
  const readAll = async () => {
    reads += 1;
    if (keys instanceof Error) throw keys;
    if (keys instanceof Promise) return await keys;
    return new Map(keys.map((one, index) => [`10.0.0.${index}:22`, one]));
  };
  const pins = await lookUpPins(
    { target: 'vc01', startedAt: T0, last: lastRun(), lostBefore: undefined, leftMs: 10_000, ...of },
    { hostKeys: { readAll }, clock, log: silentLog },
    o,
  );
  return { ...pins, reads };
}

const TOLD = { pinned: 0, isTold: true, mayHaveMore: false };

describe('pins that no push has told', () => {
  it('are looked for in no run that follows one that told all', async () => {
    const { reads, untold, next } = await look({ keys: [key(T0 - 1)] });
    expect({ reads, untold, next: next(TOLD) }).toEqual({ reads: 0, untold: 0, next: undefined });
  });

  it.each<[string, Parameters<typeof look>[0], number]>([
    ['the last run says so', { last: lastRun({ since: T0 - 9 * MINUTE, counted: 0 }) }, 3],
    ['the last run told some of them', { last: lastRun({ since: T0 - 9 * MINUTE, counted: 2 }) }, 1],
    ['a run after the last one left a batch in flight', { lostBefore: { flights: 1, markedUntil: 0 } }, 1],
    ['a run after the last one left a mark', { lostBefore: { flights: 0, markedUntil: T0 - 1 } }, 1],
    ['no run is known', { last: undefined }, 3],
  ])('are counted when %s', async (_when, world, untold) => {
    const keys = [
      key(T0 - 8 * MINUTE),
      key(T0 - 7 * MINUTE),
      key(T0 - 1),
      // Of this run, of another target, by an operator, and before.
      key(T0),
      key(T0 - 1, { target: 'vc02' }),
      key(T0 - 1, { isAccepted: true }),
      key(T0 - 61 * MINUTE),
    ];
    const looked = await look({ keys, ...world });
    expect(looked).toMatchObject({ reads: 1, untold });
    expect(looked.next(TOLD)).toBeUndefined();
  });

  it('of a mark that stands since before the last run are not looked for again', async () => {
    expect(await look({ lostBefore: { flights: 0, markedUntil: T0 - MINUTE } })).toMatchObject({ reads: 0 });
  });

  it('are fewer than were told when keys were forgotten since, and never below none', async () => {
    expect(await look({ last: lastRun({ since: 0, counted: 5 }), keys: [key(1)] })).toMatchObject({
      untold: 0,
    });
  });

  it('are left to the next run by one that was not pushed, that lost workers, or that could not read them', async () => {
    const { next } = await look({});
    expect(next({ pinned: 3, isTold: false, mayHaveMore: false })).toEqual({ since: T0, counted: 0 });
    expect(next({ pinned: 3, isTold: true, mayHaveMore: true })).toEqual({ since: T0, counted: 3 });
    const last = lastRun({ since: 7, counted: 2 });
    const again = await look({ last });
    expect(again.next({ pinned: 3, isTold: false, mayHaveMore: false })).toEqual({ since: 7, counted: 2 });
    const unread = await look({ last, keys: new Error('the table is down') });
    expect(unread.untold).toBe(0);
    expect(unread.next({ pinned: 3, isTold: true, mayHaveMore: false })).toEqual({ since: 7, counted: 5 });
    expect(unread.next({ pinned: 3, isTold: false, mayHaveMore: false })).toEqual({ since: 7, counted: 2 });
  });

  it('hold the push up for a quarter of its time and two seconds at most, when the table hangs', async () => {
    for (const [leftMs, ms] of [
      [4_000, 1_000],
      [60_000, 2_000],
    ] as const) {
      const clock = createManualClock(T0);
      const keys = Promise.withResolvers<never>().promise;
      let pins: Awaited<ReturnType<typeof look>> | undefined;
      const looking = look({ last: lastRun({ since: 7, counted: 0 }), keys, clock, leftMs }).then((found) => {
        pins = found;
      });
      await new Promise(setImmediate);
      clock.advance(ms - 1);
      await new Promise(setImmediate);
      expect(pins).toBeUndefined();
      clock.advance(1);
      await looking;
      expect(pins?.untold).toBe(0);
      expect(pins?.next(TOLD)).toEqual({ since: 7, counted: 0 });
    }
  });

  it('are told once each, whatever fails, by the first run that is pushed and loses nobody', async () => {
    const runs = fc.array(
      fc.record({ seen: fc.nat(3), lost: fc.nat(3), isPushed: fc.boolean(), isReadable: fc.boolean() }),
      { maxLength: 12 },
    );
    await fc.assert(
      fc.asyncProperty(runs, async (some) => {
        const keys: HostKeyRecord[] = [];
        let last = lastRun();
        let told = 0;
        const whole = { seen: 0, lost: 0, isPushed: true, isReadable: true };
        for (const [index, { seen, lost, isPushed, isReadable }] of [...some, whole, whole].entries()) {
          const startedAt = T0 + index * MINUTE;
          const read = isReadable ? keys : new Error('the table is down');
          const pins = await look({ startedAt, last, keys: read });
          keys.push(...Array.from({ length: seen + lost }, () => key(startedAt + 1)));
          if (isPushed) told += seen + pins.untold;
          const next = pins.next({ pinned: seen, isTold: isPushed, mayHaveMore: lost > 0 });
          last = { ...lastRun(next), startedAt, endedAt: startedAt + MINUTE / 2 };
        }
        expect(told).toBe(keys.length);
      }),
    );
  });

  it.each([
    ['by all sinks', ['delivered', 'delivered'], false, true],
    ['without a sink', [], false, true],
    ['when one sink failed', ['delivered', 'failed'], false, false],
    ['when the lease was lost', ['lease-lost'], false, false],
    ['by a dry run', ['delivered'], true, false],
  ] as const)('are told %s: %j, dry run %s: %s', (_when, outcomes, dryRun, told) => {
    const deliveries = outcomes.map((outcome) => ({ sink: 'a', outcome }));
    expect(isTold({ deliveries }, { dryRun })).toBe(told);
  });
});
