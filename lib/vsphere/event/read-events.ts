import type { Clock } from '../../platform/clock.ts';
import { VsphereReplyError } from '../errors.ts';
import { free, type RetrievalSession } from '../property/retrieve-pages.ts';
import { requireManager } from '../service-content.ts';
import { toMoRef } from '../soap/moref.ts';
import { callForRequiredValue, streamValues } from '../soap/soap-reply.ts';
import { methodCall, textElement } from '../soap/soap-request.ts';
import type { XmlElement } from '../soap/unit-builder.ts';
import type { CountedEvent, ReadEvents } from './event-tally.ts';

/** Of one run. */
export const MAX_EVENTS = 10_000;
/** vCenter allows 1,000 in one answer. */
const PAGE = 500;
/** From the first page on. After that no further one is asked for: the next run goes on from there. */
const READ_MS = 15_000;

/**
 * The events of some types since a time of the vCenter, oldest first. An EventHistoryCollector stands at its oldest item
 * when it is made, and its items are in the order of their time (vSphere Web Services API, HistoryCollector); QueryEvents
 * gives the oldest 1,000 and does not say that there are more. A page that is cut off is not asked for again, because the
 * collector has moved on: it throws. Pages are read until one had an event that is not settled, however long that takes:
 * else a slow vCenter would give the same events to every run. Throws VsphereFaultError, `InvalidState` where the session
 * has too many collectors, and VsphereReplyError where a page has more than was asked for.
 */
export async function readEvents(
  session: RetrievalSession,
  {
    types,
    since,
    isUnsettled,
  }: { types: readonly string[]; since: number; isUnsettled: (event: CountedEvent) => boolean },
  { clock, signal }: { clock: Pick<Clock, 'monotonic'>; signal: AbortSignal },
): Promise<Pick<ReadEvents, 'events' | 'isWhole'>> {
  const manager = requireManager(session.content, 'eventManager');
  const create = methodCall('CreateCollectorForEvents', manager, filterOf(types, since));
  const collector = toMoRef(await callForRequiredValue(session.transport, create, { signal }));
  const next = methodCall('ReadNextEvents', collector, textElement('maxCount', String(PAGE)));
  const events: CountedEvent[] = [];
  const until = clock.monotonic() + READ_MS;
  const mayAsk = () => clock.monotonic() < until || !events.some(isUnsettled);
  try {
    for (let received = 0; received < MAX_EVENTS && mayAsk(); ) {
      const before = received;
      for await (const element of streamValues(session.transport, next, { signal })) {
        received += 1;
        if (received - before > PAGE) throw tooManyOfPage();
        events.push(...toCountedEvents(element));
      }
      if (received === before) return { events, isWhole: true };
    }
    return { events, isWhole: false };
  } finally {
    await free(session, methodCall('DestroyCollector', collector), signal);
  }
}

const tooManyOfPage = (): VsphereReplyError =>
  new VsphereReplyError(
    `vCenter answered ReadNextEvents with more than the ${PAGE} events that were asked for. Leave out the collector events, and check what answers at its url`,
    { code: 'too-large' },
  );

/** The prefix that VMware's own clients write before the class of an event; vcsim knows classes without it only. */
const OF_CLASS = 'vim.event.';

/** Fields in the order of the WSDL. A class is asked for under both of its names. */
function filterOf(types: readonly string[], since: number): string {
  const begin = textElement('beginTime', new Date(since).toISOString());
  const ids = types.flatMap((type) => (type.includes('.') ? [type] : [type, `${OF_CLASS}${type}`]));
  const eventTypeIds = ids.map((id) => textElement('eventTypeId', id)).join('');
  return `<filter><time>${begin}</time>${textElement('disableFullMessage', 'true')}${eventTypeIds}</filter>`;
}

/** None for what has no key or time. Of EventEx and ExtendedEvent the type is a field, of all others their class. */
function toCountedEvents({ type: ofClass = '', children }: XmlElement): CountedEvent[] {
  const text = (name: string) => children.find((child) => child.name === name)?.text ?? '';
  const [key, time] = [Number(text('key') || Number.NaN), Date.parse(text('createdTime'))];
  if (!Number.isSafeInteger(key) || Number.isNaN(time)) return [];
  return [{ key, time, type: text('eventTypeId') || ofClass }];
}
