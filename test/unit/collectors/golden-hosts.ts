import type { PropertyValue } from '../../../lib/vsphere/property/retrieved-object.ts';
import { type HostSubject, itemOf, retrieved, withServices } from './subjects.ts';

const service = (key: string, running: boolean) => ({ key, label: key, running: String(running) });

/** What a healthy host reads as; a new collector's properties are added here. */
const HEALTHY: Readonly<Record<string, PropertyValue>> = {
  name: 'esx',
  overallStatus: 'green',
  'runtime.connectionState': 'connected',
  'runtime.powerState': 'poweredOn',
  'runtime.inMaintenanceMode': false,
  'config.service': { service: [service('TSM-SSH', true), service('ntpd', true), service('vpxa', true)] },
};

const host = (name: string, differences: Record<string, PropertyValue> = {}): HostSubject => ({
  item: itemOf(name),
  object: retrieved({ ...HEALTHY, ...differences }),
});

/**
 * The hosts of the golden files. Between them they are in each state that a collector tells apart; a property that is
 * missing is not among these, because a golden file cannot show what is not there.
 */
export const GOLDEN_HOSTS: readonly HostSubject[] = [
  {
    ...host('esx01.example.org'),
    ...withServices('esx01.example.org', {
      hostd: 'running',
      vpxa: 'stopped',
      'nsx-opsagent': 'running',
      nsxa: 'absent',
      SSH: 'unknown',
    }),
  },
  {
    ...host('esx02.example.org', { overallStatus: 'yellow', 'runtime.inMaintenanceMode': true }),
    ...withServices('esx02.example.org', { hostd: 'stopped' }),
  },
  host('esx03.example.org', {
    overallStatus: 'red',
    'config.service': { service: [service('TSM-SSH', false), service('ntpd', false)] },
  }),
  host('esx04.example.org', { overallStatus: 'gray', 'runtime.connectionState': 'notResponding' }),
];
