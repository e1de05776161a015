import { VsweepError } from '../platform/errors.ts';
import type { Place, PlaceOf } from './places.ts';

/** One fault of a configuration: where it is and what to write instead. */
export interface ConfigIssue {
  /** `sweeps[0].every`; empty for the file as a whole. */
  readonly path: string;
  readonly message: string;
  /** Where it stands in the file, where there is one. */
  readonly place?: Place | undefined;
  /** The key that the fault is about, below `path`, until the place is known. */
  readonly key?: string | undefined;
}

/** The issues with their places, in the order of the file; those without a place first. */
export function withPlaces(
  issues: readonly ConfigIssue[],
  placeOf: PlaceOf | undefined,
): readonly ConfigIssue[] {
  const lineOf = ({ place }: ConfigIssue) =>
    place === undefined ? 0 : place.line * 1_000_000 + place.column;
  return issues
    .map(({ key, ...issue }) => {
      const { hint, ...place } = placeOf?.(key === undefined ? issue.path : `${issue.path}.${key}`) ?? {};
      if (!isPlace(place)) return issue;
      return { ...issue, place, message: hint === undefined ? issue.message : withHint(issue.message, hint) };
    })
    .toSorted((one, other) => lineOf(one) - lineOf(other));
}

/** A command at the end of a message is pasted up to the end of the line. */
const withHint = (message: string, hint: string): string =>
  /\bRun\b[^.]*: /.test(message) ? `${hint}. ${message}` : `${message}; ${hint}`;

const isPlace = (place: Partial<Place>): place is Place => place.line !== undefined;

/** `line 3, column 5: `, or nothing. */
export const printPlace = ({ place }: Pick<ConfigIssue, 'place'>): string =>
  place === undefined ? '' : `line ${place.line}, column ${place.column}: `;

/** `line 3, column 5: sweeps[0].every: write a duration`. */
export const printIssue = (issue: ConfigIssue): string =>
  `${printPlace(issue)}${issue.path === '' ? '' : `${issue.path}: `}${issue.message}`;

/** The configuration cannot be used. Holds every fault that was found, not the first one. */
export class ConfigError extends VsweepError<'config'> {
  readonly issues: readonly ConfigIssue[];

  constructor(file: string, issues: readonly ConfigIssue[], cause?: unknown) {
    const lines = issues.map((issue) => `  ${printIssue(issue)}`);
    const count = issues.length === 1 ? '1 fault' : `${issues.length} faults`;
    super(`${file}: ${count}\n${lines.join('\n')}`, { code: 'config', cause });
    this.issues = issues;
  }
}
