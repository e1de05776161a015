import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { PROCESS_METRICS } from '../../../lib/cli/process-metrics.ts';
import { THEMES } from '../../../lib/monitoring/alerts/alert.ts';
import { durationMs } from '../../../lib/monitoring/alerts/duration.ts';
import { ALERTS, printRules, settledAlerts } from '../../../lib/monitoring/alerts/rule-files.ts';
import {
  conflictOf,
  fillIn,
  fillInWords,
  fitsThreshold,
  isThreshold,
  THRESHOLDS,
} from '../../../lib/monitoring/alerts/thresholds.ts';
import { judge } from '../../../lib/queries/judge.ts';
import type { World } from '../../../lib/queries/judgement.ts';
import { knownSeries } from '../../../lib/queries/known-series.ts';
import { alertFiles } from '../../../tools/alert-files.ts';
import { readPage } from '../docs/pages.ts';

const ALL = THEMES.flatMap((theme) => ALERTS[theme]);
const FILES = alertFiles(readPage('docs/alerts.md'));
const WORLD: World = {
  known: knownSeries(PROCESS_METRICS),
  recorded: new Set(),
  added: new Set(['job', 'instance', 'vsweep_part']),
};

describe('the alerts', () => {
  it.each([...FILES])('are in their files as they are now; npm run alerts renews them: %s', (path, text) => {
    expect(readPage(path)).toBe(text);
  });

  it('have no file of an alert that is gone', () => {
    const folder = new URL('../../../', import.meta.url);
    const files = ['alerts', 'docs/runbooks'].flatMap((path) =>
      readdirSync(new URL(path, folder)).map((name) => `${path}/${name}`),
    );
    expect(files.toSorted()).toEqual(
      [...FILES.keys()].filter((path) => path !== 'docs/alerts.md').toSorted(),
    );
  });

  it.each(ALL)('ask for series that there are, and can fire: $name', ({ expr }) => {
    expect(judge(fillIn(expr), WORLD, { isAlert: true }).findings).toEqual([]);
  });

  it.each(ALL)(
    'name in their texts only labels that their expression has: $name',
    ({ expr, summary, description }) => {
      const labels = Array.from(
        `${summary} ${description}`.matchAll(/\$labels\.(\w+)/g),
        ([, label = '']) => label,
      );
      for (const label of labels) expect(judge(fillIn(expr), WORLD, { label }).findings, label).toEqual([]);
    },
  );

  it('have a name, and every text of their runbook, of their own', () => {
    expect(new Set(ALL.map(({ name }) => name)).size).toBe(ALL.length);
    for (const { name, fires, means, lookAt, actions } of ALL) {
      expect(
        [fires, means, ...lookAt, ...actions].every((text) => text.length > 10),
        name,
      ).toBe(true);
      expect(Math.min(lookAt.length, actions.length), name).toBeGreaterThan(0);
    }
  });
});

