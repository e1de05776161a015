import type { JsonValue, PollAnswer, PollResult } from '../reply.ts';
import { toResultList } from '../reply.ts';
import { endWithNul } from './cclient.ts';
import type { Asked, PollFormat } from './poll-format.ts';
import { printPythonJson } from './python-json.ts';

/** For Zabbix up to 4.0: the value of an item, or discovered objects as `{"data": [...]}`; newer ones take it too. */
export const zabbixFormat: PollFormat = (reply, asked) => {
  if (reply.success !== 0) return reply.msg;
  const kind = VPOLLER_KINDS.get(asked.method);
  if (kind === undefined) return `[zbx-helper]: Do not know how to process ${asked.method} method`;
  return print(kind, { asked, answer: reply.result }, (rows) => ({ data: rows }));
};

/** The same for Zabbix's own C code, which needs a NUL at the end. */
export const czabbixFormat: PollFormat = (reply, asked) => endWithNul(zabbixFormat(reply, asked));

/** For Zabbix from 4.2 on: discovered objects are a plain array, and every method that answers a list discovers. */
export const lldFormat: PollFormat = (reply, asked) => {
  if (reply.success !== 0) return reply.msg;
  const kind = VPOLLER_KINDS.get(asked.method) ?? 'rows';
  return print(kind, { asked, answer: reply.result }, (rows) => rows);
};

/**
 * `value`: the first property of the last object, for an item. `rows`: each object is discovered, its properties as
 * macros. `disk`: a property of the one disk. `count`: how many processes there are.
 */
type Kind = 'value' | 'rows' | 'disk' | 'count';

const VALUES =
  'about event.latest datacenter.get cluster.get host.get vm.get datastore.get resource.pool.get host.cluster.get ' +
  'vm.host.get vm.cpu.usage.percent vsan.health.get datacenter.perf.metric.get cluster.perf.metric.get ' +
  'host.perf.metric.get vm.perf.metric.get datastore.perf.metric.get';
const ROWS =
  'session.get datacenter.discover cluster.discover host.discover vm.discover datastore.discover ' +
  'datacenter.alarm.get cluster.alarm.get host.alarm.get vm.alarm.get datastore.alarm.get ' +
  'datacenter.perf.metric.info cluster.perf.metric.info host.perf.metric.info vm.perf.metric.info ' +
  'datastore.perf.metric.info host.vm.get host.datastore.get vm.datastore.get vm.snapshot.get vm.disk.discover ' +
  'vm.guest.net.get datastore.host.get datastore.vm.get resource.pool.vm.get';

/** The methods that vPoller's helper knows: of relations with a network and a few others it says that it does not. */
const VPOLLER_KINDS: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  ...VALUES.split(' ').map((name) => [name, 'value'] as const),
  ...ROWS.split(' ').map((name) => [name, 'rows'] as const),
  ['vm.disk.get', 'disk'],
  ['vm.process.get', 'count'],
]);

function print(
  kind: Kind,
  { asked, answer }: { asked: Asked; answer: PollAnswer },
  wrap: (rows: readonly PollResult[]) => JsonValue,
): string {
  const results = toResultList(answer);
  switch (kind) {
    case 'value':
      return printProperty(results.at(-1), asked);
    case 'disk':
      return printProperty(objectOf(results[0]?.['disk']), asked);
    case 'count':
      return String(
        results.filter(({ cmdLine }) => String(cmdLine).includes(asked.request.key ?? '')).length,
      );
    case 'rows':
      return printPythonJson(wrap(toRows(results, asked.method)));
  }
}

/** Where vPoller's helper raises: its worker then fails to send the result. */
function printProperty(object: PollResult | undefined, { method, request }: Asked): string {
  const [property] = request.properties;
  if (object === undefined) return `Cannot send result: ${method} has found nothing`;
  if (property === undefined)
    return `Cannot send result: ${method} needs the property that the item is to have`;
  return printPythonJson(Object.hasOwn(object, property) ? object[property] : null);
}

function toRows(results: readonly PollResult[], method: string): readonly PollResult[] {
  const nested = NESTED.get(method);
  const words = method.split('.').slice(0, nested?.prefixWords ?? -1);
  const prefix = words.join('.').toUpperCase();
  const rows = nested === undefined ? results : results.flatMap((one) => objectsOf(one[nested.field]));
  return rows.map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([key, value]) => [`{#VSPHERE.${prefix}.${key.toUpperCase()}}`, value]),
    ),
  );
}

/**
 * The methods that answer about what stands in a field of one object. The macros of what is in a guest are named
 * after the object's type alone.
 */
const NESTED: ReadonlyMap<string, { field: string; prefixWords: number }> = new Map([
  ['vm.disk.discover', { field: 'disk', prefixWords: 1 }],
  ['vm.guest.net.get', { field: 'net', prefixWords: 1 }],
  ['vm.net.get', { field: 'network', prefixWords: -1 }],
  ['host.net.get', { field: 'network', prefixWords: -1 }],
  ['net.host.get', { field: 'host', prefixWords: -1 }],
  ['net.vm.get', { field: 'vm', prefixWords: -1 }],
]);

function objectsOf(value: JsonValue | undefined): readonly PollResult[] {
  return Array.isArray(value) ? value : [];
}

function objectOf(value: JsonValue | undefined): PollResult | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as PollResult)
    : undefined;
}
