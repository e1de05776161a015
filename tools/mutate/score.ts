import { type ChangedLines, hasLines } from './mutant-text.ts';

/** A mutant and what became of it. */
export interface TriedMutant extends ChangedLines {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly mutator: string;
  /** `invalid`: refused by the compiler. `unreached`: survives, because no test comes by it. */
  readonly end: 'killed' | 'timeout' | 'survived' | 'unreached' | 'invalid' | 'not-tried';
}

/** A mutant that survives for a reason. */
export interface KnownSurvivor extends ChangedLines {
  readonly file: string;
  /** `equivalent`: it behaves alike, so it does not count. `accepted`: it counts, and a test is not worth its price. */
  readonly kind: 'equivalent' | 'accepted';
  readonly why: string;
}

export interface Score {
  readonly tried: number;
  readonly killed: number;
  readonly timeouts: number;
  readonly survived: number;
  /** Of those that survived, the ones that no test comes by. */
  readonly unreached: number;
  readonly equivalent: number;
  readonly invalid: number;
  /** Of the mutants that are not equivalent, those that the tests noticed; per cent, NaN without any. */
  readonly percent: number;
  /** Survivors that are not on the list. */
  readonly unknown: readonly TriedMutant[];
  /** Entries of the list whose lines are gone, or whose mutant is killed in a file that was tried as a whole. */
  readonly stale: readonly KnownSurvivor[];
}

/** `texts`: of the files that were tried, by their names. */
export function scoreOf(
  mutants: readonly TriedMutant[],
  known: readonly KnownSurvivor[],
  texts: ReadonlyMap<string, string> = new Map(),
): Score {
  const count = (end: TriedMutant['end']) => mutants.filter((mutant) => mutant.end === end).length;
  const unkilled = mutants.filter(({ end }) => !['killed', 'invalid', 'not-tried'].includes(end));
  const survivors = unkilled.filter(({ end }) => end !== 'timeout');
  const entryOf = (mutant: TriedMutant) => known.find((entry) => isSame(entry, mutant));
  const equivalent = survivors.filter((mutant) => entryOf(mutant)?.kind === 'equivalent').length;
  const noticed = count('killed') + count('timeout');
  const survived = survivors.length - equivalent;
  const partly = new Set(mutants.filter(({ end }) => end === 'not-tried').map(({ file }) => file));
  const whole = new Set(mutants.map(({ file }) => file).filter((file) => !partly.has(file)));
  const isGone = ({ file, was }: KnownSurvivor) => {
    const text = mutants.some((mutant) => mutant.file === file) ? texts.get(file) : undefined;
    return text !== undefined && !hasLines(text, was);
  };
  return {
    tried: noticed + survivors.length,
    killed: count('killed'),
    timeouts: count('timeout'),
    survived,
    unreached: count('unreached'),
    equivalent,
    invalid: count('invalid'),
    percent: (100 * noticed) / (noticed + survived),
    unknown: survivors.filter((mutant) => entryOf(mutant) === undefined),
    stale: known.filter(
      // One that was stopped for want of time may survive on a machine that is less busy.
      (entry) =>
        isGone(entry) || (whole.has(entry.file) && !unkilled.some((mutant) => isSame(entry, mutant))),
    ),
  };
}

/** A mutant by its place. */
export type MutantPlace = Pick<TriedMutant, 'file' | 'line' | 'was' | 'becomes'>;

/**
 * What became of mutants in an earlier run: by the text of their lines and its place in the file, or by the text alone
 * where that stands once, so that a mutant is known again when code above it moved.
 */
export function readEnds(
  report: readonly TriedMutant[],
  mutants: readonly MutantPlace[],
): ReadonlyMap<MutantPlace, TriedMutant['end']> {
  const textOf = ({ file, was, becomes }: MutantPlace) => JSON.stringify([file, was, becomes]);
  const byText = Map.groupBy(mutants, textOf);
  return new Map(
    report.flatMap((before) => {
      const alike = byText.get(textOf(before)) ?? [];
      const same =
        alike.find(({ line }) => line === before.line) ?? (alike.length === 1 ? alike[0] : undefined);
      return same === undefined ? [] : [[same, before.end]];
    }),
  );
}

/** Wilson's interval of a score at 95 %, as if its mutants were a random sample: per cent. */
export function intervalOf({ killed, timeouts, survived }: Score): readonly [from: number, to: number] {
  const n = killed + timeouts + survived;
  if (n === 0) return [0, 100];
  const [p, z] = [(killed + timeouts) / n, 1.96];
  const middle = (p + (z * z) / (2 * n)) / (1 + (z * z) / n);
  const half = (z * Math.sqrt((p * (1 - p)) / n + (z * z) / (4 * n * n))) / (1 + (z * z) / n);
  return [100 * (middle - half), 100 * (middle + half)];
}

const isSame = (entry: KnownSurvivor, mutant: TriedMutant) =>
  entry.file === mutant.file && entry.was === mutant.was && entry.becomes === mutant.becomes;
