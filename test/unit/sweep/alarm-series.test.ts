import { describe, expect, it } from 'vitest';
import { ALARMS } from '../../../lib/catalogue/alarm.ts';
import { MAX_LABEL_CHARACTERS } from '../../../lib/catalogue/row.ts';
import { collector } from '../../../lib/collectors/collector.ts';
import type { Item, KindName } from '../../../lib/inventory/kind.ts';
import { KINDS } from '../../../lib/inventory/kinds.ts';
import { deduplicate } from '../../../lib/metrics/deduplicate.ts';
import { createColumns } from '../../../lib/sweep/columns.ts';
import { ok } from '../../../lib/sweep/outcome.ts';
import { mergeBatches } from '../../../lib/sweep/result/merge.ts';
import { nameItems } from '../../../lib/sweep/result/named-items.ts';
import type { PropertyValue } from '../../../lib/vsphere/property/retrieved-object.ts';
import { retrieved } from '../collectors/subjects.ts';
import { batchResult } from './builders.ts';

const ROOT = 'group-d1';
const item = (moref: string, name: string): Item => ({ moref, name, facts: { datacenter: 'dc1' } });
const LISTED: Partial<Record<KindName, readonly Item[]>> = {
  vcenter: [item(ROOT, 'vc01')],
  vm: [item('vm-1', 'web01'), item('vm-2', 'web01')],
  alarm: [item('alarm-2', 'Zebra'), item('alarm-10', 'Apple')],
};
const state = (alarm: string, vm = 'vm-1', overallStatus = 'red') => ({
  entity: { type: 'VirtualMachine', value: vm },
  alarm: { type: 'Alarm', value: alarm },
  overallStatus,
  acknowledged: false,
});

/** The samples of a run that read these alarms of the root folder, or of the machine vm-1. */
function samplesOf(
  kind: 'vcenter' | 'vm',
  alarms: readonly PropertyValue[],
  { unlisted = [] }: { unlisted?: readonly KindName[] } = {},
) {
  const moref = kind === 'vm' ? 'vm-1' : ROOT;
  const rows = ALARMS.filter((row) => row.kind === kind);
  const columns = createColumns();
  // The source goes by the reference of the root folder.
  const object = {
    ...retrieved({ triggeredAlarmState: [...alarms] }),
    moref: { type: 'Folder', value: moref },
  };
  for (const row of rows) columns.add(0, row, row.source.evaluate(object).points);
  const collectors = [collector('alarms', rows)];
  const others = new Map(
    KINDS.flatMap(({ name }): [KindName, { items: readonly Item[] }][] =>
      name === 'host' || unlisted.includes(name) ? [] : [[name, { items: LISTED[name] ?? [] }]],
    ),
  );
  const result = batchResult({
    outcomes: [[moref, ok]],
    families: columns.takeFamilies(),
    collectors: [{ name: 'alarms', success: true, durationMs: 1 }],
  });
  const merged = mergeBatches(
    { asked: [], read: [{ kind, morefs: [moref], result: { status: 'fulfilled', value: result } }] },
    {
      collectors,
      overSsh: false,
      unread: 'not-needed',
      named: nameItems({ name: 'vc01', site: '' }, { hosts: [], listed: [], others }),
    },
  );
  const { samples, dropped } = deduplicate(merged.samples);
  const definitions = new Map(collectors[0]?.metrics.map(({ name, labels }) => [name, labels]));
  return {
    dropped,
    merged,
    of: (metric: string) =>
      Array.from(samples).flatMap((one) =>
        one.metric === metric
          ? [Object.fromEntries(definitions.get(metric)?.map((label, at) => [label, one.labels[at]]) ?? [])]
          : [],
      ),
  };
}

describe('vmware_alarm_triggered', () => {
  it('has a series for each of two objects of one name with the same alarm', () => {
    const { of, dropped } = samplesOf('vcenter', [state('alarm-2', 'vm-1'), state('alarm-2', 'vm-2')]);
    expect(of('vmware_alarm_triggered')).toMatchObject([
      { entity: 'web01', entity_id: 'vm-1', alarm: 'Zebra' },
      { entity: 'web01', entity_id: 'vm-2', alarm: 'Zebra' },
    ]);
    expect(dropped).toBe(0);
  });

  it('is left out where a kind that it has names of could not be listed, and its collector fails', () => {
    const { of, merged } = samplesOf('vcenter', [state('alarm-2')], { unlisted: ['alarm'] });
    expect(of('vmware_alarm_triggered')).toEqual([]);
    expect(of('vmware_alarms')).not.toEqual([]);
    expect(merged.collectors).toMatchObject([{ success: false }]);
    expect(merged.warnings).toEqual([]);
  });

  it('is there for what has its names although another kind could not be listed', () => {
    const alarms = [state('alarm-2', 'vm-1'), state('alarm-2', 'network-7')];
    const { of } = samplesOf('vcenter', alarms, { unlisted: ['portgroup'] });
    expect(of('vmware_alarm_triggered')).toMatchObject([{ entity: 'web01' }]);
  });

  it('has the reference of a definition that is gone while the others are listed', () => {
    const { of } = samplesOf('vcenter', [state('alarm-77')]);
    expect(of('vmware_alarm_triggered')).toMatchObject([{ alarm: 'alarm-77' }]);
  });
});

describe('the label alarms', () => {
  it('is the same whatever the order is in which vCenter sends the alarms', () => {
    const alarms = [state('alarm-2'), state('alarm-10')];
    const expected = [{ alarms: 'triggeredAlarm:Apple,triggeredAlarm:Zebra' }];
    expect(samplesOf('vm', alarms).of('vmware_vm_red_alarms')).toMatchObject(expected);
    expect(samplesOf('vm', alarms.toReversed()).of('vmware_vm_red_alarms')).toMatchObject(expected);
  });

  it('is left out with its sample where definitions could not be listed, but not of an object without alarms', () => {
    const unlisted: KindName[] = ['alarm'];
    const { of } = samplesOf('vm', [state('alarm-2')], { unlisted });
    expect(of('vmware_vm_red_alarms')).toEqual([]);
    expect(of('vmware_vm_yellow_alarms')).toMatchObject([{ alarms: 'n/a' }]);
  });

  it('ends behind a whole reference where it would be too long', () => {
    const references = Array.from({ length: 1_000 }, (_, index) => `alarm-${1_000 + index}`);
    const row = ALARMS.find(({ name }) => name === 'vmware_vm_red_alarms');
    const { points = [] } =
      row?.source.evaluate(retrieved({ triggeredAlarmState: references.map((one) => state(one)) })) ?? {};
    const label = points[0]?.labels[0] ?? '';
    expect(points[0]?.value).toBe(1_000);
    expect(label.length).toBeLessThanOrEqual(MAX_LABEL_CHARACTERS);
    expect(label.length).toBeGreaterThan(MAX_LABEL_CHARACTERS - 11);
    expect(label.split(',')).toEqual(references.slice(0, label.split(',').length));
  });
});
