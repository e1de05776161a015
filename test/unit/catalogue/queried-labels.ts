/**
 * What the four dashboards and the alert rules of vmware_exporter ask for of what comes from properties: metric -> the
 * labels in their selectors, groupings, legends and variables (pryorda/vmware_exporter 9f9bfaf, dashboards/*.json and
 * alerts/vmware.rules.yml).
 */
export const QUERIED_LABELS: Readonly<Record<string, readonly string[]>> = {
  vmware_host_boot_timestamp_seconds: ['host_name'],
  vmware_host_connection_state: ['cluster_name'],
  vmware_host_cpu_max: ['cluster_name', 'host_name'],
  vmware_host_cpu_usage: ['host_name'],
  vmware_host_hardware_info: ['hardware_cpu_model', 'hardware_model', 'host_name'],
  vmware_host_maintenance_mode: ['cluster_name'],
  vmware_host_memory_max: ['cluster_name', 'host_name'],
  vmware_host_memory_usage: ['cluster_name', 'host_name'],
  vmware_host_num_cpu: ['cluster_name', 'host_name'],
  vmware_host_power_state: ['host_name'],
  vmware_host_product_info: ['build', 'cluster_name', 'host_name', 'version'],
  vmware_vm_boot_timestamp_seconds: ['cluster_name', 'host_name', 'vm_name'],
  vmware_vm_guest_tools_running_status: ['tools_status', 'vm_name'],
  vmware_vm_guest_tools_version: ['tools_version', 'vm_name'],
  vmware_vm_max_cpu_usage: ['vm_name'],
  vmware_vm_memory_max: ['vm_name'],
  vmware_vm_num_cpu: ['vm_name'],
  vmware_vm_power_state: ['vm_name'],
  vmware_vm_snapshot_timestamp_seconds: [],
  vmware_vm_snapshots: [],
  vmware_vm_template: ['vm_name'],
};
