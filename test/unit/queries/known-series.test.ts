import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { PROCESS_METRICS } from '../../../lib/cli/process-metrics.ts';
import { CLOSED_LABELS } from '../../../lib/queries/closed-labels.ts';
import { printValues } from '../../../lib/queries/judgement.ts';
import { knownSeries } from '../../../lib/queries/known-series.ts';
import { parseExposition } from '../../support/exposition.ts';

const KNOWN = knownSeries(PROCESS_METRICS);
const fixtures = new URL('../../fixtures/', import.meta.url);
const golden = [
  ...readdirSync(new URL('collectors/', fixtures)).map((file) => `collectors/${file}`),
  'presets/otel.prom',
];

describe('what is known of series', () => {
  it.each(golden)('fits what is emitted: %s', (file) => {
    const series = parseExposition(readFileSync(new URL(file, fixtures), 'utf8'));
    expect(series).not.toEqual([]);
    for (const { name, labels, value } of series) {
      const known = KNOWN.get(name);
      if (known === undefined) throw new Error(`${name} is not known`);
      expect(
        Object.keys(labels).filter((label) => !known.labels.includes(label)),
        name,
      ).toEqual([]);
      for (const [label, words] of Object.entries(known.closed))
        expect(words, `${name}{${label}}`).toContain(labels[label] ?? '');
      const { list, min, max } = known.values;
      if (list !== undefined) expect(list, name).toContain(value);
      expect(value >= min && value <= max, `${name} ${value}`).toBe(true);
    }
  });

  it('is, of each, what known-series.txt says: npx vitest run --project unit test/unit/queries --update renews it', async () => {
    const lines = [...KNOWN.values()].map((one) => {
      const labels = one.labels.map((label) => {
        const words = one.closed[label];
        if (words === undefined) return label;
        return `${label}=${label === 'collector' ? '<names of collectors>' : words.map((word) => word || '""').join('|')}`;
      });
      const about = [
        printValues(one.values),
        ...(one.isInfo ? ['info'] : []),
        ...(one.row === undefined ? [] : [`of ${one.collectors.join('|') || 'no collector'}`]),
        ...(one.requires === undefined ? [] : [`with ${one.requires}`]),
      ];
      expect(Object.keys(one.closed).filter((label) => !one.labels.includes(label))).toEqual([]);
      return `${one.name}{${labels.join(', ')}}: ${about.join('; ')}\n`;
    });
    const file = fileURLToPath(new URL('queries/known-series.txt', fixtures));
    await expect(lines.toSorted().join('')).toMatchFileSnapshot(file);
  });

  it.each(['vsweep_collector_success', 'vsweep_collector_duration_seconds'])(
    'has the names of collectors in %s',
    (name) => {
      expect(KNOWN.get(name)?.closed).toEqual({
        collector: expect.arrayContaining(['hosts', 'tags', 'host-checks']),
      });
    },
  );

  it('has no flag that is never 0: such a series is absent instead', () => {
    const values = Map.groupBy(
      golden.flatMap((file) => parseExposition(readFileSync(new URL(file, fixtures), 'utf8'))),
      ({ name }) => name,
    );
    const neverZero = [...KNOWN.values()].filter(
      ({ name, row, values: range }) =>
        row?.unit === 'boolean' &&
        range.list?.includes(0) === true &&
        values.get(name)?.every(({ value }) => value === 1) === true,
    );
    // Those that can be 0, and are not in this fleet. Add one only if its code gives 0.
    expect(neverZero.map(({ name }) => name).toSorted()).toEqual([
      'esxi_ntp_synchronized',
      'esxi_nvme_critical_warning',
      'vmware_cluster_ha_admission_control',
      'vmware_host_time_synchronized',
      'vmware_vcenter_backup_last_job_failed',
      'vmware_vm_ha_protected',
    ]);
  });

  it('names closed labels of series and labels that there are', () => {
    const names = Object.keys(CLOSED_LABELS).filter((name) => !name.startsWith('vsweep_polls'));
    for (const name of names)
      expect(KNOWN.get(name)?.labels ?? [], name).toEqual(
        expect.arrayContaining(Object.keys(CLOSED_LABELS[name] ?? {})),
      );
  });

  it('has the words of a state set by its source', () => {
    const words = (name: string) => KNOWN.get(name)?.closed;
    expect(words('vmware_vm_heartbeat_state') ?? words('vmware_vm_connection_state')).toMatchObject({
      state: expect.any(Array),
    });
    expect(words('vmware_host_lockdown_mode')).toEqual({
      mode: ['lockdownDisabled', 'lockdownNormal', 'lockdownStrict'],
    });
    expect(words('vmware_host_storage_paths')).toEqual({
      state: ['active', 'standby', 'disabled', 'dead', 'unknown'],
    });
  });
});
