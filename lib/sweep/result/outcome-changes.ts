import type { LastRun } from '../../state/stores/runs.ts';
import { printOutcome } from '../outcome.ts';
import type { HostSummary } from './summary.ts';

/** How a host came out of the run before and of this one, with the paths: `vcenter ok, ssh failed(auth)`. */
export interface OutcomeChange {
  readonly host: string;
  readonly before: string;
  readonly now: string;
}

/** What the run record keeps of a host's outcomes: a word a path. */
export const printOutcomes = ({ outcomes }: Pick<HostSummary, 'outcomes'>): string =>
  Object.values(outcomes).map(printOutcome).join(' ');

/** The hosts that came out otherwise than in the run before. A host that was not there before changed nothing. */
export function outcomeChanges(last: LastRun | undefined, hosts: readonly HostSummary[]): OutcomeChange[] {
  const before = last?.outcomes ?? {};
  return hosts.flatMap((host) => {
    const was = Object.hasOwn(before, host.moref) ? before[host.moref] : undefined;
    const now = printOutcomes(host);
    if (was === undefined || was === now) return [];
    const paths = Object.keys(host.outcomes);
    return [{ host: host.name, before: namePaths(was, paths), now: namePaths(now, paths) }];
  });
}

/** As it is where the run before had other paths. */
function namePaths(recorded: string, paths: readonly string[]): string {
  const outcomes = recorded.split(' ');
  if (outcomes.length !== paths.length) return recorded;
  return outcomes.map((outcome, index) => `${paths[index]} ${outcome}`).join(', ');
}
