import {
  CALLS,
  type CallAnswer,
  type CallReading,
  type MethodName,
  methodOf,
} from '../catalogue/sources/call.ts';
import type { Clock } from '../platform/clock.ts';
import { withTimeLimit } from '../platform/deadline.ts';
import { DeadlineError } from '../platform/errors.ts';
import { isNotAuthenticated, VsphereFaultError } from '../vsphere/errors.ts';
import { toPropertyValue } from '../vsphere/property/property-value.ts';
import { moRefOf } from '../vsphere/property/value-fields.ts';
import { callForValue } from '../vsphere/soap/soap-reply.ts';
import { methodCall } from '../vsphere/soap/soap-request.ts';
import type { Reader, ReaderSession, ReadItem } from './reader.ts';

/** Calls of one batch at the same time. */
const AT_ONCE = 8;
/** Of one call: vCenter forwards that to a host, which may not answer. */
const CALL_MS = 5_000;
/** Of all calls of a batch; objects whose turn does not come in it are not asked in this run. */
const ALL_MS = 20_000;

/** Calls methods of the objects that they are for, some at a time. One that fails costs its own points. */
export const calls: Reader<MethodName, CallReading> = {
  facts: CALLS,
  pathsOf: (needs) => [
    ...new Set(
      needs.map(methodOf).flatMap(({ on, while: [path] }) => (on === undefined ? [path] : [path, on])),
    ),
  ],
  async *read(needs, items, { session, clock, signal }) {
    const startedAt = clock.monotonic();
    const isMeant =
      ({ properties }: ReadItem) =>
      (need: MethodName) => {
        const [path, is] = methodOf(need).while;
        return properties.get(path) === is;
      };
    const asked = items.flatMap((item) => {
      const methods = needs.filter(isMeant(item));
      return methods.length === 0 ? [] : { item, methods };
    });
    for (let next = 0; next < asked.length; next += AT_ONCE) {
      const isOver = clock.monotonic() - startedAt > ALL_MS;
      const some = asked.slice(next, next + AT_ONCE).map(async ({ item, methods }) => {
        const reading: CallReading & { answers: Map<string, CallAnswer>; problems: string[] } = {
          answers: new Map(),
          problems: [],
        };
        for (const method of methods) {
          const found = isOver
            ? `${method} was not called: the others took more than ${ALL_MS / 1_000} s`
            : await callOne(method, item, { session, clock, signal });
          if (typeof found === 'string') reading.problems.push(found);
          else reading.answers.set(method, found);
        }
        return [item.moref, reading] as const;
      });
      yield* await Promise.all(some);
    }
  },
};

/** Its answer, or why there is none, in words that are the same for all objects. Throws when the session is over. */
async function callOne(
  method: MethodName,
  { type, moref, properties }: ReadItem,
  { session, clock, signal }: { session: ReaderSession; clock: Clock; signal: AbortSignal },
): Promise<CallAnswer | string> {
  const { on: path, returns } = methodOf(method);
  const on = path === undefined ? { type, value: moref } : moRefOf(properties.get(path));
  if (on === undefined) return `${path} could not be read`;
  const limit = { clock, ms: CALL_MS, what: method, signal };
  const startedAt = clock.monotonic();
  try {
    const element = await withTimeLimit(limit, (limited) =>
      callForValue(session.connection.transport, methodCall(method, on), { signal: limited }),
    );
    const roundTripMs = clock.monotonic() - startedAt;
    const value = element && toPropertyValue(element, returns);
    return { value, at: clock.now() - roundTripMs / 2, roundTripMs };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof DeadlineError) return `${method} was not answered within ${CALL_MS / 1_000} s`;
    if (error instanceof VsphereFaultError && !isNotAuthenticated(error))
      return `${method} was refused: ${error.fault}`;
    throw error;
  }
}
