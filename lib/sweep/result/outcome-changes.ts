import type { LastRun } from '../../state/stores/runs.ts';
import { PATHS, type Path, parseOutcome, printOutcome } from '../outcome.ts';
import type { HostSummary } from './summary.ts';

/** How a host came out of the run before and of this one, with the paths: `vcenter ok, ssh failed(auth)`. */
export interface OutcomeChange {
  readonly host: string;
  /** Absent of a host of which the record of the last run says nothing. */
  readonly before?: string;
  readonly now: string;
  /** What the operator reads of a host that is not ok. */
  readonly why?: string;
}

/** Of a path on which a host was not asked, where another one follows. */
const NONE = '-';

/** What the run record keeps of a host's outcomes: a word a path, in their order. */
export function printOutcomes({ outcomes }: Pick<HostSummary, 'outcomes'>): string {
  const words = PATHS.map((path) => {
    const outcome = outcomes[path];
    return outcome === undefined ? NONE : printOutcome(outcome);
  });
  return words.join(' ').replace(/(?: -)+$/, '');
}

/** The outcomes by path that a run record has of a host; a word that is none is left out. */
export function parseOutcomes(recorded: string): { readonly [P in Path]?: string } {
  const words = recorded.split(' ');
  return Object.fromEntries(
    PATHS.flatMap((path, index) => {
      const word = words[index] ?? NONE;
      return parseOutcome(word) === undefined ? [] : [[path, word]];
    }),
  );
}

/**
 * The hosts that came out otherwise than in the run before. A host that was not there before changed nothing if it is ok on
 * each path.
 */
export function outcomeChanges(last: LastRun | undefined, hosts: readonly HostSummary[]): OutcomeChange[] {
  const before = last?.outcomes ?? {};
  return hosts.flatMap((host) => {
    const was = Object.hasOwn(before, host.moref) ? before[host.moref] : undefined;
    const now = printOutcomes(host);
    const isWell = Object.values(host.outcomes).every(({ kind }) => kind === 'ok');
    if (was === now || (was === undefined && isWell)) return [];
    const why = host.details.join('; ');
    return [
      {
        host: host.name,
        ...(was === undefined ? {} : { before: namePaths(was) }),
        now: namePaths(now),
        ...(why === '' ? {} : { why }),
      },
    ];
  });
}

/** As it is recorded where it cannot be read. */
function namePaths(recorded: string): string {
  const named = Object.entries(parseOutcomes(recorded)).map(([path, outcome]) => `${path} ${outcome}`);
  return named.length === 0 ? recorded : named.join(', ');
}
