import type { RetrievalSession } from '../property/retrieval.ts';
import { retrieveProperty } from '../property/retrieve-property.ts';
import { refuseIfDenied, retrieveReferred } from '../property/retrieve-referred.ts';
import { booleanOf, listOf, moRefOf, textOf } from '../property/value-fields.ts';

/** A scheduled task, as ScheduledTaskInfo has it. */
export interface ScheduledTask {
  /** vCenter gives no two tasks the same. */
  readonly name: string;
  readonly enabled: boolean;
  /** Of its last run, in the words of vim.TaskInfo.State. */
  readonly state: string;
  /** In milliseconds since the epoch; undefined if it does not run any more. */
  readonly nextRunAt: number | undefined;
}

const MAX_TASKS = 2_000;
const PATHS = ['info.name', 'info.enabled', 'info.state', 'info.nextRunTime'];

/**
 * `ScheduledTaskManager.scheduledTask`, of those that the account may see; none where there is no such manager, as on
 * ESXi. One that goes meanwhile, or lacks one of its properties, is left out, as one that the account may not read. Throws VsphereFaultError.
 */
export async function readScheduledTasks(
  session: RetrievalSession,
  options: { signal: AbortSignal },
): Promise<readonly ScheduledTask[]> {
  const manager = session.content.scheduledTaskManager;
  if (manager === undefined) return [];
  const listed = listOf(await retrieveProperty(session, manager, 'scheduledTask', options));
  const morefs = listed.slice(0, MAX_TASKS).flatMap((one) => moRefOf(one) ?? []);
  const tasks = await retrieveReferred(session, { morefs, paths: PATHS }, options);
  refuseIfDenied(tasks, 'info.state');
  return tasks.flatMap(({ properties }) => {
    const name = textOf(properties.get('info.name'));
    const enabled = booleanOf(properties.get('info.enabled'));
    const state = textOf(properties.get('info.state'));
    const next = Date.parse(textOf(properties.get('info.nextRunTime')) ?? '');
    if (name === undefined || enabled === undefined || state === undefined) return [];
    return [{ name, enabled, state, nextRunAt: Number.isNaN(next) ? undefined : next }];
  });
}
