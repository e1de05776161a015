import type { Parts } from '../catalogue/sources/parts.ts';
import type { Clock } from '../platform/clock.ts';
import { withTimeLimit } from '../platform/deadline.ts';

/** Of one part; the others do not wait for it. */
const PART_MS = 10_000;

/** Why a part has no answer, for the operator. */
export type NoAnswer =
  | readonly [part: 'denied' | 'failed', why: string]
  | readonly [part: 'lacking', privilege: string]
  /** This version of vSphere does not have it. */
  | readonly [part: 'absent'];

/** How one part ended. */
export type FoundPart<Need extends string = string> =
  | readonly [part: 'answers', need: Need, answer: unknown]
  | readonly [part: 'denied' | 'failed', need: Need, why: string]
  | readonly [part: 'lacking', need: Need, privilege: string]
  | readonly [part: 'absent', need: Need];

/**
 * Reads one part, in 10 s at most. `explain` says what an error means for it; what it throws itself fails the reader, as
 * the end of a session does.
 */
export async function readPart<Need extends string>(
  need: Need,
  read: (signal: AbortSignal) => Promise<unknown>,
  options: {
    readonly of: string;
    readonly clock: Clock;
    readonly signal: AbortSignal;
    explain(error: unknown): NoAnswer;
  },
): Promise<FoundPart<Need>> {
  const { of, clock, signal, explain } = options;
  try {
    return [
      'answers',
      need,
      await withTimeLimit({ clock, ms: PART_MS, what: `${need} of ${of}`, signal }, read),
    ];
  } catch (error) {
    signal.throwIfAborted();
    const explained = explain(error);
    if (explained[0] === 'absent') return ['absent', need];
    return explained[0] === 'lacking' ? ['lacking', need, explained[1]] : [explained[0], need, explained[1]];
  }
}

/** The parts of one item together; the answer of each need has to have the type that `Answers` gives it. */
export function toParts<Answers>(found: readonly FoundPart<keyof Answers & string>[]): Parts<Answers> {
  const of = <Values>(part: 'answers' | 'denied' | 'lacking' | 'failed') =>
    Object.fromEntries(
      found.flatMap(([where, need, one]) => (where === part ? [[need, one]] : [])),
    ) as Values;
  const absent = new Set(found.flatMap(([where, need]) => (where === 'absent' ? [need] : [])));
  return {
    answers: of('answers'),
    denied: of('denied'),
    lacking: of('lacking'),
    failed: of('failed'),
    absent,
  };
}
