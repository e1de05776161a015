import type { PropertyValue } from '../vsphere/property/retrieved-object.ts';
import { subtypeOf } from '../vsphere/property/value-builder.ts';
import { fieldOf, listOf, textOf } from '../vsphere/property/value-fields.ts';
import type { MetricRow } from './row.ts';
import { length } from './sources/conversions.ts';
import { optional } from './sources/property.ts';

const PATH = 'configIssue';

/**
 * `esx.problem.…` of an EventEx, which names its type in a field; of another event the name of its class. Neither has the
 * name of an object or a time in it, so the label does not change while the issue lasts.
 */
const typeOf = (event: PropertyValue): string =>
  textOf(fieldOf(event, 'eventTypeId')) ?? subtypeOf(event) ?? 'Event';

/** The issues that vCenter shows on the summary page of an object (ManagedEntity.configIssue): in all, and by type. */
export const configIssues = (kind: 'host' | 'cluster'): readonly MetricRow[] => {
  const base = { kind, preset: 'vmware_exporter', privilege: 'System.Read', since: '2.0' } as const;
  return [
    {
      ...base,
      name: `vmware_${kind}_config_issues`,
      help: `Number of configuration issues that vCenter shows for the ${kind}`,
      unit: 'number',
      // vCenter sends an empty array for none; unset is the same.
      source: optional(PATH, length, [{ labels: [], value: 0 }]),
      labels: [],
      noSample: 'when it cannot be read',
    },
    {
      ...base,
      name: `vmware_${kind}_config_issues_by_type`,
      help: `Number of configuration issues of the ${kind}, by type of event, such as HostNoRedundantManagementNetworkEvent`,
      unit: 'number',
      source: optional(PATH, {
        as: 'array',
        toPoints: (value) =>
          Array.isArray(value)
            ? Array.from(Map.groupBy(listOf(value), typeOf), ([type, events]) => ({
                labels: [type],
                value: events.length,
              }))
            : undefined,
        expected: 'arrays',
      }),
      labels: ['type'],
      noSample: 'of a type without an issue; when it cannot be read',
    },
  ];
};
