import { describe, expect, it } from 'vitest';
import type { Family, MetricDefinition, Sample } from '../../../lib/metrics/family.ts';
import { groupIntoFamilies } from '../../../lib/metrics/group-into-families.ts';
import { mergeFamilies as mergeLists } from '../../../lib/metrics/merge-families.ts';
import { lintDefinitions } from '../../../tools/lint-definitions.ts';

const UP: MetricDefinition = { name: 'esxi_ssh_up', help: 'up', labels: ['hostsystem'] };
const STATE: MetricDefinition = { name: 'esxi_state', help: 'state', labels: ['hostsystem', 'state'] };
const up = (hostsystem: string, value = 1): Sample => ({ metric: UP.name, labels: [hostsystem], value });

describe('groupIntoFamilies', () => {
  it('sorts samples into the families of their definitions and leaves out empty ones', () => {
    expect(groupIntoFamilies([STATE, UP], [up('a'), up('b')])).toEqual([
      { definition: UP, samples: [up('a'), up('b')] },
    ]);
  });

  it.each([
    [
      'an unknown metric',
      { metric: 'esxi_other', labels: [], value: 1 },
      'unknown-metric',
      'no definition has this name; add it to the metrics of the collector that makes it',
    ],
    [
      'a wrong number of label values',
      { metric: UP.name, labels: ['a', 'b'], value: 1 },
      'label-count',
      'a sample has 2 label values, its labels are hostsystem',
    ],
    [
      'a value that is no number',
      up('a', Number.NaN),
      'not-finite',
      'the value NaN is no measurement; withhold the sample instead',
    ],
    [
      'a time in parts of a millisecond',
      { ...up('a'), timeMs: 1.5 },
      'bad-time',
      'the time 1.5 is not in whole milliseconds since the epoch; round it',
    ],
    [
      'a time that is no number',
      { ...up('a'), timeMs: Number.NaN },
      'bad-time',
      'the time NaN is not in whole milliseconds since the epoch; round it',
    ],
    [
      'a time in nanoseconds',
      { ...up('a'), timeMs: 1.8e18 },
      'bad-time',
      'the time 1800000000000000000 is not in whole milliseconds since the epoch; round it',
    ],
  ])('refuses %s, and says what to do', (_what, sample, code, words) => {
    const { metric } = sample;
    expect(() => groupIntoFamilies([UP], [sample])).toThrow(
      expect.objectContaining({ code, metric, message: `metric ${metric}: ${words}` }),
    );
  });

  it('refuses a name that is defined twice', () => {
    expect(() => groupIntoFamilies([UP, UP], [])).toThrow(
      expect.objectContaining({
        code: 'duplicate-definition',
        message: 'metric esxi_ssh_up: it is defined twice; names are unique over all collectors',
      }),
    );
  });
});

describe('mergeFamilies', () => {
  const mergeFamilies = (groups: readonly (readonly Family[])[]) =>
    mergeLists(groups).map((one) => ({ ...one, samples: [...one.samples] }));
  const family = (...samples: Sample[]): Family => ({ definition: UP, samples });

  it('gives every name once, and of equal series the one of the earlier group', () => {
    const merged = mergeFamilies([[family(up('a', 1), up('b', 1))], [family(up('b', 0), up('c', 0))]]);
    expect(merged).toEqual([family(up('a', 1), up('b', 1), up('c', 0))]);
  });

  it('takes equal definitions that are different objects for one', () => {
    const copy = { definition: { ...UP, labels: [...UP.labels] }, samples: [up('b')] };
    expect(mergeFamilies([[family(up('a'))], [copy]])).toEqual([family(up('a'), up('b'))]);
  });

  it.each([{ labels: ['host'] }, { help: 'other' }])('refuses two meanings of one name: %j', (difference) => {
    const other = { definition: { ...UP, ...difference }, samples: [] };
    expect(() => mergeFamilies([[family()], [other]])).toThrow(
      expect.objectContaining({
        code: 'conflicting-definition',
        message:
          'metric esxi_ssh_up: two groups define it with different help or labels; one exposition can hold one definition',
      }),
    );
  });
});

describe('lintDefinitions', () => {
  it('passes well-formed definitions, also the capitals of vmware_exporter', () => {
    const old = { name: 'vmware_host_net_bytesRX_average', help: 'x', labels: ['host_name'] };
    expect(lintDefinitions([UP, STATE, old])).toEqual([]);
  });

  it.each([
    ['a foreign prefix', { name: 'go_threads' }, 'the name is not'],
    ['a space in the name', { name: 'esxi_a b' }, 'the name is not'],
    ['the name of a counter', { name: 'esxi_logins_total' }, 'counter'],
    ['no help', { help: '' }, 'help'],
    ['a help of two lines', { help: 'a\nb' }, 'help'],
    ['a label twice', { labels: ['a', 'a'] }, 'twice'],
    ['a label of the grouping key', { labels: ['instance'] }, 'reserved'],
    ['a label of another type', { labels: ['le'] }, 'reserved'],
    ['an internal label', { labels: ['__name__'] }, 'snake_case'],
    ['a self-metric without its sweep', { name: 'vsweep_up', labels: ['vcenter'] }, 'sweep is missing'],
  ])('finds %s', (_what, fault, words) => {
    expect(lintDefinitions([{ ...UP, ...fault }]).join()).toContain(words);
  });

  it('finds a name that is defined twice, once', () => {
    expect(lintDefinitions([UP, UP, UP])).toEqual(['esxi_ssh_up: defined more than once']);
  });
});
