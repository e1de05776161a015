import type { PropertyValue } from '../../vsphere/property/retrieved-object.ts';
import { type Evaluated, NOTHING, type ReaderFacts, type Source } from '../row.ts';

/** Methods without parameters that are called on each host, one by one: slow, and so bounded. */
export const CALLS: ReaderFacts = { name: 'calls', runs: 'read' };

/** The methods there are, each with the property of a host that refers to the object that has it. */
export const METHODS = { QueryDateTime: 'configManager.dateTimeSystem' } as const;
export type MethodName = keyof typeof METHODS;

/** What a method answered. */
export interface CallAnswer {
  readonly value: PropertyValue | undefined;
  /** The middle of the round trip by the clock of this process, in milliseconds since the epoch. */
  readonly at: number;
  readonly roundTripMs: number;
}

/** What was answered of one host; a method that failed is absent. */
export interface CallReading {
  readonly answers: ReadonlyMap<string, CallAnswer>;
  /** Why a method is absent, for the operator. */
  readonly problems: readonly string[];
}

/** What one method says; nothing where it failed, which is a warning. */
export const called = (
  method: MethodName,
  evaluate: (answer: CallAnswer) => Evaluated,
): Source<MethodName, CallReading> => ({
  reader: CALLS,
  needs: [method],
  when: 'runtime.connectionState is connected',
  evaluate({ answers, problems }) {
    const answer = answers.get(method);
    return answer === undefined ? { ...NOTHING, warnings: problems } : evaluate(answer);
  },
});
