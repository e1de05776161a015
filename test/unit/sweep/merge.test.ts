import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OVERALL_STATUS, SSH_SERVICES } from '../../../lib/catalogue/host.ts';
import { collector } from '../../../lib/collectors/collector.ts';
import { DeadlineError } from '../../../lib/platform/errors.ts';
import type { BatchResult } from '../../../lib/sweep/batch.ts';
import type { FinishedBatch } from '../../../lib/sweep/finished-batch.ts';
import { failed, type Outcome, ok, printOutcome, skipped } from '../../../lib/sweep/outcome.ts';
import { mergeBatches } from '../../../lib/sweep/result/merge.ts';
import { batchHost, batchResult } from './builders.ts';

const COLLECTORS = [collector('overall-status', OVERALL_STATUS), collector('ssh-services', SSH_SERVICES)];
type Batch = Pick<FinishedBatch, 'hosts' | 'result'>;
const merge = (batches: readonly Batch[], overSsh = true) =>
  mergeBatches(batches, { collectors: COLLECTORS, overSsh });
const came = (value: BatchResult): FinishedBatch['result'] => ({ status: 'fulfilled', value });
const lost = (reason: unknown): FinishedBatch['result'] => ({ status: 'rejected', reason });
const outcomesOf = (merged: ReturnType<typeof merge>) =>
  merged.hosts.map(({ host, outcomes }) =>
    [host.moref, ...Object.values(outcomes).map(printOutcome)].join(' '),
  );

