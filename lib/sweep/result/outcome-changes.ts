import type { LastRun } from '../../state/stores/runs.ts';
import { printOutcome } from '../outcome.ts';
import type { HostSummary } from './summary.ts';

/** How a host came out of the run before and of this one, as the run record keeps it: a word a path. */
export interface OutcomeChange {
  readonly host: string;
  readonly before: string;
  readonly now: string;
}

/** What the run record keeps of a host's outcomes. */
export const printOutcomes = ({ outcomes }: Pick<HostSummary, 'outcomes'>): string =>
  Object.values(outcomes).map(printOutcome).join(' ');

/** The hosts that came out otherwise than in the run before. A host that was not there before changed nothing. */
export function outcomeChanges(last: LastRun | undefined, hosts: readonly HostSummary[]): OutcomeChange[] {
  const before = last?.outcomes ?? {};
  return hosts.flatMap((host) => {
    const was = Object.hasOwn(before, host.moref) ? before[host.moref] : undefined;
    const now = printOutcomes(host);
    return was === undefined || was === now ? [] : [{ host: host.name, before: was, now }];
  });
}
