import type { MetricRow, Point } from './row.ts';
import { ofVsan } from './sources/vsan.ts';

const CLUSTER = {
  kind: 'cluster',
  preset: 'vmware_exporter',
  privilege: 'System.Read',
  labels: [],
  since: '6.7',
  noSample: 'of a cluster without vSAN; when the vSAN service does not answer',
} as const;

const HEALTHS = ['green', 'yellow', 'red', 'unknown'] as const;
/** As of `esxi_overall_status`; `info` is a check that an operator silenced or that only informs. */
const VALUE_OF: Readonly<Record<string, number>> = { green: 2, info: 2, yellow: 1, red: 0 };

const says = (points: readonly Point[]) => ({ points, warnings: [] });
const amount = (value: number | undefined, ...labels: string[]): readonly Point[] =>
  value === undefined ? [] : [{ labels, value }];
const colour = (labels: readonly string[], health: string): readonly Point[] => {
  const value = VALUE_OF[health];
  return value === undefined ? [] : [{ labels, value }];
};

/** vSAN of each cluster that has it. */
export const VSAN: readonly MetricRow[] = [
  {
    ...CLUSTER,
    name: 'vmware_vsan_cluster_health',
    help: 'Whether the overall health of vSAN is this: green, yellow, red or unknown',
    unit: 'boolean',
    labels: ['status'],
    source: ofVsan('health', ({ overall }) => {
      const known = HEALTHS.find((one) => one === overall) ?? 'unknown';
      return says(HEALTHS.map((one) => ({ labels: [one], value: one === known ? 1 : 0 })));
    }),
  },
  {
    ...CLUSTER,
    name: 'vmware_vsan_health_group',
    help: 'Health of a group of checks of vSAN: 2 green, 1 yellow, 0 red',
    unit: 'number',
    labels: ['group'],
    source: ofVsan('health', ({ groups }) => says(groups.flatMap(({ id, health }) => colour([id], health)))),
    noSample: 'of a group that was skipped or is unknown; of a cluster without vSAN',
  },
  {
    ...CLUSTER,
    name: 'vmware_vsan_health_test',
    help: 'Result of a check of vSAN: 2 green, 1 yellow, 0 red',
    unit: 'number',
    labels: ['group', 'test'],
    source: ofVsan('health', ({ groups }) =>
      says(groups.flatMap(({ id, tests }) => tests.flatMap((test) => colour([id, test.id], test.health)))),
    ),
    noSample: 'of a check that was skipped or is unknown; of a cluster without vSAN',
  },
  {
    ...CLUSTER,
    name: 'vmware_vsan_capacity_bytes',
    help: 'Space of the vSAN datastore: total and free, in bytes',
    unit: 'bytes',
    labels: ['kind'],
    source: ofVsan('space', ({ total, free }) => says([...amount(total, 'total'), ...amount(free, 'free')])),
  },
  {
    ...CLUSTER,
    name: 'vmware_vsan_resync_bytes',
    help: 'Data that vSAN still has to copy, in bytes',
    unit: 'bytes',
    source: ofVsan('resync', ({ bytes }) => says(amount(bytes))),
  },
  {
    ...CLUSTER,
    name: 'vmware_vsan_resync_objects',
    help: 'Objects of vSAN of which data is still to be copied',
    unit: 'number',
    source: ofVsan('resync', ({ objects }) => says(amount(objects))),
  },
];
