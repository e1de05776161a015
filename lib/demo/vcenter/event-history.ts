import { randomUUID } from 'node:crypto';
import { textElement } from '../../vsphere/soap/soap-request.ts';
import type { XmlElement } from '../../vsphere/soap/unit-builder.ts';
import type { DemoEvent } from './estate.ts';
import { element } from './property-xml.ts';
import { childOf, childrenOf, numberOf, textOf } from './request-fields.ts';
import type { DemoSession } from './session-table.ts';
import { DemoFault } from './soap-answer.ts';

/** vCenter's default of `event.maxCollectors`, for each session. */
const MAX_COLLECTORS = 32;
/** The largest page. */
const MAX_PAGE = 1_000;

/** CreateCollectorForEvents: what fits the filter at this moment, oldest first. */
export function createCollector(
  request: XmlElement,
  { collectors }: DemoSession,
  events: readonly DemoEvent[],
): string {
  if (collectors.size >= MAX_COLLECTORS)
    throw new DemoFault('InvalidState', 'The operation is not allowed in the current state.');
  const filter = childOf(request, 'filter');
  const types = filter === undefined ? [] : childrenOf(filter, 'eventTypeId').map(({ text }) => text);
  const time = filter === undefined ? undefined : childOf(filter, 'time');
  const since = time === undefined ? Number.NEGATIVE_INFINITY : Date.parse(textOf(time, 'beginTime'));
  const found = events
    .filter(
      (one) =>
        types.length === 0 || types.includes(typeOf(one)) || types.includes(`vim.event.${typeOf(one)}`),
    )
    .filter(({ createdTime }) => Date.parse(createdTime) >= since)
    .toSorted(
      (one, other) => Date.parse(one.createdTime) - Date.parse(other.createdTime) || one.key - other.key,
    );
  const id = `session[demo]${randomUUID()}`;
  collectors.set(
    id,
    found.map((one) => toEvent(one, 'returnval')),
  );
  return `<returnval type="EventHistoryCollector">${id}</returnval>`;
}

/** ReadNextEvents: the next page, and nothing behind the last one. */
export function readNextEvents(request: XmlElement, { collectors }: DemoSession): string {
  const id = textOf(request, '_this');
  const left = collectors.get(id);
  if (left === undefined)
    throw new DemoFault(
      'ManagedObjectNotFound',
      'The object has already been deleted or has not been completely created',
    );
  const count = numberOf(request, 'maxCount') ?? 0;
  if (count < 1 || count > MAX_PAGE)
    throw new DemoFault('InvalidArgument', 'A specified parameter was not correct: maxCount');
  collectors.set(id, left.slice(count));
  return left.slice(0, count).join('');
}

const CLASS = 'UserLoginSessionEvent';
const typeOf = ({ type = CLASS }: DemoEvent): string => type;

/** With dots it is the id of an EventEx, as `esx.problem.storage.apd.start`. */
export function toEvent(event: DemoEvent, name = 'val'): string {
  const { key, createdTime, userName, message } = event;
  const type = typeOf(event);
  const isExtended = type.includes('.');
  const fields =
    textElement('key', String(key)) +
    textElement('chainId', String(key)) +
    textElement('createdTime', createdTime) +
    textElement('userName', userName) +
    textElement('fullFormattedMessage', message) +
    (isExtended ? textElement('eventTypeId', type) : '');
  return element(name, isExtended ? 'EventEx' : type, fields);
}
