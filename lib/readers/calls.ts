import {
  CALLS,
  type CallAnswer,
  type CallReading,
  METHODS,
  type MethodName,
} from '../catalogue/sources/call.ts';
import type { Clock } from '../platform/clock.ts';
import { withTimeLimit } from '../platform/deadline.ts';
import { DeadlineError } from '../platform/errors.ts';
import { isNotAuthenticated, VsphereFaultError } from '../vsphere/errors.ts';
import { toPropertyValue } from '../vsphere/property/property-value.ts';
import type { MoRef } from '../vsphere/property/retrieved-object.ts';
import { moRefOf } from '../vsphere/property/value-fields.ts';
import { callForValue } from '../vsphere/soap/soap-reply.ts';
import { methodCall } from '../vsphere/soap/soap-request.ts';
import type { Reader, ReaderSession } from './reader.ts';

const CONNECTION_STATE = 'runtime.connectionState';

/** Calls of one batch at the same time. */
const AT_ONCE = 8;
/** Of one call: vCenter forwards it to the host, which may not answer. */
const CALL_MS = 5_000;
/** Of all calls of a batch; hosts whose turn does not come in it are not asked in this run. */
const ALL_MS = 20_000;

/** Calls methods of hosts that are connected, some at a time. One that fails costs its own points. */
export const calls: Reader<MethodName, CallReading> = {
  facts: CALLS,
  paths: [CONNECTION_STATE, ...new Set(Object.values(METHODS))],
  async *read(needs, items, { session, clock, signal }) {
    const startedAt = clock.monotonic();
    const asked = items.filter(({ properties }) => properties.get(CONNECTION_STATE) === 'connected');
    for (let next = 0; next < asked.length; next += AT_ONCE) {
      const isOver = clock.monotonic() - startedAt > ALL_MS;
      const some = asked.slice(next, next + AT_ONCE).map(async ({ moref, properties }) => {
        const reading: CallReading & { answers: Map<string, CallAnswer>; problems: string[] } = {
          answers: new Map(),
          problems: [],
        };
        for (const method of needs) {
          const on = moRefOf(properties.get(METHODS[method]));
          const found = isOver
            ? `${method} was not called: the others took more than ${ALL_MS / 1_000} s`
            : await callOne(method, on, { session, clock, signal });
          if (typeof found === 'string') reading.problems.push(found);
          else reading.answers.set(method, found);
        }
        return [moref, reading] as const;
      });
      yield* await Promise.all(some);
    }
  },
};

/** Its answer, or why there is none, in words that are the same for all hosts. Throws when the session is over. */
async function callOne(
  method: MethodName,
  on: MoRef | undefined,
  { session, clock, signal }: { session: ReaderSession; clock: Clock; signal: AbortSignal },
): Promise<CallAnswer | string> {
  if (on === undefined) return `${METHODS[method]} could not be read`;
  const limit = { clock, ms: CALL_MS, what: method, signal };
  const startedAt = clock.monotonic();
  try {
    const element = await withTimeLimit(limit, (limited) =>
      callForValue(session.connection.transport, methodCall(method, on), { signal: limited }),
    );
    const roundTripMs = clock.monotonic() - startedAt;
    const value = element && toPropertyValue(element, 'dateTime');
    return { value, at: clock.now() - roundTripMs / 2, roundTripMs };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof DeadlineError) return `${method} was not answered within ${CALL_MS / 1_000} s`;
    if (error instanceof VsphereFaultError && !isNotAuthenticated(error))
      return `${method} was refused: ${error.fault}`;
    throw error;
  }
}
