import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CLUSTERS } from '../../../lib/catalogue/cluster.ts';
import { SSH_SERVICES } from '../../../lib/catalogue/host.ts';
import type { Evaluated, MetricRow } from '../../../lib/catalogue/row.ts';
import { aggregate, type Member } from '../../../lib/catalogue/sources/aggregate.ts';
import { derived } from '../../../lib/catalogue/sources/property.ts';
import { collector } from '../../../lib/collectors/collector.ts';
import { evaluatedInBatches, needsOf, otherKindsOf } from '../../../lib/collectors/needs.ts';
import type { Item, KindListing, KindName } from '../../../lib/inventory/kind.ts';
import { createColumns } from '../../../lib/sweep/columns.ts';
import type { FinishedRead } from '../../../lib/sweep/dispatch/read-items.ts';
import { failed, type Outcome, ok } from '../../../lib/sweep/outcome.ts';
import { mergeBatches } from '../../../lib/sweep/result/merge.ts';
import { nameItems } from '../../../lib/sweep/result/named-items.ts';
import { createNaming } from '../../../lib/sweep/result/naming.ts';
import { batchResult } from './builders.ts';

const common = {
  help: 'A number',
  unit: 'number',
  labels: [],
  preset: 'vmware_exporter',
  privilege: 'System.Read',
  since: '2.0',
} as const;
const nothing = () => ({ points: [], warnings: [] });

/** What a machine uses; and of the machines on a datastore the sum, and the difference between the largest and the smallest. */
const USED: MetricRow = {
  ...common,
  name: 'used',
  kind: 'vm',
  source: derived(['summary.storage'], nothing),
};
const numbersOf = (members: readonly Member[]) =>
  members.flatMap(({ points }) => points.map(({ value }) => value));
const onDatastore = (name: string, evaluate: (members: readonly Member[]) => Evaluated): MetricRow => ({
  ...common,
  name,
  kind: 'datastore',
  source: aggregate(USED, evaluate),
});
const oneOf = (value: number, ...warnings: string[]) => ({ points: [{ labels: [], value }], warnings });
const SPREAD = onDatastore('spread', (members) => {
  const numbers = numbersOf(members);
  return oneOf(numbers.length === 0 ? 0 : Math.max(...numbers) - Math.min(...numbers));
});
const SUM = onDatastore('sum', (members) => {
  const sum = numbersOf(members).reduce((all, one) => all + one, 0);
  return members.length === 0 ? oneOf(sum, 'empty') : oneOf(sum);
});

const datastoreItem = (name: string): Item => ({
  moref: `datastore-${name}`,
  name,
  facts: { datacenter: 'dc' },
});
const machine = (number: number, datastore: string): Item => ({
  moref: `vm-${number}`,
  name: `vm${number}`,
  facts: { datacenter: 'dc', datastore },
});

interface Estate {
  readonly datastores: readonly string[];
  readonly machines: readonly { readonly on: string; readonly used: number }[];
}

