import * as fs from 'node:fs';

/** The environment variable with the path of a worker's plan. */
export const PLAN_VARIABLE = 'MUTATE_PLAN';

/** The environment variable by which a process is told of its mutant. */
export const MUTANT_VARIABLE = '__STRYKER_ACTIVE_MUTANT__';

/** What one worker has to do. All files are named from the root of the sandbox. */
export interface Plan {
  /** Files of tests in their order, each with the mutants that it is to find. */
  readonly files: readonly { readonly file: string; readonly mutants: readonly string[] }[];
  /** Mutants of code that runs when a module is loaded: each has the modules loaded anew that depend on it. */
  readonly atLoad: readonly {
    readonly mutant: string;
    readonly tests: readonly string[];
    readonly reload: readonly string[];
  }[];
  /** What was tried before, as `keyOf`: a worker that was stopped does not get there again. */
  readonly tried: readonly string[];
  /** Tests, by their numbers, that cannot be run twice in one process. */
  readonly leftOut: readonly string[];
  /** Tests that take longer find nothing: ms. */
  readonly longestTestMs: number;
  readonly journal: string;
}

/** What a worker writes down, in order; the last line says what it was at when it had to be stopped. */
export type Entry =
  | { readonly kind: 'begins'; readonly file: string }
  | { readonly kind: 'unfit'; readonly file: string; readonly why: string; readonly isFirst: boolean }
  /** It fails without a mutant when it is run once more, maybe with modules that are loaded anew. */
  | { readonly kind: 'unfit-again'; readonly file: string; readonly why: string }
  /** Which mutants a file of tests comes by: while modules are loaded, and later. */
  | {
      readonly kind: 'reached';
      readonly file: string;
      readonly ms: number;
      readonly atLoad: string[];
      readonly later: string[];
    }
  | { readonly kind: 'tries'; readonly mutant: string; readonly key: string; readonly limitMs: number }
  | {
      readonly kind: 'killed';
      readonly mutant: string;
      readonly by: string;
      readonly how: 'failed' | 'stopped';
    }
  /** The test fails without a mutant, too, when it is run again: what it said or would say of these does not count. */
  | {
      readonly kind: 'doubts';
      readonly file: string;
      readonly test: string;
      readonly name: string;
      readonly mutants: readonly string[];
    }
  | { readonly kind: 'too-slow'; readonly file: string; readonly test: string; readonly ms: number }
  | { readonly kind: 'ends'; readonly file: string }
  | { readonly kind: 'ends-mutant'; readonly mutant: string };

export const keyOf = (mutant: string, test: string) => `${mutant} ${test}`;

export function readPlan(): Plan {
  return JSON.parse(fs.readFileSync(process.env[PLAN_VARIABLE] ?? '', 'utf8')) as Plan;
}

export function writeEntry({ journal }: Plan, entry: Entry): void {
  fs.appendFileSync(journal, `${JSON.stringify(entry)}\n`);
}
