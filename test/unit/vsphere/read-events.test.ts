import { describe, expect, it } from 'vitest';
import { VsphereReplyError } from '../../../lib/vsphere/errors.ts';
import type { CountedEvent } from '../../../lib/vsphere/event/event-tally.ts';
import { readLatestEvent, toVsphereEvent } from '../../../lib/vsphere/event/latest-event.ts';
import { MAX_EVENTS, readEvents } from '../../../lib/vsphere/event/read-events.ts';
import { answeringSession, object, property } from './answering-session.ts';

const { signal } = new AbortController();
const SINCE = Date.parse('2026-01-02T03:04:05.678Z');
const TIME = '2026-01-02T03:05:00Z';

const event = (key: string, { type = 'VmPoweredOnEvent', time = TIME, more = '' } = {}) =>
  `<returnval xsi:type="${type}"><key>${key}</key><createdTime>${time}</createdTime>${more}</returnval>`;
const page = (from: number, count = 500) =>
  Array.from({ length: count }, (_, index) => event(String(from + index))).join('');

/** Reads the pages; each takes `pageMs`. */
function read(
  pages: (index: number) => string,
  { pageMs = 0, isUnsettled = () => false }: { pageMs?: number; isUnsettled?: () => boolean } = {},
) {
  let now = 0;
  let asked = 0;
  const { session, calls, tidied } = answeringSession(({ operation }) => {
    if (operation === 'CreateCollectorForEvents')
      return '<returnval type="EventHistoryCollector">collector-1</returnval>';
    now += pageMs;
    asked += 1;
    return pages(asked - 1);
  });
  const found = readEvents(
    session,
    { types: ['VmPoweredOnEvent', 'esx.problem.apd'], since: SINCE, isUnsettled },
    { clock: { monotonic: () => now }, signal },
  );
  return { found, calls, tidied };
}

describe('readEvents', () => {
  it('reads pages of a collector of some types until one is empty, and destroys it', async () => {
    const { found, calls, tidied } = read((index) =>
      index === 0 ? page(0) : index === 1 ? page(500, 3) : '',
    );
    const { events, isWhole } = await found;
    expect(isWhole).toBe(true);
    expect(events).toHaveLength(503);
    expect(events[0]).toEqual({ key: 0, time: Date.parse(TIME), type: 'VmPoweredOnEvent' });
    expect(calls.map(({ body }) => body)).toEqual([
      '<CreateCollectorForEvents xmlns="urn:vim25"><_this type="eventManager">eventManager</_this>' +
        '<filter><time><beginTime>2026-01-02T03:04:05.678Z</beginTime></time>' +
        '<disableFullMessage>true</disableFullMessage>' +
        '<eventTypeId>VmPoweredOnEvent</eventTypeId><eventTypeId>vim.event.VmPoweredOnEvent</eventTypeId>' +
        '<eventTypeId>esx.problem.apd</eventTypeId></filter></CreateCollectorForEvents>',
      ...Array(3).fill(
        '<ReadNextEvents xmlns="urn:vim25"><_this type="EventHistoryCollector">collector-1</_this><maxCount>500</maxCount></ReadNextEvents>',
      ),
    ]);
    expect(tidied.map(({ operation, body }) => [operation, body.includes('collector-1')])).toEqual([
      ['DestroyCollector', true],
    ]);
  });

  it('has the type that an event of another product names, and leaves out what has no key or time', async () => {
    const eventTypeId = '<eventTypeId>esx.problem.apd</eventTypeId>';
    const { found } = read((index) =>
      index === 0
        ? event('1', { type: 'EventEx', more: eventTypeId }) +
          event('') +
          event('x') +
          event('1.5') +
          event('2', { time: '' }) +
          '<returnval><createdTime>2026-01-02T03:05:00Z</createdTime></returnval>' +
          '<returnval><key>3</key><createdTime>2026-01-02T03:05:00Z</createdTime></returnval>'
        : '',
    );
    expect((await found).events).toEqual([
      { key: 1, time: Date.parse(TIME), type: 'esx.problem.apd' },
      { key: 3, time: Date.parse(TIME), type: '' },
    ]);
  });

  it(`reads ${MAX_EVENTS} in a run, and says that there may be more`, async () => {
    const { found, calls } = read((index) => page(index * 500));
    const { events, isWhole } = await found;
    expect([events.length, isWhole]).toEqual([10_000, false]);
    expect(calls).toHaveLength(21);
  });

  it('asks for no further page after 15 s, unless no event is unsettled', async () => {
    const pages = (index: number) => page(index * 500);
    const slow = read(pages, { pageMs: 5_000, isUnsettled: () => true });
    expect(await slow.found).toMatchObject({ isWhole: false });
    expect(slow.calls).toHaveLength(1 + 3);
    const settled = read((index) => (index < 5 ? page(index * 500) : ''), { pageMs: 20_000 });
    expect(await settled.found).toMatchObject({ isWhole: true });
    expect(settled.calls).toHaveLength(1 + 6);
  });

  it('refuses a page with more than was asked for, and destroys the collector', async () => {
    const { found, tidied } = read(() => page(0, 501));
    const error = await found.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(VsphereReplyError);
    expect(error).toMatchObject({
      code: 'too-large',
      message:
        'vCenter answered ReadNextEvents with more than the 500 events that were asked for. Leave out the collector events, and check what answers at its url',
    });
    expect(tidied).toHaveLength(1);
  });

  it('asks for whether an event is settled what it knows of it', async () => {
    const asked: CountedEvent[] = [];
    let now = 0;
    const { session } = answeringSession(({ operation }) => {
      if (operation === 'CreateCollectorForEvents') return '<returnval type="C">c</returnval>';
      now += 60_000;
      return event(String(now));
    });
    const isUnsettled = (one: CountedEvent) => asked.push(one) > 0;
    await readEvents(
      session,
      { types: [], since: SINCE, isUnsettled },
      { clock: { monotonic: () => now }, signal },
    );
    expect(asked).toEqual([{ key: 60_000, time: Date.parse(TIME), type: 'VmPoweredOnEvent' }]);
  });
});

describe('the latest event', () => {
  it('has the fields that each event has', () => {
    const fields = { key: '7', chainId: 6, createdTime: TIME, userName: 'root', fullFormattedMessage: 'on' };
    expect(toVsphereEvent(fields)).toEqual({ ...fields, key: 7 });
    expect(toVsphereEvent({ key: 7 })).toEqual({
      key: 7,
      chainId: undefined,
      createdTime: '',
      userName: '',
      fullFormattedMessage: '',
    });
  });

  it.each([undefined, 'x', {}, { key: 'x' }])('is none for %j', (value) => {
    expect(toVsphereEvent(value)).toBeUndefined();
  });

  it('is a property of the manager of events', async () => {
    const { session, calls } = answeringSession(() =>
      object(
        'eventManager:eventManager',
        property('latestEvent', `<key>7</key><createdTime>${TIME}</createdTime>`, 'VmPoweredOnEvent'),
      ),
    );
    expect(await readLatestEvent(session, { signal })).toMatchObject({ key: 7, createdTime: TIME });
    expect(calls[0]?.body).toContain('<pathSet>latestEvent</pathSet>');
  });
});