/** What is said of datastores by their machines, which are read in slices that begin at these places. */
function sayOf(
  { datastores, machines }: Estate,
  starts: readonly number[],
  {
    rows = [SPREAD, SUM],
    outcomeOf = () => ok,
    isLost = () => false,
    isSilent = () => false,
    isNameless = () => false,
  }: {
    rows?: readonly MetricRow[];
    outcomeOf?: (index: number) => Outcome;
    isLost?: (slice: number) => boolean;
    isSilent?: (index: number) => boolean;
    isNameless?: (index: number) => boolean;
  } = {},
) {
  const listing: KindListing = {
    items: machines.map(({ on }, index) => machine(index, on)),
    unreadable: [],
  };
  const bounds = [...new Set([0, ...starts.filter((one) => one < machines.length)])].toSorted(
    (a, b) => a - b,
  );
  const slices = bounds.map((from, slice) =>
    machines.slice(from, bounds[slice + 1]).map((_, at) => from + at),
  );
  const read = slices.map((indexes, slice): FinishedRead => {
    const columns = createColumns();
    for (const [place, index] of indexes.entries()) {
      const { used } = machines[index] as Estate['machines'][number];
      if ((outcomeOf(index).kind === 'ok' || isNameless(index)) && !isSilent(index))
        columns.add(place, USED, [{ labels: [], value: used }]);
    }
    const morefs = indexes.map((index) => `vm-${index}`);
    const value = batchResult({
      outcomes: indexes.map((index) => [`vm-${index}`, outcomeOf(index)]),
      nameless: indexes.filter(isNameless).map((index) => `vm-${index}`),
      families: columns.takeFamilies(),
      collectors: [{ name: 'machines', success: true, durationMs: 1 }],
    });
    return {
      kind: 'vm',
      morefs,
      result: isLost(slice)
        ? { status: 'rejected', reason: new Error('crashed') }
        : { status: 'fulfilled', value },
    };
  });
  const others = new Map<KindName, KindListing>([
    ['vm', listing],
    ['datastore', { items: datastores.map(datastoreItem), unreadable: [] }],
  ]);
  const merged = mergeBatches(
    { asked: [], read },
    {
      collectors: [collector('machines', rows)],
      overSsh: false,
      unread: 'not-needed',
      named: nameItems({ name: 'vc', site: 's' }, { hosts: [], listed: [], others }),
    },
  );
  return {
    said: Array.from(merged.samples, ({ sample }) => `${sample.metric} ${sample.labels[0]} ${sample.value}`),
    warnings: merged.warnings,
    success: merged.collectors.map((one) => one.success),
  };
}