describe('mergeBatches', () => {
  it('takes the outcomes of the workers, with what they say to the operator', () => {
    const merged = merge([
      {
        hosts: [batchHost(1), batchHost(2)],
        result: came(
          batchResult({
            outcomes: [
              ['host-1', ok, ok],
              ['host-2', ok, failed('auth')],
            ],
            details: [['host-2', 'ssh', 'refused']],
          }),
        ),
      },
    ]);
    expect(outcomesOf(merged)).toEqual(['host-1 ok ok', 'host-2 ok failed(auth)']);
    expect(merged.hosts.map(({ details }) => details)).toEqual([[], ['ssh: refused']]);
  });

  it('counts a lost batch as failed(worker), one that came too late as failed(deadline), but never a skipped host', () => {
    const hosts = [batchHost(1), batchHost(2, { ssh: { skip: 'lockdown' } })];
    expect(outcomesOf(merge([{ hosts, result: lost(new Error('crashed')) }]))).toEqual([
      'host-1 failed(worker) failed(worker)',
      'host-2 failed(worker) skipped(lockdown)',
    ]);
    const late = merge([{ hosts, result: lost(new DeadlineError('collecting')) }]);
    expect(outcomesOf(late)).toEqual([
      'host-1 failed(deadline) failed(deadline)',
      'host-2 failed(deadline) skipped(lockdown)',
    ]);
    expect(late.warnings).toEqual([
      { text: 'a batch of 2 hosts was lost: collecting: out of time', count: 1 },
    ]);
    expect(late.collectors.map(({ success }) => success)).toEqual([false, false]);
  });

  it('counts a host that the worker forgot as failed(worker)', () => {
    const merged = merge([{ hosts: [batchHost(1)], result: came(batchResult()) }]);
    expect(outcomesOf(merged)).toEqual(['host-1 failed(worker) failed(worker)']);
  });

  it('has no ssh path when the sweep does not ssh', () => {
    const result = came(batchResult({ outcomes: [['host-1', ok, failed('auth')]] }));
    expect(outcomesOf(merge([{ hosts: [batchHost(1)], result }], false))).toEqual(['host-1 ok']);
  });

  it('drops rows of hosts and metrics that were not asked for, and says how many', () => {
    const row = (moref: string, ...labels: string[]): [string, string[], number] => [moref, labels, 2];
    const merged = merge([
      {
        hosts: [batchHost(1)],
        result: came(
          batchResult({
            families: [
              {
                metric: 'esxi_overall_status',
                labels: [],
                rows: [row('host-1', 'vc', 's', 'h'), row('host-7', 'vc', 's', 'h'), row('host-1', 'vc')],
              },
              { metric: 'unheard_of', labels: [], rows: [row('host-1')] },
            ],
          }),
        ),
      },
    ]);
    expect(merged.samples).toEqual([
      {
        moref: 'host-1',
        sample: { metric: 'esxi_overall_status', labels: ['vc', 's', 'h'], value: 2 },
      },
    ]);
    expect(merged.warnings).toEqual([
      {
        text: 'a worker sent rows that were not requested; deploy the sweep function and its workers together',
        count: 3,
      },
    ]);
  });

  it('adds up how the collectors did, how often a warning was given and which logouts failed', () => {
    const part = (success: boolean) =>
      came(
        batchResult({
          collectors: [
            { name: 'overall-status', success: true, durationMs: 2 },
            { name: 'ssh-services', success, durationMs: 3 },
          ],
          warnings: [{ text: 'odd', count: 2 }],
          measurements: { ...batchResult().measurements, failedLogouts: 1 },
          outcomes: [['host-1', ok, ok]],
        }),
      );
    const merged = merge([
      { hosts: [batchHost(1)], result: part(true) },
      { hosts: [batchHost(1)], result: part(false) },
    ]);
    expect(merged.collectors).toEqual([
      { collector: 'overall-status', success: true, durationMs: 4 },
      { collector: 'ssh-services', success: false, durationMs: 6 },
    ]);
    expect(merged.warnings).toEqual([{ text: 'odd', count: 4 }]);
    expect(merged.failedLogouts).toBe(2);
  });

  it('calls a collector neither successful nor failed when all hosts were left alone', () => {
    const collectors = COLLECTORS.map(({ name }) => ({ name, success: true, durationMs: 0 }));
    const run = (...ssh: Outcome[]) =>
      merge([
        {
          hosts: ssh.map((_, index) => batchHost(index + 1)),
          result: came(
            batchResult({ collectors, outcomes: ssh.map((one, index) => [`host-${index + 1}`, ok, one]) }),
          ),
        },
      ]).collectors.map(({ success }) => success);
    expect(run(skipped('ssh-disabled'), skipped('lockdown'))).toEqual([true, undefined]);
    expect(run(skipped('ssh-disabled'), failed('timeout'))).toEqual([true, false]);
    expect(run(skipped('ssh-disabled'), ok)).toEqual([true, true]);
  });

  it('calls a collector successful only when some of the hosts that were asked answered', () => {
    const collectors = COLLECTORS.map(({ name }) => ({ name, success: true, durationMs: 0 }));
    const run = (vcenter: Outcome, ssh: Outcome) =>
      merge([
        {
          hosts: [batchHost(1)],
          result: came(batchResult({ collectors, outcomes: [['host-1', vcenter, ssh]] })),
        },
      ]).collectors.map(({ success }) => success);
    expect(run(ok, failed('timeout'))).toEqual([true, false]);
    expect(run(failed('target'), ok)).toEqual([false, true]);
    expect(run(failed('target'), failed('worker'))).toEqual([false, false]);
    expect(merge([]).collectors.map(({ success }) => success)).toEqual([false, false]);
  });

  it('has every host that was asked for exactly once, whatever the workers did', () => {
    const outcome: fc.Arbitrary<Outcome> = fc.constantFrom(
      ok,
      failed('auth'),
      failed('target'),
      skipped('ssh-disabled'),
    );
    const rows = fc.array(
      fc.tuple(
        fc.nat(30).map((number) => `host-${number}`),
        outcome,
        fc.option(outcome),
      ),
      { maxLength: 40 },
    );
    const result = fc.oneof(
      rows.map((outcomes) => came(batchResult({ outcomes }))),
      fc.constantFrom(lost(new Error('crashed')), lost(new DeadlineError('x')), lost('odd')),
    );
    const sizes = fc.array(fc.tuple(fc.nat(6), result), { maxLength: 5 });
    fc.assert(
      fc.property(sizes, fc.boolean(), (parts, overSsh) => {
        let next = 0;
        const batches = parts.map(([size, one]) => ({
          hosts: Array.from({ length: size }, () => batchHost(next++)),
          result: one,
        }));
        const merged = merge(batches, overSsh);
        expect(merged.hosts.map(({ host }) => host.moref)).toEqual(
          Array.from({ length: next }, (_, index) => `host-${index}`),
        );
        for (const { outcomes } of merged.hosts) {
          expect(outcomes.vcenter).toBeDefined();
          expect(outcomes.ssh !== undefined).toBe(overSsh);
        }
      }),
    );
  });
});
