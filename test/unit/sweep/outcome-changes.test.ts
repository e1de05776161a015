import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { failed, type Outcome, ok, printOutcome, skipped } from '../../../lib/sweep/outcome.ts';
import { outcomeChanges, parseOutcomes, printOutcomes } from '../../../lib/sweep/result/outcome-changes.ts';
import type { HostSummary } from '../../../lib/sweep/result/summary.ts';

const host = (moref: string, ssh: Outcome): HostSummary => ({
  moref,
  name: `${moref}.example.org`,
  outcomes: { vcenter: ok, ssh },
  details: [],
});
const runOf = (hosts: readonly HostSummary[]) => ({
  scheduledAt: 0,
  startedAt: 0,
  endedAt: 0,
  exitCode: 0,
  outcomes: Object.fromEntries(hosts.map((one) => [one.moref, printOutcomes(one)])),
});

describe('outcomeChanges', () => {
  it('tells a host that came out otherwise, with what it was and what it is', () => {
    const last = runOf([host('host-1', ok), host('host-2', ok)]);
    expect(outcomeChanges(last, [host('host-1', ok), host('host-2', failed('auth'))])).toEqual([
      { host: 'host-2.example.org', before: 'vcenter ok, ssh ok', now: 'vcenter ok, ssh failed(auth)' },
    ]);
  });

  it('names the paths of each run where one asked on fewer, and leaves as it is what cannot be read', () => {
    const last = { ...runOf([]), outcomes: { 'host-1': 'ok', 'host-2': '- ok', 'host-3': 'nonsense' } };
    const hosts = [host('host-1', ok), host('host-2', ok), host('host-3', ok)];
    expect(outcomeChanges(last, hosts).map(({ before }) => before)).toEqual([
      'vcenter ok',
      'ssh ok',
      'nonsense',
    ]);
  });

  it('keeps of each host what can be told of it again, on every path', () => {
    const outcome = fc.option(fc.constantFrom<Outcome[]>(ok, failed('timeout'), skipped('lockdown')), {
      nil: undefined,
    });
    fc.assert(
      fc.property(fc.record({ vcenter: outcome, ssh: outcome }), ({ vcenter, ssh }) => {
        const outcomes = { ...(vcenter && { vcenter }), ...(ssh && { ssh }) };
        const printed = Object.entries(outcomes).map(([path, one]) => [path, printOutcome(one)]);
        expect(parseOutcomes(printOutcomes({ outcomes }))).toEqual(Object.fromEntries(printed));
      }),
    );
  });

  it('tells of hosts that were not there before, and in the first run, those that are not ok, and why', () => {
    const refused = { ...host('constructor', failed('auth')), details: ['ssh: refused', 'and more'] };
    for (const last of [undefined, runOf([])])
      expect(outcomeChanges(last, [host('host-1', ok), refused])).toEqual([
        {
          host: 'constructor.example.org',
          now: 'vcenter ok, ssh failed(auth)',
          why: 'ssh: refused; and more',
        },
      ]);
  });

  it('tells nothing when a run came out as the one before', () => {
    const outcome = fc.constantFrom<Outcome[]>(ok, failed('timeout'), skipped('lockdown'));
    fc.assert(
      fc.property(fc.array(outcome), (outcomes) => {
        const hosts = outcomes.map((one, index) => host(`host-${index}`, one));
        return outcomeChanges(runOf(hosts), hosts).length === 0;
      }),
    );
  });
});
