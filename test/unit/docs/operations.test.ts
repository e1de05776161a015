import { describe, expect, it } from 'vitest';
import {
  FAILED_REASONS,
  failed,
  type Outcome,
  parseOutcome,
  printOutcome,
  SKIPPED_REASONS,
  skipped,
} from '../../../lib/sweep/outcome.ts';
import { toSshUpSample } from '../../../lib/sweep/result/self-metrics.ts';
import { exitCodeOf, notSwept } from '../../../lib/sweep/result/summary.ts';
import { codeOf, readPage, tableRows } from './pages.ts';

const rows = tableRows(readPage('docs/operations.md')).filter(
  ([outcome]) => parseOutcome(codeOf(outcome) ?? '') !== undefined,
);
const HOST = { vcenter: 'vc01', site: '', hostsystem: 'esx01' };

/** The exit code of a run in which one host came out so and everything else was well. */
function exitCodeWith(outcome: Outcome): number {
  const host = {
    moref: 'host-1',
    name: 'esx01',
    outcomes: { vcenter: { kind: 'ok' }, ssh: outcome } as const,
    details: [],
  };
  return exitCodeOf([
    {
      ...notSwept('vc01', 'lease', []),
      status: 'swept',
      listing: 'fresh',
      deliveries: [{ sink: 'pushgateway', outcome: 'delivered' }],
      hosts: [host],
    },
  ]);
}

describe('docs/operations.md', () => {
  it('names outputs that the stack has', () => {
    const [, outputs = ''] = /const outputs\b[^{]*\{([^}]*)\}/.exec(readPage('cdk/vsweep.ts')) ?? [];
    const page = readPage('docs/operations.md');
    const named = page.matchAll(/the stack's output `(\w+)`/g);
    const names = Array.from(named, ([, name]) => name);
    expect(names).toContain('StateTableName');
    expect(Array.from(outputs.matchAll(/^ *(\w+):/gm), ([, name]) => name)).toEqual(
      expect.arrayContaining(names),
    );
  });

  it('has every outcome but ok once', () => {
    const all = [...FAILED_REASONS.map(failed), ...SKIPPED_REASONS.map(skipped)].map(printOutcome);
    expect(rows.map(([outcome]) => codeOf(outcome)).toSorted()).toEqual(all.toSorted());
  });

  it.each(rows)('says of %s what esxi_ssh_up and the exit code are', (...cells) => {
    const [printed, sshUp, exitCode, meaning, remedy] = cells;
    const outcome = parseOutcome(codeOf(printed) ?? '');
    if (outcome === undefined) throw new Error(`${printed} is no outcome`);
    expect(sshUp).toBe(String(toSshUpSample(HOST, outcome)?.value ?? 'none'));
    expect(exitCode).toBe(String(exitCodeWith(outcome)));
    expect(meaning).toBeTruthy();
    expect(remedy).toBeTruthy();
  });
});
