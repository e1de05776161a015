import { COMMON, type DashboardRow, lines, OF_VCENTER, stat, table } from './dashboard.ts';

const ofVcenter = (name: string, more = '') => `vmware_vcenter_${name}{${OF_VCENTER}${more}}`;
const days = (series: string) => `(${series} - time()) / 86400`;

/** The vCenters themselves. */
export const VCENTER_DASHBOARD: DashboardRow = {
  name: 'vcenter',
  title: 'vsweep / vCenter',
  variables: COMMON,
  panels: [
    stat('vCenters', `count(${ofVcenter('info')})`),
    stat('Red alarms', `sum(vmware_alarms{${OF_VCENTER}, severity="red"})`, { limits: [1, 1] }),
    stat('Yellow alarms', `sum(vmware_alarms{${OF_VCENTER}, severity="yellow"})`, { limits: [1, 1_000] }),
    stat('Tasks under way', `sum(vmware_tasks{${OF_VCENTER}})`),
    stat(
      'Services that are down',
      `count(${ofVcenter('service_running', ', startup_type="AUTOMATIC"')} == 0) or vector(0)`,
      { limits: [1, 1] },
    ),
    stat(
      'Days since the last backup',
      `max(time() - ${ofVcenter('backup_last_success_timestamp_seconds')}) / 86400`,
      { limits: [2, 3] },
    ),
    lines('Alarms', 'short', [
      `sum by (instance, severity) (vmware_alarms{${OF_VCENTER}})`,
      '{{instance}} {{severity}}',
    ]),
    lines('Alarms by object', 'short', [
      `sum by (instance, entity_type) (vmware_alarms{${OF_VCENTER}})`,
      '{{instance}} {{entity_type}}',
    ]),
    lines('Clock', 's', [ofVcenter('time_offset_seconds'), '{{instance}}']),
    lines('Tasks', 'short', [`vmware_tasks{${OF_VCENTER}}`, '{{instance}} {{state}}']),
    lines('Events in an hour', 'short', [
      `increase(vmware_events_total{${OF_VCENTER}}[1h])`,
      '{{instance}} {{type}}',
    ]),
    lines('Healthy components', 'short', [`sum by (instance) (${ofVcenter('healthy')})`, '{{instance}}']),
    table('Triggered alarms', `vmware_alarm_triggered{${OF_VCENTER}} == 1`),
    table(
      'Days until a certificate ends',
      `${days(ofVcenter('certificate_expiry_timestamp_seconds'))} or ${days(ofVcenter('sts_certificate_expiry_timestamp_seconds'))} or ${days(ofVcenter('root_certificate_expiry_timestamp_seconds'))}`,
    ),
    table('Health of components', `${ofVcenter('health_state')} == 1`),
    table('Services', ofVcenter('service_running')),
    table('Version', ofVcenter('info')),
  ],
};
