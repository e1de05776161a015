import { describe, expect, it } from 'vitest';
import { failed, type Outcome, ok, skipped } from '../../../lib/sweep/outcome.ts';
import {
  asStopped,
  exitCodeOf,
  notSwept,
  type RunExitCode,
  type TargetSummary,
} from '../../../lib/sweep/result/summary.ts';

const swept = (outcomes: readonly Outcome[], changes: Partial<TargetSummary> = {}): TargetSummary => ({
  ...notSwept('vc01', 'unlisted', []),
  status: 'swept',
  listing: 'fresh',
  hosts: outcomes.map((ssh, index) => ({
    moref: `host-${index}`,
    name: `esx${index}`,
    outcomes: { vcenter: ok, ssh },
    details: [],
  })),
  deliveries: [{ sink: 'pushgateway', outcome: 'delivered' }],
  ...changes,
});
const vcenterOnly = (...outcomes: Outcome[]): TargetSummary['hosts'] =>
  outcomes.map((vcenter) => ({ moref: 'h', name: 'h', outcomes: { vcenter }, details: [] }));
const lease = notSwept('vc02', 'lease', []);
const duplicate = notSwept('vc02', 'duplicate', []);
const broken = notSwept('vc02', 'unlisted', ['it broke']);
const unpushed = { deliveries: [] } as const;

describe('exitCodeOf', () => {
  it.each<[string, RunExitCode, TargetSummary[]]>([
    ['every host is ok', 0, [swept([ok, ok])]],
    ['hosts were skipped for what they are', 0, [swept([ok, skipped('lockdown'), skipped('poweredoff')])]],
    ['hosts are asked by another target', 0, [swept([ok, skipped('other-target')])]],
    ['nothing is pushed, because nothing is configured', 0, [swept([ok], unpushed)]],
    ['another run holds the lease', 4, [lease]],
    ['another run holds the lease of one target', 0, [swept([ok]), lease]],
    ['the run was a duplicate', 0, [duplicate]],
    ['another run holds the lease of one target, and the other was a duplicate', 4, [lease, duplicate]],
    [
      'the lease was lost before the push',
      0,
      [swept([ok], { deliveries: [{ sink: 'pushgateway', outcome: 'lease-lost' }] })],
    ],
    [
      'one sink failed and another one took the result',
      3,
      [
        swept([ok], {
          deliveries: [
            { sink: 'pushgateway', outcome: 'failed' },
            { sink: 'exporter', outcome: 'delivered' },
          ],
        }),
      ],
    ],
    ['a host failed', 3, [swept([ok, failed('banner')])]],
    ['a host was left alone after a refusal', 3, [swept([ok, skipped('blacklist')])]],
    ['another process was at an account', 3, [swept([ok, skipped('other-process')])]],
    ['hosts were not asked without the state table', 3, [swept([ok, skipped('state')])]],
    ['hosts were not asked to spare the allowance', 3, [swept([ok, skipped('allowance')])]],
    ['hosts were not asked with a suspended credential', 3, [swept([ok, skipped('suspended')])]],
    ['all ssh failed and vCenter answered', 3, [swept([failed('dns'), failed('dns')])]],
    ['a target went by its last list', 3, [swept([ok], { listing: 'last' })]],
    ['a target broke while another one is whole', 3, [swept([ok]), broken]],
    ['a target broke and nothing is to be pushed', 3, [swept([ok], unpushed), broken]],
    ['a signal stopped it', 1, [notSwept('vc1', 'stopped', [])]],
    ['a signal stopped it on one target', 3, [swept([ok]), notSwept('vc2', 'stopped', [])]],
    ['no target has a host list', 1, [broken]],
    ['no target that ran has a host list', 1, [broken, lease]],
    [
      'hosts failed and none is ok',
      1,
      [swept([], { hosts: vcenterOnly(failed('target'), skipped('state')) })],
    ],
    [
      'no sink took the result',
      1,
      [swept([ok], { deliveries: [{ sink: 'pushgateway', outcome: 'failed' }] })],
    ],
  ])('when %s is %i', (_what, code, targets) => {
    expect(exitCodeOf(targets)).toBe(code);
  });
});

describe('asStopped', () => {
  it('says of a target that no sink took before the signal that alone', () => {
    const failedPush = { deliveries: [{ sink: 'pushgateway', outcome: 'failed' }] } as const;
    const targets = asStopped([swept([ok]), swept([ok], failedPush), swept([ok], unpushed)]);
    expect(targets.map(({ status }) => status)).toEqual(['swept', 'stopped', 'stopped']);
    expect(targets[1]).toEqual(notSwept('vc01', 'stopped', []));
    expect(exitCodeOf(asStopped([swept([ok], failedPush)]))).toBe(1);
  });
});