describe('thresholds', () => {
  it('are each used by an alert, and their defaults fit', () => {
    const used = new Set(
      ALL.flatMap((one) => Array.from(`${one.expr} ${one.for}`.matchAll(/\$(\w+)/g), ([, name]) => name)),
    );
    expect([...used].toSorted()).toEqual(Object.keys(THRESHOLDS).toSorted());
    for (const [name, { default: value }] of Object.entries(THRESHOLDS))
      expect(isThreshold(name) && fitsThreshold(name, value), name).toBe(true);
  });

  it('are in the rules as they are set, and nothing else changes', () => {
    const rules = (text: string) =>
      parse(text).groups[0].rules as { expr: string; annotations: { runbook_url: string } }[];
    const options = { settings: { datastore_full_percent: '5' }, runbooks: 'https://wiki.example.org' };
    const [before, after] = [rules(printRules(['datastores'])), rules(printRules(['datastores'], options))];
    expect(after[2]?.annotations).toEqual({
      ...before[2]?.annotations,
      runbook_url: 'https://wiki.example.org/VsphereDatastoreLow.md',
    });
    expect(after.map(({ expr }) => expr)).toEqual(
      before.map(({ expr }) => expr.replace(/([<>]=?) 10$/, '$1 5')),
    );
    expect(after[1]?.annotations.runbook_url).toBe('https://wiki.example.org/VsphereDatastoreFull.md');
  });

  it.each([
    ['datastore_full_percent', '5.5', true],
    ['datastore_full_percent', '5m', false],
    ['datastore_full_percent', '1 or vector(1)', false],
    ['memory', '36h', true],
    ['memory', '36', false],
    ['memory', '0s', false],
    ['memory', '010d', false],
    ['down_memory', '290w', true],
    ['down_memory', '999999w', false],
    ['datastore_full_percent', '010', false],
    ['datastore_full_percent', '0', false],
    ['datastore_full_percent', '0.000', false],
    ['datastore_full_percent', '0.5', true],
    ['memory', '-1d', false],
    ['memory', '1dd', false],
    ['memory', ' 1d', false],
    ['memory', '1000000s', false],
    ['memory', '999999s', true],
    ['memory', '1y', false],
    ['down_memory', '15121w', true],
    ['down_memory', '15122w', false],
    ['datastore_full_percent', '999999999.999999', true],
    ['datastore_full_percent', '1000000000', false],
    ['datastore_full_percent', '1.0000001', false],
    ['datastore_full_percent', '1.', false],
    ['datastore_full_percent', ' 1', false],
    ['datastore_full_percent', '1 ', false],
    ['datastore_full_percent', '0.000001', true],
  ] as const)('%s = %j fits: %s', (name, value, expected) => {
    expect(fitsThreshold(name, value)).toBe(expected);
  });

  it('remember a series of the longest interval until the alert on its end fires', () => {
    const longestMs = 24 * 3_600_000;
    const missed = Number(THRESHOLDS.missed_intervals.default);
    expect(durationMs(THRESHOLDS.memory.default)).toBeGreaterThan((missed + 1) * longestMs);
  });

  it('are refused together if VsphereDatastoreLow could never fire', () => {
    expect(conflictOf({})).toBeUndefined();
    expect(conflictOf({ datastore_low_percent: '9.5', datastore_full_percent: '9' })).toBeUndefined();
    expect(conflictOf({ datastore_low_percent: '10' })).toContain('datastore_full_percent is 10');
    expect(conflictOf({ datastore_full_percent: '25' })).toContain('datastore_low_percent is 20');
  });

  it.each(ALL)('that decide when it fires stand in the words for it: $name', (alert) => {
    const used = Array.from(`${alert.expr} ${alert.for}`.matchAll(/\$(\w+)/g), ([, name = '']) => name);
    const told = used.filter((name) => name !== 'memory' && name !== 'down_memory');
    for (const name of told) expect(alert.fires, name).toContain(`$${name}`);
  });

  it('are words in texts, and what Prometheus fills in stays', () => {
    const settings = { link_memory: '1d', missed_intervals: '10' };
    expect(fillInWords('{{ $labels.nic }} in $link_memory, $missed_intervals', settings)).toBe(
      '{{ $labels.nic }} in 1 day, 10',
    );
    const [noRun] = settledAlerts('vsweep', { settings }).filter(({ name }) => name === 'VsweepNoRun');
    expect(noRun?.summary).toMatch(/for 10 intervals$/);
    expect(noRun?.actions.join()).toContain('ends 7 days after');
  });

  it.each([
    ['1s', '1 second', 1_000],
    ['90m', '90 minutes', 5_400_000],
    ['36h', '36 hours', 129_600_000],
    ['1d', '1 day', 86_400_000],
    ['2w', '2 weeks', 1_209_600_000],
    ['0s', '0 seconds', 0],
  ])('of time are told in words: %s as %s', (memory, words, ms) => {
    expect(fillInWords('after $memory', { memory })).toBe(`after ${words}`);
    expect(durationMs(memory)).toBe(ms);
  });

  it('have no name of an object in JavaScript', () => {
    expect(isThreshold('constructor')).toBe(false);
    expect(() => fillIn('x > $missing')).toThrow(new TypeError('there is no threshold missing'));
  });
});
