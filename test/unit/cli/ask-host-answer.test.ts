import { describe, expect, it } from 'vitest';
import { definitionOf } from '../../../lib/catalogue/row.ts';
import { pointsOf, warningsOf } from '../../../lib/cli/ask-host.ts';
import { COLLECTORS } from '../../../lib/collectors/registry.ts';
import type { Family } from '../../../lib/metrics/family.ts';
import { failed, type Outcome, ok, skipped } from '../../../lib/sweep/outcome.ts';

const rows = COLLECTORS.flatMap((one) => one.rows);
const rowOf = (matches: (row: (typeof rows)[number]) => boolean) => {
  const found = rows.find(matches);
  if (found === undefined) throw new Error('no such row');
  return found;
};
const familyOf = (
  name: string,
  ...samples: readonly (readonly [labels: readonly string[], value: number])[]
) =>
  ({
    definition: { name, help: '', labels: [] },
    samples: samples.map(([labels, value]) => ({ metric: name, labels, value })),
  }) as unknown as Family;

describe('what a poll takes of the answer of a host', () => {
  it('are the samples of its own metric, with the labels that the row has of its own', () => {
    const row = rowOf(({ labels }) => labels.length === 1);
    const { name } = definitionOf(row);
    const families = [
      familyOf('other', [['a', 'b'], 1]),
      familyOf(name, [['vc1', 'esx1', 'hostd'], 1], [['vc1', 'esx1', 'vpxa'], 0]),
      familyOf(name, [['vc1', 'esx1', 'ntpd'], 2]),
    ];
    expect(pointsOf(row, families)).toEqual([
      { labels: ['hostd'], value: 1 },
      { labels: ['vpxa'], value: 0 },
      { labels: ['ntpd'], value: 2 },
    ]);
    expect(pointsOf(row, families.slice(0, 1))).toEqual([]);
  });

  it('has no label where the row has none of its own', () => {
    const row = rowOf(({ labels }) => labels.length === 0);
    const { name } = definitionOf(row);
    expect(pointsOf(row, [familyOf(name, [['vc1', 'esx1'], 3])])).toEqual([{ labels: [], value: 3 }]);
  });
});

describe('why a host gave less than was asked for', () => {
  const tell = (outcome: Outcome | undefined, more: object = {}, families: readonly Family[] = []) =>
    warningsOf(
      {
        status: 'swept',
        problems: ['no list', 'no time'],
        hosts: [
          {
            moref: 'host-1',
            name: 'esx1',
            outcomes: outcome ? { ssh: outcome } : {},
            details: ['why', 'and how'],
          },
          { moref: 'host-2', name: 'esx2', outcomes: { ssh: failed('dns') }, details: ['other'] },
        ],
        warnings: [{ text: 'one service is unknown', count: 3 }],
        ...more,
      } as unknown as Parameters<typeof warningsOf>[0],
      { sweep: 'services', moref: 'host-1', families },
    );
  const service = 'one service is unknown';
  const found = [familyOf('x', [[], 1])];

  it('names the outcome of the host, and faults of the whole run only where there is no outcome', () => {
    expect(tell(failed('auth'))).toEqual(['failed(auth): why: and how', 'no list', 'no time', service]);
    expect(tell(skipped('lockdown'), {}, found)).toEqual(['skipped(lockdown): why: and how', service]);
    expect(tell(ok, {}, found)).toEqual([service]);
    expect(tell(ok)).toEqual(['no list', 'no time', service]);
    expect(tell(undefined, { warnings: [] }, found)).toEqual([]);
    expect(tell(failed('auth'), { hosts: [], problems: [], warnings: [] })).toEqual([]);
  });

  it('is that a run of the sweep is under way', () => {
    expect(tell(undefined, { status: 'lease', problems: [], warnings: [] })).toEqual([
      'the sweep services is under way or about to begin, or another poll or try asks a host of it; try again when that is over',
    ]);
  });
});
