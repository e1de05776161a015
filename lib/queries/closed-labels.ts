import { USER_CLASSES } from '../catalogue/sources/vcenter.ts';
import { COLLECTORS } from '../collectors/registry.ts';
import { KINDS } from '../inventory/kinds.ts';
import { MATCHED_BY } from '../netbox/match-hosts.ts';
import { FAILED_REASONS, PATHS, SKIPPED_REASONS } from '../sweep/outcome.ts';

/** The values that a label can have, where they are a closed set. */
export type ClosedLabels = Readonly<Record<string, readonly string[]>>;

const OUTCOMES = ['ok', 'failed', 'skipped'];
const REASONS = ['', ...FAILED_REASONS, ...SKIPPED_REASONS];
const COLOURS = ['green', 'yellow', 'red', 'gray'];
const SEVERITIES = ['yellow', 'red'];
const KIND_NAMES = KINDS.map(({ name }) => name as string).filter((name) => name !== 'alarm');
const COLLECTOR_NAMES = COLLECTORS.map(({ name }) => name);
const DIRECTION: ClosedLabels = { direction: ['received', 'transmitted'] };
const ACCESS: ClosedLabels = { direction: ['read', 'write'] };
const TRUE_FALSE = ['true', 'false'];

/**
 * By metric, those that its source does not tell. The words of enumerations are those of the vSphere API:
 * HostSystemConnectionState, HostStandbyMode, DatastoreSummaryMaintenanceModeState, VirtualMachineToolsStatus,
 * VirtualMachineToolsVersionStatus, VirtualMachinePowerState; of the appliance those of its REST API, by lib/catalogue/appliance.ts.
 */
export const CLOSED_LABELS: Readonly<Record<string, ClosedLabels>> = {
  vmware_host_connection_state: { state: ['connected', 'disconnected', 'notResponding'] },
  vmware_host_standby_mode: { standby_mode_state: ['entering', 'exiting', 'in', 'none', 'unknown'] },
  vmware_datastore_maintenance_mode: {
    mode: ['normal', 'enteringMaintenance', 'inMaintenance', 'unknown'],
  },
  vmware_vm_guest_tools_running_status: {
    tools_status: ['toolsNotInstalled', 'toolsNotRunning', 'toolsOld', 'toolsOk'],
  },
  vmware_vm_guest_tools_version_status: {
    tools_version_status: [
      'guestToolsNotInstalled',
      'guestToolsNeedUpgrade',
      'guestToolsCurrent',
      'guestToolsUnmanaged',
      'guestToolsTooOld',
      'guestToolsSupportedOld',
      'guestToolsSupportedNew',
      'guestToolsTooNew',
      'guestToolsBlacklisted',
    ],
  },
  vmware_cluster_hosts: { effective: TRUE_FALSE },
  vmware_cluster_vms: { power_state: ['poweredOn', 'poweredOff', 'suspended'] },
  vmware_cluster_ha_failover_resources_percent: { resource: ['cpu', 'memory'] },
  vmware_cluster_drs_imbalance: { kind: ['current', 'target'] },
  vmware_resource_pool_memory_usage_bytes: { type: ['guest', 'host', 'overhead'] },
  vmware_vcenter_certificate_expiry_timestamp_seconds: { kind: ['tls'] },
  vmware_vcenter_sessions: { user_class: USER_CLASSES },
  vmware_vcenter_session_calls: { user_class: USER_CLASSES },
  vmware_vcenter_health_state: { state: ['green', 'yellow', 'orange', 'red', 'gray'] },
  vmware_vcenter_backup_last_job_state: { state: ['PENDING', 'RUNNING', 'BLOCKED', 'SUCCEEDED', 'FAILED'] },
  vmware_vcenter_backup_schedules: { enabled: TRUE_FALSE },
  vmware_vcenter_service_state: { state: ['STARTED', 'STARTING', 'STOPPED', 'STOPPING'] },
  vmware_vcenter_service_health_state: { health: ['HEALTHY', 'HEALTHY_WITH_WARNINGS', 'DEGRADED'] },
  vmware_vcenter_time_sync_mode: { mode: ['NTP', 'HOST', 'DISABLED'] },
  vmware_tasks: { state: ['queued', 'running'] },
  vmware_alarm_triggered: {
    entity_type: [...KIND_NAMES, 'other'],
    severity: SEVERITIES,
    acknowledged: TRUE_FALSE,
  },
  vmware_alarms: { entity_type: [...KIND_NAMES, 'other'], severity: SEVERITIES },
  esxi_overall_status_info: { status: COLOURS },
  esxi_service_state: { state: ['running', 'stopped', 'absent', 'unknown'] },
  esxi_online_state: { origin: ['ssh_connection', 'vcenter', 'netbox'] },
  vcenter_cluster_host_count: { effective: TRUE_FALSE },
  vcenter_cluster_vm_count: { power_state: ['on', 'off', 'suspended', 'unknown'] },
  vcenter_datastore_disk_usage_bytes: { disk_state: ['used', 'available'] },
  vcenter_vm_disk_usage_bytes: { disk_state: ['used', 'available'] },
  vcenter_resource_pool_memory_usage_mebibytes: { type: ['guest', 'host', 'overhead'] },
  vcenter_host_disk_latency_avg_milliseconds: ACCESS,
  vcenter_host_disk_throughput: ACCESS,
  vcenter_vm_disk_latency_avg_milliseconds: { ...ACCESS, disk_type: ['virtual'] },
  vcenter_vm_disk_throughput: ACCESS,
  vcenter_host_network_packet_error_rate: { ...DIRECTION, object: [''] },
  vcenter_host_network_packet_rate: DIRECTION,
  vcenter_host_network_throughput: { ...DIRECTION, object: [''] },
  vcenter_host_network_usage: { object: [''] },
  vcenter_vm_network_packet_drop_rate: DIRECTION,
  vcenter_vm_network_packet_rate: DIRECTION,
  vcenter_vm_network_throughput_bytes_per_sec: { ...DIRECTION, object: [''] },
  vcenter_vm_network_throughput_bytes_per_second: { ...DIRECTION, object: [''] },
  vsweep_hosts: { path: PATHS, outcome: OUTCOMES, reason: REASONS },
  vsweep_objects: { kind: KINDS.map(({ name }) => name), path: PATHS, outcome: OUTCOMES, reason: REASONS },
  vsweep_netbox_hosts: { match: [...MATCHED_BY, 'none'] },
  vsweep_collector_success: { collector: COLLECTOR_NAMES },
  vsweep_collector_duration_seconds: { collector: COLLECTOR_NAMES },
  vsweep_polls_total: { outcome: ['ok', 'failed'] },
};
