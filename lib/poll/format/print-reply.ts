import { readRequest } from '../check-request.ts';
import { OLD_METHOD_NAMES } from '../registry.ts';
import type { PollReply } from '../reply.ts';
import { cclientFormat } from './cclient.ts';
import { csvFormat } from './csv.ts';
import type { PollFormat } from './poll-format.ts';
import { printPythonJson } from './python-json.ts';
import { czabbixFormat, lldFormat, zabbixFormat } from './zabbix.ts';

/** By the name of a request's `helper`: short, and the one that vPoller's module has. */
export const POLL_FORMATS: ReadonlyMap<string, PollFormat> = new Map([
  ['zabbix', zabbixFormat],
  ['vpoller.helpers.zabbix', zabbixFormat],
  ['czabbix', czabbixFormat],
  ['vpoller.helpers.czabbix', czabbixFormat],
  ['cclient', cclientFormat],
  ['vpoller.helpers.cclient', cclientFormat],
  ['csv', csvFormat],
  ['vpoller.helpers.csvhelper', csvFormat],
  ['lld', lldFormat],
]);

/** A reply as its request's `helper` wants it; as JSON when it has none, or one that there is not. */
export function printReply(reply: PollReply, message: unknown): string {
  const helper = textOf(message, 'helper');
  const format = helper === undefined ? undefined : POLL_FORMATS.get(helper);
  if (format === undefined) return printPythonJson(reply);
  const method = textOf(message, 'method') ?? '';
  // A request that was refused may have anything in it.
  const request = reply.success === 0 ? readRequest(message) : { properties: [] };
  return format(reply, { method: OLD_METHOD_NAMES.get(method) ?? method, request });
}

function textOf(message: unknown, key: string): string | undefined {
  if (typeof message !== 'object' || message === null || !Object.hasOwn(message, key)) return undefined;
  const value: unknown = (message as Record<string, unknown>)[key];
  return typeof value === 'string' ? value : undefined;
}
