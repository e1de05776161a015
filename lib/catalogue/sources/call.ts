import type { PropertyValue } from '../../vsphere/property/retrieved-object.ts';
import { type Evaluated, NOTHING, type ReaderFacts, type Source } from '../row.ts';

/** Methods without parameters that are called on each host or cluster, one by one: slow, and so bounded. */
export const CALLS: ReaderFacts = { name: 'calls', runs: 'read' };

interface Method {
  /** The property that refers to the object that has the method; the object itself has it without one. */
  readonly on?: string;
  /** What it returns. */
  readonly returns: string;
  /** Only objects with this value of this property are called. */
  readonly while: readonly [path: string, is: string | boolean];
}

/** The methods there are. */
export const METHODS = {
  QueryDateTime: {
    on: 'configManager.dateTimeSystem',
    returns: 'dateTime',
    while: ['runtime.connectionState', 'connected'],
  },
  RetrieveDasAdvancedRuntimeInfo: {
    returns: 'ClusterDasAdvancedRuntimeInfo',
    while: ['configuration.dasConfig.enabled', true],
  },
} as const satisfies Readonly<Record<string, Method>>;
export type MethodName = keyof typeof METHODS;

export const methodOf = (name: MethodName): Method => METHODS[name];

/** What a method answered. */
export interface CallAnswer {
  /** Undefined where it returned nothing. */
  readonly value: PropertyValue | undefined;
  /** The middle of the round trip by the clock of this process, in milliseconds since the epoch. */
  readonly at: number;
  readonly roundTripMs: number;
}

/** What was answered of one object; a method that was not called or failed is absent. */
export interface CallReading {
  readonly answers: ReadonlyMap<string, CallAnswer>;
  /** Why a method failed, for the operator. */
  readonly problems: readonly string[];
}

/** What one method says; nothing where it failed, which is a warning. */
export const called = (
  method: MethodName,
  evaluate: (answer: CallAnswer) => Evaluated,
): Source<MethodName, CallReading> => ({
  reader: CALLS,
  needs: [method],
  when: `${METHODS[method].while[0]} is ${METHODS[method].while[1]}`,
  evaluate({ answers, problems }) {
    const answer = answers.get(method);
    return answer === undefined ? { ...NOTHING, warnings: problems } : evaluate(answer);
  },
});
