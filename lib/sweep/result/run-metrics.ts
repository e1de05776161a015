import { METRICS } from '../../config/cloudwatch.ts';
import type { Outcome } from '../outcome.ts';
import { isDelivered, type RunSummary, type TargetSummary } from './summary.ts';

/** One value of a run for CloudWatch. */
export interface RunMetric {
  readonly name: string;
  readonly unit: 'Count' | 'Seconds';
  readonly value: number;
  /** The dimension beside `sweep`, of those that have one. */
  readonly outcome?: Outcome['kind'];
}

const OUTCOMES = ['ok', 'failed', 'skipped'] as const;

/** What the alarms go by. A run that found another one under way, or a duplicate, adds no hosts. */
export function toRunMetrics({ exitCode, startedAt, endedAt, targets }: RunSummary): RunMetric[] {
  const count = (name: string, value: number): RunMetric => ({ name, unit: 'Count', value });
  const paths = targets.flatMap((target) => watchedPath(target) ?? []);
  return [
    count(METRICS.runs, 1),
    count(METRICS.failedRuns, exitCode === 1 ? 1 : 0),
    { name: METRICS.runSeconds, unit: 'Seconds', value: Math.max(0, endedAt - startedAt) / 1_000 },
    count(METRICS.leaseTargets, targets.filter(({ status }) => status === 'lease').length),
    count(METRICS.duplicateTargets, targets.filter(({ status }) => status === 'duplicate').length),
    count(METRICS.pushedTargets, targets.filter(isDelivered).length),
    count(
      METRICS.suspendedCredentials,
      new Set(targets.flatMap(({ credential }) => (credential?.ok === false ? [credential.id] : []))).size,
    ),
    count(
      METRICS.pinnedHostKeys,
      targets.reduce((sum, { hostKeysPinned = 0 }) => sum + hostKeysPinned, 0),
    ),
    ...(paths.length === 0
      ? []
      : OUTCOMES.map((outcome) => ({
          ...count(
            METRICS.hosts,
            paths.reduce((sum, path) => sum + path[outcome], 0),
          ),
          outcome,
        }))),
  ];
}

/** An event that came later than its interval: its successor runs by now. */
export const LATE_EVENT: readonly RunMetric[] = [{ name: METRICS.lateEvents, unit: 'Count', value: 1 }];

const watchedPath = ({ paths }: TargetSummary) => paths.ssh ?? paths.vcenter;
