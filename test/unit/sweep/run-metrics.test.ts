import { describe, expect, it } from 'vitest';
import { METRICS } from '../../../lib/config/cloudwatch.ts';
import { toRunMetrics } from '../../../lib/sweep/result/run-metrics.ts';
import { notSwept, type RunSummary, type TargetSummary } from '../../../lib/sweep/result/summary.ts';

const counts = { reasons: {} };
const swept = (more: Partial<TargetSummary>): TargetSummary => ({
  ...notSwept('vc01.example.org', 'lease', []),
  status: 'swept',
  listing: 'fresh',
  deliveries: [{ sink: 'pushgateway', outcome: 'delivered' }],
  ...more,
});
const run = (targets: readonly TargetSummary[], exitCode: RunSummary['exitCode'] = 0): RunSummary => ({
  runId: 'r1',
  sweep: 'services',
  scheduledAt: 0,
  startedAt: 1_000,
  endedAt: 4_500,
  exitCode,
  targets,
});
const valuesOf = (summary: RunSummary) =>
  Object.fromEntries(toRunMetrics(summary).map(({ name, outcome, value }) => [outcome ?? name, value]));

describe('toRunMetrics', () => {
  it('adds up the hosts of all targets by outcome on the path ssh, where hosts are asked by it', () => {
    const paths = {
      vcenter: { hosts: 5, ok: 5, failed: 0, skipped: 0, ...counts },
      ssh: { hosts: 5, ok: 2, failed: 1, skipped: 2, ...counts },
    };
    const onlyVcenter = { vcenter: { hosts: 4, ok: 3, failed: 1, skipped: 0, ...counts } };
    expect(valuesOf(run([swept({ paths }), swept({ paths: onlyVcenter })], 3))).toMatchObject({
      ok: 5,
      failed: 2,
      skipped: 2,
      [METRICS.pushedTargets]: 2,
      [METRICS.runSeconds]: 3.5,
      [METRICS.failedRuns]: 0,
    });
  });

  it('counts the targets that another run is under way on, and those of which a run is recorded', () => {
    const values = valuesOf(
      run([notSwept('a', 'lease', []), notSwept('b', 'lease', []), notSwept('c', 'duplicate', [])]),
    );
    expect(values).toMatchObject({ [METRICS.leaseTargets]: 2, [METRICS.duplicateTargets]: 1 });
  });

  it('counts a credential once that hosts of several targets refuse', () => {
    const credential = { id: 'secret:esxi', ok: false };
    const values = valuesOf(
      run([swept({ credential }), swept({ credential }), swept({ credential: { ...credential, ok: true } })]),
    );
    expect(values[METRICS.suspendedCredentials]).toBe(1);
  });

  it('counts host keys that were pinned at first contact, over all targets', () => {
    const values = valuesOf(run([swept({ hostKeysPinned: 2 }), swept({ hostKeysPinned: 1 }), swept({})]));
    expect(values[METRICS.pinnedHostKeys]).toBe(3);
  });

  it('counts a run that failed, and says nothing of hosts that nobody knows', () => {
    const values = valuesOf(run([notSwept('vc01.example.org', 'unlisted', ['down'])], 1));
    expect(values).toMatchObject({ [METRICS.runs]: 1, [METRICS.failedRuns]: 1, [METRICS.pushedTargets]: 0 });
    expect(values).not.toHaveProperty('ok');
  });
});
