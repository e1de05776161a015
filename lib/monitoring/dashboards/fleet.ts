import {
  COMMON,
  type DashboardRow,
  lines,
  OF_CLUSTER,
  OF_SITE,
  OF_VCENTER,
  stat,
  table,
} from './dashboard.ts';

const share = (used: string, all: string) =>
  `100 * sum by (instance, dc_name, cluster_name) (${used}{${OF_CLUSTER}}) / sum by (instance, dc_name, cluster_name) (${all}{${OF_CLUSTER}})`;

/** All vCenters at a glance. */
export const FLEET: DashboardRow = {
  name: 'fleet',
  title: 'vsweep / Fleet',
  variables: COMMON,
  panels: [
    stat(
      'vCenters listed',
      'count(max by (vcenter) (vsweep_target_up{vcenter=~"$vcenter"}) == 1) or vector(0)',
    ),
    stat('Hosts', `count(vmware_host_power_state{${OF_CLUSTER}})`),
    stat('Not connected', `count(vmware_host_connected{${OF_CLUSTER}} == 0) or vector(0)`, {
      limits: [1, 1],
    }),
    stat('In maintenance', `sum(vmware_host_maintenance_mode{${OF_CLUSTER}})`, { limits: [1, 1_000] }),
    stat('Machines that run', `sum(vmware_vm_power_state{${OF_CLUSTER}})`),
    stat('Red alarms', `sum(vmware_alarms{${OF_VCENTER}, severity="red"})`, { limits: [1, 1] }),
    stat(
      'CPU usage',
      `100 * sum(vmware_host_cpu_usage{${OF_CLUSTER}}) / sum(vmware_host_cpu_max{${OF_CLUSTER}})`,
      {
        unit: 'percent',
        limits: [80, 90],
      },
    ),
    stat(
      'Memory usage',
      `100 * sum(vmware_host_memory_usage{${OF_CLUSTER}}) / sum(vmware_host_memory_max{${OF_CLUSTER}})`,
      {
        unit: 'percent',
        limits: [80, 90],
      },
    ),
    stat(
      'Used space',
      `100 * (1 - sum(vmware_datastore_freespace_size{${OF_VCENTER}}) / sum(vmware_datastore_capacity_size{${OF_VCENTER}}))`,
      { unit: 'percent', limits: [80, 90] },
    ),
    stat('Hosts without ssh', `count(esxi_ssh_up{${OF_SITE}} == 0) or vector(0)`, { limits: [1, 1] }),
    stat('Red hosts', `count(esxi_overall_status{${OF_SITE}} == 0) or vector(0)`, { limits: [1, 1] }),
    stat(
      'hostd stopped',
      `count(esxi_critical_service_status{${OF_VCENTER}, site=~"$site", service="hostd"} == 0) or vector(0)`,
      {
        limits: [1, 1],
      },
    ),
    lines('CPU usage by cluster', 'percent', [
      share('vmware_host_cpu_usage', 'vmware_host_cpu_max'),
      '{{instance}} {{cluster_name}}',
    ]),
    lines('Memory usage by cluster', 'percent', [
      share('vmware_host_memory_usage', 'vmware_host_memory_max'),
      '{{instance}} {{cluster_name}}',
    ]),
    lines('Hosts by site', 'short', [
      `count by (vcenter, site) (esxi_overall_status{${OF_SITE}})`,
      '{{vcenter}} {{site}}',
    ]),
    lines('Machines by cluster', 'short', [
      `sum by (instance, dc_name, cluster_name) (vmware_cluster_vms{${OF_CLUSTER}, power_state="poweredOn"})`,
      '{{instance}} {{cluster_name}}',
    ]),
    table('Triggered alarms', `vmware_alarm_triggered{${OF_VCENTER}} == 1`),
    table('Hosts that are not connected', `vmware_host_connection_state{${OF_CLUSTER}, state!="connected"}`),
    table('Hosts that do not answer by ssh', `esxi_ssh_up{${OF_SITE}} == 0`),
    table('Versions of ESXi', `count by (version, build) (vmware_host_product_info{${OF_CLUSTER}})`),
  ],
};
