import type { RetrievalSession } from '../property/retrieval.ts';
import { retrieveProperty } from '../property/retrieve-property.ts';
import { refuseIfDenied, retrieveReferred } from '../property/retrieve-referred.ts';
import { listOf, moRefOf, textOf } from '../property/value-fields.ts';
import { requireManager } from '../service-content.ts';

/** A task as the TaskManager shows it, in the words of vim.TaskInfo.State. */
export interface RecentTask {
  readonly state: string;
  /** Since when it runs, or waits if it did not start; milliseconds since the epoch by the clock of the vCenter. */
  readonly since: number;
}

/** Tasks of an answer that are looked at; vCenter keeps those of the last ten minutes. */
const MAX_TASKS = 5_000;

/**
 * `TaskManager.recentTask`: tasks that wait, run or ended a short time ago, of those that the account may see. One that
 * goes meanwhile, or has no readable time, is left out, as one that the account may not read. Throws VsphereFaultError, as for a session that has ended.
 */
export async function readRecentTasks(
  session: RetrievalSession,
  options: { signal: AbortSignal },
): Promise<readonly RecentTask[]> {
  const manager = requireManager(session.content, 'taskManager');
  const recent = listOf(await retrieveProperty(session, manager, 'recentTask', options));
  const morefs = recent.slice(0, MAX_TASKS).flatMap((one) => moRefOf(one) ?? []);
  const paths = ['info.state', 'info.startTime', 'info.queueTime'];
  const tasks = await retrieveReferred(session, { morefs, paths }, options);
  refuseIfDenied(tasks, 'info.state');
  return tasks.flatMap(({ properties }) => {
    const state = textOf(properties.get('info.state'));
    const since = Date.parse(
      textOf(properties.get('info.startTime') ?? properties.get('info.queueTime')) ?? '',
    );
    return state === undefined || Number.isNaN(since) ? [] : [{ state, since }];
  });
}
