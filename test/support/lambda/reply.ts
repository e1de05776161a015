import { expect } from 'vitest';
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

/**
 * Runs until one is whole, and answers with it: where a credential is tried, vCenter has a few seconds, which a busy
 * machine needs to start the worker. The last of the tries has to be whole.
 */
export async function sweepUntilWhole(sweep: () => Promise<Reply>): Promise<Reply> {
  for (let tries = 1; ; tries += 1) {
    const reply = await sweep();
    if (tries === 4) expectWhole(reply);
    if (summaryOf(reply).exitCode === 0) return reply;
  }
}

/** Expects a run without a fault, and shows what was wrong with another one. */
export function expectWhole(reply: Reply): void {
  const { exitCode, targets } = summaryOf(reply);
  const told = targets.flatMap(({ problems, hosts }) => [
    ...problems,
    ...hosts.flatMap(({ details }) => details),
  ]);
  const counts = targets.map(({ paths }) => Object.values(paths).map(({ reasons }) => reasons));
  expect({ exitCode }, JSON.stringify({ told, counts })).toEqual({ exitCode: 0 });
}
