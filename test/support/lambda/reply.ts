import type { RunSummary, TargetSummary } from '../../../lib/sweep/result/summary.ts';
import type { Reply } from './aws.ts';

/** The summary that a run answered; throws when it threw. */
export function summaryOf({ payload, functionError }: Reply): RunSummary {
  if (functionError !== undefined) throw new Error(`the run failed: ${JSON.stringify(payload)}`);
  return payload as RunSummary;
}

export function targetOf(reply: Reply, name: string): TargetSummary {
  const target = summaryOf(reply).targets.find((one) => one.target === name);
  if (target === undefined) throw new Error(`the run tells nothing of ${name}`);
  return target;
}

/** By target. */
export const statusesOf = (reply: Reply): Record<string, string> =>
  Object.fromEntries(summaryOf(reply).targets.map(({ target, status }) => [target, status]));
