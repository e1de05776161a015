import type { JsonValue, PollReply, PollResult } from '../reply.ts';

/** What spreadsheets take for a formula at the beginning of a cell (OWASP, CSV injection). */
const FORMULA = /^[=+\-@\t\r\n]/;

/**
 * The reply for a CSV that a spreadsheet opens: a text that begins like a formula gets an apostrophe before it. Names and
 * notes of vCenter are anybody's who may edit them. Not the default, because vPoller prints texts as they are.
 */
export function withoutFormulas(reply: PollReply): PollReply {
  if (reply.success !== 0) return reply;
  const { result } = reply;
  return { ...reply, result: isList(result) ? result.map(cellsOf) : cellsOf(result) };
}

const cellsOf = (object: PollResult): PollResult =>
  Object.fromEntries(Object.entries(object).map(([name, value]) => [name, cellOf(value)]));

const cellOf = (value: JsonValue): JsonValue =>
  typeof value === 'string' && FORMULA.test(value) ? `'${value}` : value;

const isList = (value: PollResult | readonly PollResult[]): value is readonly PollResult[] =>
  Array.isArray(value);
