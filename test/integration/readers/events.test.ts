import { describe, expect, it } from 'vitest';
import { EVENTS as ROWS } from '../../../lib/catalogue/events.ts';
import { type EventReading, EVENTS as READER } from '../../../lib/catalogue/sources/events.ts';
import type { DemoEvent } from '../../../lib/demo/vcenter/estate.ts';
import { answerEnvelope } from '../../../lib/demo/vcenter/soap-answer.ts';
import { events as reader } from '../../../lib/readers/events.ts';
import type { KeptTally, TargetSession } from '../../../lib/readers/target-reader.ts';
import { StateError } from '../../../lib/state/errors.ts';
import { VsphereFaultError } from '../../../lib/vsphere/errors.ts';
import type { EventTally } from '../../../lib/vsphere/event/event-tally.ts';
import type { Transport } from '../../../lib/vsphere/soap/transport.ts';
import { createManualClock } from '../../support/manual-clock.ts';
import { loginTo, startTarget, testSignal } from '../vsphere/demo-target.ts';

const APD = 'esx.problem.storage.apd.start';
const FAILOVER = 'VmFailoverFailed';
const MINUTE = 60_000;

/** A vCenter and one sweep over it. The clock is that of both. */
async function startWatch({ types = [APD, FAILOVER] }: { types?: readonly string[] } = {}) {
  await using starting = new AsyncDisposableStack();
  const clock = createManualClock();
  const vcenter = starting.use(
    await startTarget({ clock: { ...clock, sleep: () => new Promise(() => {}) } }),
  );
  const session = starting.use(await loginTo(vcenter));
  const there: DemoEvent[] = [];
  let key = 0;
  let kept: EventTally | undefined;
  let around: (operation: string, answer: () => ReturnType<Transport>) => ReturnType<Transport> = (
    _,
    answer,
  ) => answer();
  const transport: Transport = (call, options) =>
    around(call.operation, () => session.transport(call, options));
  const { content, tidyUp, certificateEndsAt } = session;
  const tally: { -readonly [Name in keyof KeptTally]: KeptTally[Name] } = {
    read: async () => kept,
    keep: async (next) => (kept = next),
  };
  const resources = starting.move();
  return {
    clock,
    calls: vcenter.stats.calls,
    tally,
    kept: () => kept,
    /** So many, a second after the other, until now. */
    happen(type: string, count = 1) {
      for (let index = count - 1; index >= 0; index -= 1) {
        key += 1;
        const createdTime = new Date(clock.now() - index * 100).toISOString();
        there.push({ key, createdTime, userName: '', message: 'secret of the message', type });
      }
      vcenter.setEvents([...there]);
    },
    around(next: typeof around) {
      around = next;
    },
    /** What the sweep gets. */
    async run(): Promise<EventReading> {
      const ofTarget: TargetSession = {
        connection: { content, tidyUp, certificateEndsAt, transport },
        rest: async () => undefined,
        events: { types, tally },
      };
      const wanted = [
        { kind: 'vcenter', needs: ['totals'], items: [{ type: 'Folder', moref: 'group-d1' }] },
      ] as const;
      for await (const [, , reading] of reader.read(wanted, {
        session: ofTarget,
        clock,
        signal: testSignal(),
      }))
        return reading;
      throw new Error('the reader yielded nothing');
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

describe('the reader of events', () => {
  it('begins with 0 of each type, and counts what happens from then on by class and by id', async () => {
    await using watch = await startWatch();
    watch.happen(APD, 3);
    watch.clock.advance(1);
    expect(await watch.run()).toEqual({ totals: { [APD]: 0, [FAILOVER]: 0 }, warnings: [] });
    watch.clock.advance(MINUTE);
    watch.happen(APD, 2);
    watch.happen(FAILOVER);
    watch.happen('UserLoginSessionEvent', 5);
    expect(await watch.run()).toEqual({ totals: { [APD]: 2, [FAILOVER]: 1 }, warnings: [] });
    expect(await watch.run()).toEqual({ totals: { [APD]: 2, [FAILOVER]: 1 }, warnings: [] });
  });

  it('reads page after page, and leaves no collector behind', async () => {
    await using watch = await startWatch();
    await watch.run();
    watch.clock.advance(5 * MINUTE);
    watch.happen(APD, 1_200);
    expect((await watch.run()).totals[APD]).toBe(1_200);
    expect(watch.calls).toMatchObject({
      CreateCollectorForEvents: 2,
      ReadNextEvents: 1 + 4,
      DestroyCollector: 2,
    });
  });

  it('reads 10,000 a run, says so, and counts the others in the next runs', async () => {
    await using watch = await startWatch();
    await watch.run();
    watch.clock.advance(60 * MINUTE);
    watch.happen(APD, 12_000);
    const first = await watch.run();
    expect(first).toEqual({
      totals: { [APD]: 10_000, [FAILOVER]: 0 },
      warnings: [expect.stringContaining('a run reads 10,000')],
    });
    expect(await watch.run()).toEqual({ totals: { [APD]: 12_000, [FAILOVER]: 0 }, warnings: [] });
  }, 60_000);

  it('asks for no further page after 15 s, and counts what it has', async () => {
    await using watch = await startWatch();
    await watch.run();
    watch.clock.advance(60 * MINUTE);
    watch.happen(APD, 1_200);
    watch.around(async (operation, answer) => {
      if (operation === 'ReadNextEvents') watch.clock.advance(8_000);
      return await answer();
    });
    expect(await watch.run()).toMatchObject({ totals: { [APD]: 1_000 }, warnings: [/for 15 s/] });
    watch.around((_, answer) => answer());
    expect(await watch.run()).toEqual({ totals: { [APD]: 1_200, [FAILOVER]: 0 }, warnings: [] });
  });

  it.each([500, 1_000])(
    'goes on in each run although reading the %d settled ones takes all its time',
    async (count) => {
      await using watch = await startWatch();
      await watch.run();
      watch.clock.advance(10 * MINUTE);
      watch.happen(APD, count);
      expect((await watch.run()).totals[APD]).toBe(count);
      watch.clock.advance(2 * MINUTE);
      watch.happen(APD, 700);
      watch.around(async (operation, answer) => {
        if (operation === 'CreateCollectorForEvents' || operation === 'ReadNextEvents')
          watch.clock.advance(16_000);
        return await answer();
      });
      expect((await watch.run()).totals[APD]).toBeGreaterThan(count);
      for (let runs = 0; runs < 3; runs += 1) await watch.run();
      expect((await watch.run()).totals[APD]).toBe(count + 700);
    },
  );

  it('begins although the first answer takes all its time', async () => {
    await using watch = await startWatch();
    watch.around(async (operation, answer) => {
      if (operation === 'CreateCollectorForEvents') watch.clock.advance(16_000);
      return await answer();
    });
    expect(await watch.run()).toEqual({ totals: { [APD]: 0, [FAILOVER]: 0 }, warnings: [] });
  });

  it('fails at a page that has more than it asked for, and destroys the collector', async () => {
    await using watch = await startWatch();
    await watch.run();
    watch.clock.advance(MINUTE);
    const value = (key: number) =>
      `<returnval xsi:type="EventEx"><key>${key}</key><createdTime>2026-11-25T00:00:30Z</createdTime></returnval>`;
    const body = answerEnvelope(
      `<ReadNextEventsResponse xmlns="urn:vim25">${Array.from({ length: 501 }, (_, key) => value(key)).join('')}</ReadNextEventsResponse>`,
    );
    watch.around(async (operation, answer) => {
      const reply = await answer();
      if (operation !== 'ReadNextEvents') return reply;
      await reply[Symbol.asyncDispose]();
      const chunks = (async function* () {
        yield Buffer.from(body);
      })();
      return { ...reply, body: chunks, [Symbol.asyncDispose]: async () => undefined };
    });
    await expect(watch.run()).rejects.toThrow(/more than the 500 events/);
    expect(watch.calls['DestroyCollector']).toBe(watch.calls['CreateCollectorForEvents']);
  });

  it('has no text of an event in what it keeps', async () => {
    await using watch = await startWatch();
    await watch.run();
    watch.happen(APD);
    await watch.run();
    expect(JSON.stringify(watch.kept())).not.toContain('secret');
  });

  it('counts nothing of a page that is cut off, destroys the collector, and counts it in the next run', async () => {
    await using watch = await startWatch();
    await watch.run();
    const before = watch.kept();
    watch.clock.advance(5 * MINUTE);
    watch.happen(APD, 700);
    let pages = 0;
    watch.around(async (operation, answer) => {
      if (operation === 'ReadNextEvents' && ++pages === 2) throw new Error('cut off');
      return await answer();
    });
    await expect(watch.run()).rejects.toThrow('cut off');
    expect(watch.kept()).toBe(before);
    expect(watch.calls['DestroyCollector']).toBe(watch.calls['CreateCollectorForEvents']);
    watch.around((_, answer) => answer());
    expect((await watch.run()).totals[APD]).toBe(700);
  });

  it('begins anew when the clock of the vCenter went back by more than 15 min, and says so', async () => {
    await using watch = await startWatch();
    await watch.run();
    watch.clock.advance(MINUTE);
    watch.happen(APD);
    await watch.run();
    watch.clock.advance(-30 * MINUTE);
    expect(await watch.run()).toEqual({
      totals: { [APD]: 1, [FAILOVER]: 0 },
      warnings: [expect.stringMatching(/clock of the vCenter went back/)],
    });
    watch.clock.advance(MINUTE);
    watch.happen(APD);
    expect(await watch.run()).toEqual({ totals: { [APD]: 2, [FAILOVER]: 0 }, warnings: [] });
  });
});

describe('what keeps events from being counted', () => {
  const refuse = (fault: string) => async (operation: string, answer: () => ReturnType<Transport>) => {
    if (operation !== 'CreateCollectorForEvents') return await answer();
    throw new VsphereFaultError('x', { fault, text: 'refused' });
  };

  it('a privilege that the account lacks costs the row, and is named', async () => {
    await using watch = await startWatch();
    watch.around(refuse('NoPermission'));
    const reading = await watch.run();
    expect(reading).toEqual({ totals: {}, warnings: [], lacks: ['System.View'] });
    expect(ROWS[0]?.source.reader).toBe(READER);
    expect(ROWS[0]?.source.evaluate(reading)).toEqual({ points: [], warnings: [], lacks: ['System.View'] });
  });

  it('too many collectors of the session fail the reader with the setting to raise', async () => {
    await using watch = await startWatch();
    watch.around(refuse('InvalidState'));
    await expect(watch.run()).rejects.toThrow(/event\.maxCollectors/);
  });

  it('a session that has ended fails the reader', async () => {
    await using watch = await startWatch();
    watch.around(refuse('NotAuthenticated'));
    await expect(watch.run()).rejects.toThrow(/NotAuthenticated/);
  });

  it('a state that cannot be read fails it before vCenter is asked', async () => {
    await using watch = await startWatch();
    watch.tally.read = () => Promise.reject(new StateError('the table is away', { code: 'unavailable' }));
    await expect(watch.run()).rejects.toThrow('the table is away');
    expect(watch.calls['CreateCollectorForEvents']).toBeUndefined();
  });

  it('a state that cannot be written leaves the totals of the last run, and the next one counts', async () => {
    await using watch = await startWatch();
    await watch.run();
    watch.happen(APD);
    const { keep } = watch.tally;
    watch.tally.keep = () => Promise.reject(new StateError('the disk is full', { code: 'refused' }));
    expect(await watch.run()).toEqual({
      totals: { [APD]: 0, [FAILOVER]: 0 },
      warnings: ['events were not counted, because the state cannot be written: the disk is full'],
    });
    watch.tally.keep = keep;
    expect((await watch.run()).totals[APD]).toBe(1);
  });

  it('a state that cannot be written fails the first run, which has no totals', async () => {
    await using watch = await startWatch();
    watch.tally.keep = () => Promise.reject(new StateError('the disk is full', { code: 'refused' }));
    await expect(watch.run()).rejects.toThrow('the disk is full');
  });

  it.each([1_001, 10_001])(
    '%d events ahead of a clock that was set back leave the totals of the last run',
    async (count) => {
      await using watch = await startWatch();
      watch.clock.advance(100 * MINUTE);
      await watch.run();
      watch.happen(APD, count);
      watch.clock.advance(-60 * MINUTE);
      for (let runs = 0; runs < 2; runs += 1)
        expect(await watch.run()).toEqual({
          totals: { [APD]: 0, [FAILOVER]: 0 },
          warnings: [expect.stringMatching(/ahead of the clock/)],
        });
    },
    60_000,
  );
});
