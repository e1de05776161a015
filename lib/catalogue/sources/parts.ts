import { type Evaluated, NOTHING, type ReaderFacts, type Source } from '../row.ts';

/**
 * What a reader found of an item that is asked in parts, of which each may fail by itself: an answer by the name of its
 * need, or why there is none, for the operator. `Answers` has the type of each need's answer.
 */
export interface Parts<Answers> {
  readonly answers: { readonly [Need in keyof Answers]?: Answers[Need] };
  /** What the account may not see, or what is not where it should be: a warning, and no failure. */
  readonly denied: { readonly [Need in keyof Answers]?: string };
  /** What the account may not see for want of a privilege. */
  readonly lacking?: { readonly [Need in keyof Answers]?: string };
  readonly failed: { readonly [Need in keyof Answers]?: string };
  /** What this version of vSphere does not have. */
  readonly absent?: ReadonlySet<keyof Answers>;
}

/**
 * Makes sources of one part each. Their rows throw where the part failed, which fails the collector and costs the rows
 * over that part alone.
 */
export const partsOf =
  <Answers>(reader: ReaderFacts) =>
  <Need extends keyof Answers & string>(
    need: Need,
    evaluate: (answer: Answers[Need]) => Evaluated,
  ): Source<keyof Answers, Parts<Answers>> => ({
    reader,
    needs: [need],
    evaluate({ answers, denied, lacking, failed, absent }) {
      const answer: Answers[Need] | undefined = answers[need];
      if (answer !== undefined) return evaluate(answer);
      if (absent?.has(need) === true) return NOTHING;
      const privilege = lacking?.[need];
      if (privilege !== undefined) return { ...NOTHING, lacks: [privilege] };
      const why = denied[need];
      if (why === undefined) throw new Error(failed[need] ?? `${need} was not read`);
      return { ...NOTHING, warnings: [why] };
    },
  });