describe('rows over the items of another kind', () => {
  const machines = [
    { on: 'fast', used: 10 },
    { on: 'slow', used: 7 },
    { on: 'fast', used: 30 },
  ];
  const datastores = ['fast', 'slow', 'empty'];
  const estate: Estate = { datastores, machines };

  it('say of each object what its members say together, also of one without any', () => {
    const { said, warnings } = sayOf(estate, []);
    expect(said).toEqual([
      'spread fast 20',
      'spread slow 0',
      'spread empty 0',
      'sum fast 40',
      'sum slow 7',
      'sum empty 0',
    ]);
    expect(warnings).toEqual([{ text: 'sum: empty', count: 1 }]);
  });

  it('push the row that they are made from only where a collector names it', () => {
    expect(sayOf(estate, [], { rows: [SUM, USED] }).said).toEqual([
      'used vm0 10',
      'used vm1 7',
      'used vm2 30',
      'sum fast 40',
      'sum slow 7',
      'sum empty 0',
    ]);
  });

  it('say the same whether the members of an object were read in one slice or in several', () => {
    const drawn = fc.record({
      on: fc.constantFrom(...datastores),
      used: fc.double({ noNaN: true, min: 0, max: 1e12 }),
    });
    fc.assert(
      fc.property(
        fc.array(drawn, { maxLength: 40 }),
        fc.array(fc.nat(40), { maxLength: 5 }),
        (all, starts) => {
          const of = { datastores, machines: all };
          const { said, warnings } = sayOf(of, starts);
          expect({ said, warnings }).toEqual({ said: sayOf(of, []).said, warnings: sayOf(of, []).warnings });
        },
      ),
    );
  });

  it('are left out of an object of which a slice was lost, because its members without that say something else', () => {
    const { said, warnings, success } = sayOf(estate, [2], { isLost: (slice) => slice === 1 });
    expect(said).toEqual(['spread slow 0', 'spread empty 0', 'sum slow 7', 'sum empty 0']);
    expect(warnings).toContainEqual({
      text: 'spread: left out for objects (datastore) of which not all objects (vm) were read',
      count: 1,
    });
    expect(success).toEqual([false]);
  });

  it('are left out of all objects where a member may be in any of them, because the account may not see where it is', () => {
    const evaluate = (members: readonly Member[]) => oneOf(members.length);
    const count: MetricRow = {
      ...onDatastore('count', evaluate),
      source: aggregate(USED, evaluate, { isTotal: true }),
    };
    const hidden = {
      datastores: ['fast', 'slow'],
      machines: [
        { on: 'fast', used: 1 },
        { on: '', used: 2 },
      ],
    };
    const isSilent = (index: number) => index === 1;
    expect(sayOf(hidden, [], { rows: [count], isSilent }).said).toEqual([]);
    expect(sayOf(hidden, [], { rows: [count] }).said).toEqual(['count fast 1', 'count slow 0']);
  });

  it('are left out of an object with a member that was read without the points that each member has', () => {
    const evaluate = (members: readonly Member[]) => oneOf(members.length);
    const count: MetricRow = {
      ...onDatastore('count', evaluate),
      source: aggregate(USED, evaluate, { isTotal: true }),
    };
    const isSilent = (index: number) => index === 0;
    const { said, warnings } = sayOf(estate, [], { rows: [count, SUM], isSilent });
    expect(said).toEqual(['count slow 1', 'count empty 0', 'sum fast 30', 'sum slow 7', 'sum empty 0']);
    expect(warnings).toContainEqual({
      text: 'count: left out for objects (datastore) of which not all objects (vm) were read',
      count: 1,
    });
    const outcomeOf = (index: number) => (index === 0 ? failed('unreadable') : ok);
    expect(sayOf(estate, [], { rows: [count], isSilent, outcomeOf }).said[0]).toBe('count fast 1');
  });

  it('cannot be too low for clusters: each number of machines is of machines that all have a power state', () => {
    const over = CLUSTERS.filter(({ source }) => source.over !== undefined);
    expect(over.map(({ name, source }) => [name, source.overIsTotal])).toEqual([
      ['vmware_cluster_vms', true],
      ['vmware_cluster_vm_templates', true],
    ]);
  });

  it('do without an object that is gone since the list was made', () => {
    const { said } = sayOf(estate, [], { outcomeOf: (index) => (index === 2 ? failed('unreadable') : ok) });
    expect(said.slice(0, 4)).toEqual(['spread fast 0', 'spread slow 0', 'spread empty 0', 'sum fast 10']);
  });

  it('count an object that came without its name, and are left out where nothing was found of it', () => {
    const isNameless = (index: number) => index === 2;
    const outcomeOf = (index: number) => (isNameless(index) ? failed('unreadable') : ok);
    const whole = sayOf(estate, [], { rows: [SUM] }).said;
    expect(sayOf(estate, [], { rows: [SUM], outcomeOf, isNameless }).said).toEqual(whole);
    const { said, warnings } = sayOf(estate, [], {
      rows: [SUM],
      outcomeOf,
      isNameless,
      isSilent: isNameless,
    });
    expect(said).toEqual(whole.filter((line) => !line.startsWith('sum fast')));
    expect(warnings).toContainEqual({
      text: 'sum: left out for objects (datastore) of which not all objects (vm) were read',
      count: 1,
    });
  });

  it('that throw, or give what is no number, cost their own points and the collector its success', () => {
    const throws = onDatastore('throws', (members) => {
      if (members.length === 2) throw new Error('two');
      return oneOf(Number.NaN);
    });
    const { said, warnings, success } = sayOf(estate, [], { rows: [throws, SUM] });
    expect(said).toEqual(['sum fast 40', 'sum slow 7', 'sum empty 0']);
    expect(warnings).toEqual([
      { text: 'throws: failed; its samples are left out: two', count: 1 },
      { text: expect.stringContaining('the value NaN is no measurement'), count: 2 },
      { text: 'sum: empty', count: 1 },
    ]);
    expect(success).toEqual([false]);
  });

  it('say nothing where their members were not listed', () => {
    const others = new Map([['datastore' as const, { items: [datastoreItem('fast')], unreadable: [] }]]);
    const named = nameItems({ name: 'vc', site: 's' }, { hosts: [], listed: [], others });
    const context = {
      collectors: [collector('machines', [SUM])],
      overSsh: false,
      unread: 'failed',
      named,
    } as const;
    expect(mergeBatches({ asked: [], read: [] }, context).samples).toHaveLength(0);
  });

  it('have their members listed and read, each row once however many others are made from it', () => {
    const collectors = [collector('machines', [SPREAD, SUM]), collector('used', [USED])];
    expect(needsOf(collectors)).toEqual([
      { kind: 'vm', reader: expect.objectContaining({ name: 'properties' }), needs: ['summary.storage'] },
    ]);
    expect(otherKindsOf(collectors)).toEqual(['datastore', 'vm']);
    expect(evaluatedInBatches(collectors).map(({ rows }) => rows.map(({ name }) => name))).toEqual([
      ['used'],
      [],
    ]);
  });

  it('cannot be about a kind whose objects contain none, nor over what hosts say', () => {
    const about = (kind: KindName) => collector('pools', [{ ...SUM, kind, preset: 'vmware_exporter' }]);
    expect(() => about('resource-pool')).toThrow('a resource-pool contains no objects by their facts');
    const [over] = SSH_SERVICES;
    const source = aggregate(over as MetricRow, nothing);
    expect(() => collector('asked', [{ ...SUM, source }])).toThrow('which no batch reads from vCenter');
  });
});

