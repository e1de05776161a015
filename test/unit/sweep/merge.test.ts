import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { APPLIANCE } from '../../../lib/catalogue/appliance.ts';
import { OVERALL_STATUS, SSH_SERVICES } from '../../../lib/catalogue/host.ts';
import { APPLIANCE as APPLIANCE_READER } from '../../../lib/catalogue/sources/appliance.ts';
import { VMS } from '../../../lib/catalogue/vm.ts';
import { collector } from '../../../lib/collectors/collector.ts';
import type { KindName } from '../../../lib/inventory/kind.ts';
import { DeadlineError } from '../../../lib/platform/errors.ts';
import type { BatchResult } from '../../../lib/sweep/batch.ts';
import type { FinishedRead } from '../../../lib/sweep/dispatch/read-items.ts';
import { NoTicketError } from '../../../lib/sweep/errors.ts';
import type { FinishedBatch } from '../../../lib/sweep/finished-batch.ts';
import { failed, type Outcome, ok, printOutcome, skipped } from '../../../lib/sweep/outcome.ts';
import { type MergeContext, mergeBatches } from '../../../lib/sweep/result/merge.ts';
import { type NamedItems, NO_ITEMS } from '../../../lib/sweep/result/named-items.ts';
import { batchHost, batchResult } from './builders.ts';

const COLLECTORS = [collector('overall-status', OVERALL_STATUS), collector('ssh-services', SSH_SERVICES)];
type Batch = Pick<FinishedBatch, 'hosts' | 'result'>;
const NAMED: NamedItems = {
  ...NO_ITEMS,
  find: (_kind, moref) =>
    moref === 'gone' ? undefined : { target: 'vc', site: 's', name: moref, facts: {} },
};
const merge = (
  asked: readonly Batch[],
  {
    read = [],
    overSsh = true,
    unread = 'not-needed',
    collectors = COLLECTORS,
  }: Partial<{ read: FinishedRead[] } & Pick<MergeContext, 'overSsh' | 'unread' | 'collectors'>> = {},
) => mergeBatches({ asked, read }, { collectors, overSsh, unread, named: NAMED });
const reading = (
  morefs: readonly string[],
  result: FinishedRead['result'],
  kind: KindName = 'host',
): FinishedRead => ({
  kind,
  morefs,
  result,
});
const came = (value: BatchResult): FinishedBatch['result'] => ({ status: 'fulfilled', value });
const lost = (reason: unknown): FinishedBatch['result'] => ({ status: 'rejected', reason });
const outcomesOf = (merged: ReturnType<typeof merge>) =>
  merged.hosts.map(({ host, outcomes }) =>
    [host.moref, ...Object.values(outcomes).map(printOutcome)].join(' '),
  );

