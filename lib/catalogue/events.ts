import type { MetricRow } from './row.ts';
import { eventTotals } from './sources/events.ts';

/** Events that were counted since the first run. */
export const EVENTS: readonly MetricRow[] = [
  {
    name: 'vmware_events_total',
    help: 'Events of a type (events.types of the configuration) since the first run that counted it',
    unit: 'total',
    kind: 'vcenter',
    preset: 'vmware_exporter',
    labels: ['type'],
    privilege: 'System.View',
    since: '4.0',
    source: eventTotals,
    noSample: 'in a run that cannot read the state or the events; the next run counts them',
  },
];