describe('labels that refer to another item', () => {
  const LATENCY: MetricRow = {
    ...common,
    name: 'latency',
    kind: 'vm',
    labels: ['ds', 'plain', 'on'],
    references: { ds: { kind: 'datastore', by: 'key' }, on: { kind: 'datastore', by: 'moref' } },
    source: derived(['name'], nothing),
  };
  const labelsOf = (row: MetricRow, ...labels: string[]) => {
    const items = [{ ...datastoreItem('fast'), facts: { datacenter: 'dc', key: 'uuid-1' } }];
    const others = new Map<KindName, KindListing>([
      ['datastore', { items, unreadable: [] }],
      ['vm', { items: [machine(1, 'fast')], unreadable: [] }],
    ]);
    const named = nameItems({ name: 'vc', site: 's' }, { hosts: [], listed: [], others });
    return createNaming(named)(row).ofPoint('vm-1', labels, 1)?.sample.labels.slice(-labels.length);
  };

  it('have its name, and what they are where they refer to nothing that was listed', () => {
    expect(labelsOf(LATENCY, 'uuid-1', 'uuid-1', 'datastore-fast')).toEqual(['fast', 'uuid-1', 'fast']);
    expect(labelsOf(LATENCY, 'uuid-2', '', '')).toEqual(['uuid-2', '', '']);
  });

  it('have the text that the row makes of the items, of several references or none', () => {
    const row: MetricRow = {
      ...LATENCY,
      labels: ['all'],
      references: {
        all: {
          kind: 'datastore',
          by: 'moref',
          print: (value, find) =>
            value
              .split(' ')
              .map((one) => find(one)?.facts.datacenter ?? `no ${one}`)
              .join(),
        },
      },
    };
    expect(labelsOf(row, 'datastore-fast datastore-gone')).toEqual(['dc,no datastore-gone']);
    expect(labelsOf(row, '')).toEqual(['no ']);
  });

  it('have the name of the first kind that has the reference', () => {
    const row: MetricRow = {
      ...LATENCY,
      labels: ['on'],
      references: { on: { kind: ['vm', 'datastore'], by: 'moref' } },
    };
    expect(['vm-1', 'datastore-fast', 'host-1'].map((one) => labelsOf(row, one))).toEqual([
      [machine(1, 'fast').name],
      ['fast'],
      ['host-1'],
    ]);
  });

  it('have the kinds that they refer to listed', () => {
    expect(otherKindsOf([collector('latency', [LATENCY])])).toEqual(['vm', 'datastore']);
    const both: MetricRow = { ...LATENCY, references: { ds: { kind: ['cluster', 'alarm'], by: 'moref' } } };
    expect(otherKindsOf([collector('latency', [both])])).toEqual(['vm', 'cluster', 'alarm']);
  });
});
