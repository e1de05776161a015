import type { BatchResult } from '../batch.ts';
import { charactersOf } from '../columns.ts';
import { failed } from '../outcome.ts';

/** What the results of one target in one run may hold together until they are merged, whatever workers send. */
export const MAX_KEPT_POINTS = 1_500_000;
const MAX_KEPT_CHARACTERS = 128_000_000;

/** Bounds what results are held at once: a bound of each does not bound the memory of all. */
export interface KeptResults {
  /**
   * The result as it may be held: one for which there is no room left loses its points and keeps its outcomes. Items that
   * were read are `failed(result-too-large)` then.
   */
  hold(result: BatchResult, how: { does: 'read' | 'ask' }): BatchResult;
  /** For the operator, once there was no room. */
  problems(): readonly string[];
}

export function createKeptResults(
  maxPoints = MAX_KEPT_POINTS,
  maxCharacters = MAX_KEPT_CHARACTERS,
): KeptResults {
  let points = 0;
  let characters = 0;
  let refused = 0;
  return {
    hold(result, { does }) {
      const ofResult = result.families.reduce((sum, family) => sum + family.items.length, 0);
      const labels = charactersOf(result.families);
      if (points + ofResult <= maxPoints && characters + labels <= maxCharacters) {
        points += ofResult;
        characters += labels;
        return result;
      }
      refused += 1;
      return {
        ...result,
        families: [],
        outcomes: does === 'read' ? outcomesWithout(result) : result.outcomes,
        collectors: result.collectors.map((one) => ({ ...one, success: false })),
      };
    },
    problems: () =>
      refused === 0
        ? []
        : [
            `the samples of ${refused} batches were dropped, because the whole target has more than ` +
              `${maxPoints.toLocaleString('en')}, or labels of more than ${maxCharacters.toLocaleString('en')} characters: ` +
              'split its collectors into several sweeps',
          ],
  };
}

const outcomesWithout = ({ outcomes }: BatchResult): BatchResult['outcomes'] =>
  outcomes.map(([item, outcome]) => [item, outcome.kind === 'ok' ? failed('result-too-large') : outcome]);
