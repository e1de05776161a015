import { expect } from 'vitest';
import { printOutcome } from '../../../../lib/sweep/outcome.ts';
import type { HostSummary, RunSummary } from '../../../../lib/sweep/result/summary.ts';
import { parseExposition } from '../../../support/exposition.ts';
import { ELSEWHERE } from './elsewhere.ts';
import { holds } from './fault-case.ts';

/** What an operator finds of a fault. */
export interface FaultSeen {
  readonly exitCode: unknown;
  /** Problems, details of hosts, and what is printed beside them. */
  readonly told: readonly string[];
  /** Of the hosts that are hit. */
  readonly vcenter: readonly string[];
  readonly ssh: readonly string[];
  /** The text of the push, or `nothing`. */
  readonly pushed: string;
}

/** A command that ended without any result. */
export const NO_RESULT = { told: [], vcenter: [], ssh: [], pushed: 'nothing' } as const;

/** What a run tells of the hosts that `isHit` names; `pushed` is the text of its push. */
export function seenIn(
  { exitCode, targets }: RunSummary,
  { pushed, isHit = () => true }: { pushed: string; isHit?: (host: HostSummary) => boolean },
): FaultSeen {
  const hit = targets.flatMap(({ hosts }) => hosts).filter(isHit);
  const of = (path: 'vcenter' | 'ssh') =>
    hit.flatMap(({ outcomes }) => (outcomes[path] === undefined ? [] : [printOutcome(outcomes[path])]));
  return {
    exitCode,
    told: [...targets.flatMap(({ problems }) => problems), ...hit.flatMap(({ details }) => details)],
    vcenter: of('vcenter'),
    ssh: of('ssh'),
    pushed,
  };
}

/** Compares what a test saw with the row of docs/faults.md for a fault whose test stands elsewhere. */
export function expectDocumented(fault: string, seen: FaultSeen): void {
  const row = ELSEWHERE.find((one) => one.fault === fault);
  if (row === undefined)
    throw new RangeError(`docs/faults.md has no row "${fault}" of a test that stands elsewhere`);
  if (row.message === '') expect(seen.told).toEqual([]);
  else
    expect(
      seen.told.filter((text) => holds(text, row.message)),
      seen.told.join('\n'),
    ).not.toEqual([]);
  for (const path of ['vcenter', 'ssh'] as const) {
    const documented = row[path] === '' ? [] : row[path].split(', ');
    expect([...new Set(seen[path])].sort(), path).toEqual(documented.sort());
  }
  expect(seen.exitCode).toBe(row.exitCode);
  if (row.pushed === 'nothing') expect(seen.pushed).toBe('nothing');
  else {
    const series = parseExposition(seen.pushed).map(({ name, value }) => `${name} ${value}`);
    expect(series).toEqual(expect.arrayContaining([...row.pushed]));
  }
}
