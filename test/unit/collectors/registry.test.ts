import { describe, expect, it } from 'vitest';
import type { MetricRow } from '../../../lib/catalogue/row.ts';
import { PROBE } from '../../../lib/catalogue/sources/probe.ts';
import { PROPERTIES } from '../../../lib/catalogue/sources/property.ts';
import { KNOWN_COLLECTORS } from '../../../lib/collectors/known-collectors.ts';
import {
  evaluatedInBatches,
  needsOf,
  otherKindsOf,
  probesOf,
  runsBy,
} from '../../../lib/collectors/needs.ts';
import { pushedRows } from '../../../lib/collectors/pushed-rows.ts';
import { COLLECTORS, findCollector } from '../../../lib/collectors/registry.ts';
import { lintDefinitions } from '../../../tools/lint-definitions.ts';

describe('the registry of collectors', () => {
  it('asks of vCenter and of the host what each collector reads, and nothing else', () => {
    const needs = Object.fromEntries(COLLECTORS.map((one) => [one.name, needsOf([one])]));
    expect(needs).toMatchObject({
      'host-services': [
        { kind: 'host', reader: PROPERTIES, needs: ['runtime.connectionState', 'config.service'] },
      ],
      'overall-status': [{ kind: 'host', reader: PROPERTIES, needs: ['overallStatus'] }],
      'ssh-services': [{ kind: 'host', reader: PROBE, needs: ['services'] }],
    });
  });

  it('tells the check of a configuration which collectors go by vCenter, and which by ssh', () => {
    const ours = new Set(['host-services', 'overall-status', 'ssh-services']);
    const of = (names: readonly string[]) => names.filter((name) => ours.has(name));
    const { names, overVcenter, overSsh } = KNOWN_COLLECTORS;
    expect(of(names)).toEqual(['host-services', 'overall-status', 'ssh-services']);
    expect(of(overVcenter)).toEqual(['host-services', 'overall-status']);
    expect(of(overSsh)).toEqual(['ssh-services']);
  });

  it('names no collector twice', () => {
    expect(new Set(COLLECTORS.map(({ name }) => name)).size).toBe(COLLECTORS.length);
  });

  it('defines well-formed metrics, each name once over all collectors', () => {
    expect(lintDefinitions(COLLECTORS.flatMap(({ metrics }) => metrics))).toEqual([]);
  });

  it('finds a collector by its name', () => {
    expect(COLLECTORS.map(({ name }) => findCollector(name))).toEqual(COLLECTORS);
    expect(findCollector('host-service')).toBeUndefined();
  });
});

describe('needsOf', () => {
  const row = (kind: MetricRow['kind'], source: Omit<MetricRow['source'], 'evaluate'>) => {
    const evaluate = () => ({ points: [], warnings: [] });
    return { rows: [{ kind, source: { ...source, evaluate } } as unknown as MetricRow] };
  };

  it('names every need once, a row a kind and reader', () => {
    const collectors = [
      row('host', { reader: PROPERTIES, needs: ['b', 'a'] }),
      row('vm', { reader: PROPERTIES, needs: ['a'] }),
      row('host', { reader: PROBE, needs: ['services'] }),
      row('host', { reader: PROPERTIES, needs: ['a', 'c'] }),
    ];
    expect(needsOf(collectors)).toEqual([
      { kind: 'host', reader: PROPERTIES, needs: ['b', 'a', 'c'] },
      { kind: 'vm', reader: PROPERTIES, needs: ['a'] },
      { kind: 'host', reader: PROBE, needs: ['services'] },
    ]);
    expect([runsBy(collectors, 'read'), runsBy(collectors, 'ask')]).toEqual([true, true]);
    expect(runsBy(collectors.slice(0, 2), 'ask')).toBe(false);
    const more = row('host', { reader: PROBE, needs: ['uptime', 'services'] });
    expect(probesOf([...collectors, more])).toEqual(['services', 'uptime']);
  });

  it('needs nothing for no collectors', () => {
    expect(needsOf([])).toEqual([]);
    expect(runsBy([], 'read')).toBe(false);
    expect(probesOf([])).toEqual([]);
  });
});

describe('the rows of collectors', () => {
  const row = (kind: MetricRow['kind'], more: object = {}) =>
    ({
      kind,
      name: kind,
      preset: 'vmware_exporter',
      source: { needs: [], reader: PROPERTIES },
      ...more,
    }) as unknown as MetricRow;
  const plain = row('datastore');
  const aggregate = row('cluster', { source: { needs: [], reader: PROPERTIES, over: plain } });
  const referring = row('vm', {
    references: { store: { kind: 'datastore' }, any: { kind: ['resource-pool', 'host'] } },
  });

  it('name the kinds that are listed beside hosts: their own, those that they are made from, and those that they refer to', () => {
    const of = (...rows: MetricRow[]) => otherKindsOf([{ rows }]);
    expect(of(row('host'))).toEqual([]);
    expect(of(row('host'), row('vm'), row('vm'))).toEqual(['vm']);
    expect(of(aggregate)).toEqual(['cluster', 'datastore']);
    expect(of(referring)).toEqual(['vm', 'datastore', 'resource-pool']);
    expect(otherKindsOf([])).toEqual([]);
  });

  it('are evaluated in batches each once, an aggregate by what it is made from', () => {
    const collectors = [
      { name: 'a', rows: [aggregate, plain, referring] },
      { name: 'b', rows: [referring, aggregate, row('host')] },
    ];
    expect(evaluatedInBatches(collectors).map(({ name, rows }) => [name, rows])).toEqual([
      ['a', [plain, referring]],
      ['b', [row('host')]],
    ]);
  });

  it('are pushed but for those that nobody sees, and for those of another preset', () => {
    const hidden = row('vm', { isHidden: true });
    const ours = row('host', { preset: 'esxi_exporter' });
    const presets = (...preset: ('vmware_exporter' | 'otel')[]) => ({ preset, otelNames: 'mixin' }) as const;
    expect(pushedRows([{ rows: [hidden, plain, ours] }])).toEqual([plain, ours]);
    expect(pushedRows([{ rows: [hidden, plain, ours] }], presets('vmware_exporter'))).toEqual([plain, ours]);
    expect(pushedRows([{ rows: [hidden, plain, ours] }], presets('otel'))).toEqual([ours]);
    expect(pushedRows([{ rows: [hidden, plain] }], presets('vmware_exporter', 'otel'))).toEqual([plain]);
  });
});