describe('mergeBatches', () => {
  it('takes the outcomes of the workers on each path, with what they say to the operator', () => {
    const hosts = [batchHost(1), batchHost(2)];
    const asked = batchResult({
      outcomes: [
        ['host-1', ok],
        ['host-2', failed('auth')],
      ],
      details: [['host-2', 'refused']],
    });
    const read = batchResult({
      outcomes: [
        ['host-2', failed('unreadable')],
        ['host-1', ok],
      ],
      details: [['host-2', 'gone']],
    });
    const merged = merge([{ hosts, result: came(asked) }], {
      read: [reading(['host-1', 'host-2'], came(read))],
    });
    expect(outcomesOf(merged)).toEqual(['host-1 ok ok', 'host-2 failed(unreadable) failed(auth)']);
    expect(merged.hosts.map(({ details }) => details)).toEqual([[], ['vcenter: gone', 'ssh: refused']]);
  });

  it('calls a collector well that only the sweep itself read, and failed where that failed', () => {
    const appliance = collector('appliance', APPLIANCE);
    const successOf = (result: FinishedRead['result']) =>
      mergeBatches(
        {
          asked: [],
          read: [],
          swept: [{ ...reading(['group-d1'], result, 'vcenter'), reader: APPLIANCE_READER }],
        },
        { collectors: [appliance], overSsh: false, unread: 'not-needed', named: { ...NAMED, all: () => [] } },
      ).collectors.map(({ success }) => success);
    const well = batchResult({
      outcomes: [['group-d1', ok]],
      collectors: [{ name: 'appliance', success: true, durationMs: 1 }],
    });
    expect(successOf(came(well))).toEqual([true]);
    expect(successOf(lost(new Error('gone')))).toEqual([false]);
  });

  it('lets an item that no request may hold cost no collector its success, unless there is no other', () => {
    const [overall] = COLLECTORS;
    const collectors = overall === undefined ? [] : [overall];
    const well = batchResult({
      outcomes: [['host-1', ok]],
      collectors: [{ name: 'overall-status', success: true, durationMs: 1 }],
    });
    const none = came(batchResult({ outcomes: [['x', failed('unreadable')]] }));
    const unasked: FinishedRead = { ...reading(['x'], none), isUnasked: true };
    const successOf = (...read: FinishedRead[]) => {
      const hosts = read.flatMap(({ morefs }) => morefs.map((moref) => batchHost(1, { moref })));
      const asked = [{ hosts, result: came(batchResult()) }];
      return merge(asked, { read, collectors }).collectors.map(({ success }) => success);
    };
    expect(successOf(reading(['host-1'], came(well)), unasked)).toEqual([true]);
    expect(successOf(unasked)).toEqual([false]);
  });

  it('calls a collector failed whose kind could not be listed, and no other one', () => {
    const vms = collector('vms', VMS);
    const { kinds, collectors } = merge([{ hosts: [batchHost(1)], result: came(batchResult()) }], {
      collectors: [vms, collector('none', [])],
    });
    expect(kinds).toEqual([]);
    expect(collectors.map(({ success }) => success)).toEqual([false, true]);
    const listed = mergeBatches(
      { asked: [{ hosts: [batchHost(1)], result: came(batchResult()) }], read: [] },
      {
        collectors: [vms],
        overSsh: false,
        unread: 'not-needed',
        named: { ...NAMED, all: () => [] },
      },
    );
    // There is no machine, so nobody can tell.
    expect(listed.collectors.map(({ success }) => success)).toEqual([undefined]);
  });

  it('calls a collector failed of whose kind nothing could be read, whatever came of other kinds', () => {
    const read = [
      reading(
        ['vm-1'],
        came(
          batchResult({
            outcomes: [['vm-1', failed('unreadable')]],
            collectors: [{ name: 'vms', success: true, durationMs: 1 }],
          }),
        ),
        'vm',
      ),
      reading(['host-1'], came(batchResult({ outcomes: [['host-1', ok]] }))),
      reading(['ds-1'], came(batchResult({ outcomes: [['ds-1', ok]] })), 'datastore'),
    ];
    const named: NamedItems = { ...NAMED, all: () => [{ moref: 'vm-1' }] as never };
    const { collectors } = mergeBatches(
      { asked: [{ hosts: [batchHost(1)], result: came(batchResult()) }], read },
      { collectors: [collector('vms', VMS)], overSsh: false, unread: 'not-needed', named },
    );
    expect(collectors.map(({ success }) => success)).toEqual([false]);
  });

  it('counts a lost batch on its own path only, as failed(worker) or failed(deadline), but never a skipped host', () => {
    const hosts = [batchHost(1), batchHost(2, { ssh: { skip: 'lockdown' } })];
    const both = ['host-1', 'host-2'];
    const well = came(batchResult({ outcomes: both.map((one) => [one, ok]) }));
    const crashed = lost(new Error('crashed'));
    const lostAsk = merge([{ hosts, result: crashed }], { read: [reading(both, well)] });
    expect(outcomesOf(lostAsk)).toEqual(['host-1 ok failed(worker)', 'host-2 ok skipped(lockdown)']);
    expect(lostAsk.collectors.map(({ success }) => success)).toEqual([false, false]);
    const late = merge([{ hosts, result: came(batchResult({ outcomes: [['host-1', ok]] })) }], {
      read: [reading(both, lost(new DeadlineError('collecting')))],
    });
    expect(outcomesOf(late)).toEqual([
      'host-1 failed(deadline) ok',
      'host-2 failed(deadline) skipped(lockdown)',
    ]);
    expect(late.warnings).toEqual([
      { text: 'a batch of 2 hosts was lost: collecting: out of time', count: 1 },
    ]);
  });

  it('calls hosts whose session got no ticket those of a target that failed, which is told once elsewhere', () => {
    const result = came(batchResult({ outcomes: [['host-1', ok]] }));
    const merged = merge([{ hosts: [batchHost(1)], result }], {
      read: [reading(['host-1'], lost(new NoTicketError('no more sessions')))],
    });
    expect(outcomesOf(merged)).toEqual(['host-1 failed(target) ok']);
    expect([merged.hosts[0]?.details, merged.warnings]).toEqual([[], []]);
  });

  it('calls hosts that nobody read ok where nothing of them is needed, and failed(target) where there was no session', () => {
    const hosts = [batchHost(1, { ssh: { skip: 'netbox' } })];
    const one = [{ hosts, result: came(batchResult()) }];
    expect(outcomesOf(merge(one))).toEqual(['host-1 ok skipped(netbox)']);
    expect(outcomesOf(merge(one, { unread: 'failed' }))).toEqual(['host-1 failed(target) skipped(netbox)']);
  });

  it('says why a host was left alone, as the plan or its worker does', () => {
    const hosts = [
      batchHost(1, { ssh: { skip: 'blacklist', why: 'refused twice' } }),
      batchHost(2, { ssh: { skip: 'ssh-disabled' } }),
      batchHost(3),
    ];
    const byWorker = batchResult({
      outcomes: [['host-3', skipped('hostkey-unknown')]],
      details: [['host-3', 'another key']],
    });
    const merged = merge([{ hosts, result: came(byWorker) }]);
    expect(outcomesOf(merged)).toEqual([
      'host-1 ok skipped(blacklist)',
      'host-2 ok skipped(ssh-disabled)',
      'host-3 ok skipped(hostkey-unknown)',
    ]);
    expect(merged.hosts.map(({ details }) => details)).toEqual([
      ['ssh: refused twice'],
      [
        expect.stringMatching(
          /^ssh: vCenter reports .* TSM-SSH is stopped there. To have it asked, start it/,
        ),
      ],
      ['ssh: another key'],
    ]);
  });

  it('counts a host that the worker forgot as failed(worker)', () => {
    const merged = merge([{ hosts: [batchHost(1)], result: came(batchResult()) }], {
      read: [reading(['host-1'], came(batchResult()))],
    });
    expect(outcomesOf(merged)).toEqual(['host-1 failed(worker) failed(worker)']);
  });

  it('has no ssh path when the sweep does not ssh', () => {
    const hosts = [batchHost(1, { ssh: { skip: 'no-credential' } })];
    const merged = merge([{ hosts, result: came(batchResult()) }], { overSsh: false });
    expect(outcomesOf(merged)).toEqual(['host-1 ok']);
    expect(merged.hosts[0]?.details).toEqual([]);
  });

  it.each<[Outcome, string[], string[], string]>([
    [failed('connection-refused'), ['host-1'], ['host-1'], 'skipped(ssh-disabled)'],
    [failed('timeout'), ['host-1'], ['host-1'], 'skipped(ssh-disabled)'],
    // Not read as stopped, or only of another host.
    [failed('timeout'), ['host-1'], ['host-2'], 'failed(timeout)'],
    // TCP was connected: a banner, a login.
    [failed('timeout'), [], ['host-1'], 'failed(timeout)'],
    [failed('banner'), [], ['host-1'], 'failed(banner)'],
    [ok, [], ['host-1'], 'ok'],
    // Not of TCP.
    [failed('dns'), ['host-1'], ['host-1'], 'failed(dns)'],
    [failed('worker'), ['host-1'], ['host-1'], 'failed(worker)'],
    [skipped('blacklist'), ['host-1'], ['host-1'], 'skipped(blacklist)'],
  ])(
    'renames only a failure before TCP connected, of a host that this run read as stopped: %j %j %j',
    (outcome, unconnected, sshStopped, expected) => {
      const asked = batchResult({
        outcomes: [['host-1', outcome]],
        unconnected,
        details: [['host-1', 'said']],
      });
      const read = batchResult({ outcomes: [['host-1', ok]], sshStopped });
      const merged = merge([{ hosts: [batchHost(1)], result: came(asked) }], {
        read: [reading(['host-1'], came(read))],
      });
      expect(outcomesOf(merged)).toEqual([`host-1 ok ${expected}`]);
      expect(merged.hosts[0]?.details).toEqual([
        expected === 'skipped(ssh-disabled)'
          ? 'ssh: vCenter reports that the service TSM-SSH is stopped there; said'
          : 'ssh: said',
      ]);
    },
  );

  it('ignores what a batch says of the ssh service of hosts that it did not have', () => {
    const asked = batchResult({
      outcomes: [['host-1', failed('timeout')]],
      unconnected: ['host-1'],
      details: [['host-1', 'no answer']],
    });
    const readOf = (moref: string) =>
      reading([moref], came(batchResult({ outcomes: [[moref, ok]], sshStopped: ['host-1'] })));
    const sshOf = (moref: string) =>
      merge([{ hosts: [batchHost(1)], result: came(asked) }], { read: [readOf(moref)] }).hosts.map(
        ({ outcomes }) => outcomes.ssh,
      );
    expect(sshOf('host-2')).toEqual([failed('timeout')]);
    expect(sshOf('host-1')).toEqual([skipped('ssh-disabled')]);
  });

  it('says that a result of asked hosts was over its bounds, and its collector did not succeed', () => {
    const hosts = [batchHost(1), batchHost(2), batchHost(3, { ssh: { skip: 'lockdown' } })];
    const mergedOf = (tooLarge: boolean) => {
      const result = batchResult({
        outcomes: [
          ['host-1', ok],
          ['host-2', ok],
        ],
        collectors: [{ name: 'ssh-services', success: true, durationMs: 5 }],
        tooLarge,
      });
      const merged = merge([{ hosts, result: came(result) }], {
        collectors: [collector('ssh-services', SSH_SERVICES)],
      });
      return { ...merged, hosts: outcomesOf(merged) };
    };
    const within = mergedOf(false);
    expect(within).toMatchObject({ tooLarge: false, warnings: [], collectors: [{ success: true }] });
    const over = mergedOf(true);
    // Nobody is asked twice, so outcomes stay.
    expect(over.hosts).toEqual(within.hosts);
    expect(over).toMatchObject({ tooLarge: true, collectors: [{ success: false }] });
    expect(over.warnings).toEqual([
      {
        text: 'the samples of a batch of 2 hosts by ssh were dropped, because its result was too large; the next run asks fewer hosts per batch',
        count: 1,
      },
    ]);
  });

  it('names points by their items, drops those of items and metrics that were not asked for, and says how many', () => {
    const read = batchResult({
      outcomes: [
        ['host-1', ok],
        ['host-7', ok],
      ],
      families: [
        { metric: 'esxi_overall_status', items: [0, 1, 9], values: [2, 2, 2], labels: [] },
        { metric: 'esxi_overall_status', items: [0], values: [2], labels: [{ words: ['x'], at: [0] }] },
        { metric: 'unheard_of', items: [0], values: [1], labels: [] },
      ],
    });
    const merged = merge([], { read: [reading(['host-1'], came(read))] });
    expect([...merged.samples]).toEqual([
      { moref: 'host-1', sample: { metric: 'esxi_overall_status', labels: ['vc', 's', 'host-1'], value: 2 } },
    ]);
    expect(merged.warnings).toEqual([
      {
        text: 'a worker sent points that were not requested; deploy the sweep function and its workers together',
        count: 4,
      },
    ]);
  });

  it('drops points of a row of the other path: what is read of vCenter no host says, and the other way round', () => {
    const points = batchResult({
      outcomes: [['host-1', ok]],
      families: [
        { metric: 'esxi_overall_status', items: [0], values: [2], labels: [] },
        {
          metric: 'esxi_critical_service_status',
          items: [0],
          values: [1],
          labels: [{ words: ['hostd'], at: [0] }],
        },
      ],
    });
    const metricsOf = (merged: ReturnType<typeof merge>) => [
      Array.from(merged.samples, ({ sample }) => sample.metric),
      merged.warnings.map(({ count }) => count),
    ];
    const hosts = [batchHost(1)];
    expect(metricsOf(merge([{ hosts, result: came(points) }]))).toEqual([
      ['esxi_critical_service_status'],
      [1],
    ]);
    expect(metricsOf(merge([], { read: [reading(['host-1'], came(points))] }))).toEqual([
      ['esxi_overall_status'],
      [1],
    ]);
  });

  it('counts a pinned key once, of hosts that the batch asked, and none of a batch that read', () => {
    const pinned = batchResult({
      outcomes: [['host-1', ok]],
      pinned: ['host-1', 'host-1', 'host-7'],
    });
    const asked = [{ hosts: [batchHost(1), batchHost(2)], result: came(pinned) }];
    expect(merge(asked, { read: [reading(['host-1'], came(pinned))] }).pinned).toBe(1);
    expect(merge([], { read: [reading(['host-1'], came(pinned))] }).pinned).toBe(0);
  });

  it('adds up how the collectors did on their own path, how often a warning was given and which logouts failed', () => {
    const part = (moref: string, success: boolean) =>
      came(
        batchResult({
          collectors: [
            { name: 'overall-status', success: true, durationMs: 2 },
            { name: 'ssh-services', success, durationMs: 3 },
          ],
          warnings: [{ text: 'odd', count: 2 }],
          measurements: { ...batchResult().measurements, failedLogouts: 1 },
          outcomes: [[moref, ok]],
        }),
      );
    const merged = merge([{ hosts: [batchHost(1)], result: part('host-1', false) }], {
      read: [reading(['host-1'], part('host-1', true))],
    });
    expect(merged.collectors).toEqual([
      { collector: 'overall-status', success: true, durationMs: 2 },
      { collector: 'ssh-services', success: false, durationMs: 3 },
    ]);
    expect(merged.warnings).toEqual([{ text: 'odd', count: 4 }]);
    expect(merged.failedLogouts).toBe(2);
  });

  it('calls a collector neither successful nor failed when all hosts were left alone, and successful when one that was asked answered', () => {
    const collectors = COLLECTORS.map(({ name }) => ({ name, success: true, durationMs: 0 }));
    const run = (vcenter: Outcome, ...ssh: Outcome[]) => {
      const morefs = ssh.map((_, index) => `host-${index + 1}`);
      const result = (outcomes: Outcome[]) =>
        came(batchResult({ collectors, outcomes: outcomes.map((one, index) => [`host-${index + 1}`, one]) }));
      return merge([{ hosts: ssh.map((_, index) => batchHost(index + 1)), result: result(ssh) }], {
        read: [reading(morefs, result(ssh.map(() => vcenter)))],
      }).collectors.map(({ success }) => success);
    };
    expect(run(ok, skipped('ssh-disabled'), skipped('lockdown'))).toEqual([true, undefined]);
    expect(run(ok, skipped('ssh-disabled'), failed('timeout'))).toEqual([true, false]);
    expect(run(ok, skipped('ssh-disabled'), ok)).toEqual([true, true]);
    expect(run(failed('target'), ok)).toEqual([false, true]);
    expect(run(failed('target'), failed('worker'))).toEqual([false, false]);
    expect(merge([]).collectors.map(({ success }) => success)).toEqual([undefined, undefined]);
  });

  it('has every object that was asked for exactly once on each path, whatever the workers did', () => {
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
      ),
      { maxLength: 40 },
    );
    const result = fc.oneof(
      rows.map((outcomes) => came(batchResult({ outcomes }))),
      fc.constantFrom(lost(new Error('crashed')), lost(new DeadlineError('x')), lost('odd')),
    );
    const sizes = fc.array(fc.tuple(fc.nat(6), result), { maxLength: 5 });
    fc.assert(
      fc.property(sizes, sizes, fc.boolean(), (asks, reads, overSsh) => {
        let next = 0;
        const asked = asks.map(([size, one]) => ({
          hosts: Array.from({ length: size }, () => batchHost(next++)),
          result: one,
        }));
        let items = 0;
        const read = reads.flatMap(([size, one]) => {
          const morefs = Array.from({ length: size }, () => `host-${items++}`);
          return [reading(morefs, one), reading(morefs, one, 'vm')];
        });
        const merged = merge(asked, { read, overSsh });
        expect(merged.hosts.map(({ host }) => host.moref)).toEqual(
          Array.from({ length: next }, (_, index) => `host-${index}`),
        );
        for (const { outcomes } of merged.hosts) {
          expect(outcomes.vcenter).toBeDefined();
          expect(outcomes.ssh !== undefined).toBe(overSsh);
        }
        expect(merged.kinds.flatMap(({ outcomes }) => outcomes)).toHaveLength(items);
      }),
    );
  });
});
