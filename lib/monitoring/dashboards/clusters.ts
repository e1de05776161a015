import { COMMON, type DashboardRow, lines, OF_CLUSTER, stat, table } from './dashboard.ts';

const ofCluster = (name: string, more = '') => `vmware_cluster_${name}{${OF_CLUSTER}${more}}`;

/** One cluster, or some. */
export const CLUSTERS_DASHBOARD: DashboardRow = {
  name: 'cluster',
  title: 'vsweep / Cluster',
  variables: COMMON,
  panels: [
    stat('Clusters', `count(${ofCluster('cpu_limit_mhz')})`),
    stat('Hosts that are usable', `sum(${ofCluster('hosts', ', effective="true"')})`),
    stat('Hosts that are not', `sum(${ofCluster('hosts', ', effective="false"')})`, { limits: [1, 1_000] }),
    stat('Machines that run', `sum(${ofCluster('vms', ', power_state="poweredOn"')})`),
    stat('Without vSphere HA', `count(${ofCluster('ha_enabled')} == 0) or vector(0)`, { limits: [1, 1] }),
    stat('Without DRS', `count(${ofCluster('drs_enabled')} == 0) or vector(0)`, { limits: [1, 1_000] }),
    lines('CPU usage', 'percent', [
      `100 * sum by (instance, dc_name, cluster_name) (vmware_host_cpu_usage{${OF_CLUSTER}}) / sum by (instance, dc_name, cluster_name) (${ofCluster('cpu_effective_mhz')} > 0)`,
      '{{instance}} {{cluster_name}}',
    ]),
    lines('Memory usage', 'percent', [
      `100 * 2^20 * sum by (instance, dc_name, cluster_name) (vmware_host_memory_usage{${OF_CLUSTER}}) / sum by (instance, dc_name, cluster_name) (${ofCluster('memory_effective_bytes')} > 0)`,
      '{{instance}} {{cluster_name}}',
    ]),
    lines(
      'CPU',
      'rotmhz',
      [ofCluster('cpu_limit_mhz'), '{{instance}} {{cluster_name}} all'],
      [ofCluster('cpu_effective_mhz'), '{{instance}} {{cluster_name}} usable'],
    ),
    lines(
      'Memory',
      'bytes',
      [ofCluster('memory_limit_bytes'), '{{instance}} {{cluster_name}} all'],
      [ofCluster('memory_effective_bytes'), '{{instance}} {{cluster_name}} usable'],
    ),
    lines('Virtual machines', 'short', [ofCluster('vms'), '{{instance}} {{cluster_name}} {{power_state}}']),
    lines('Hosts that may fail', 'short', [
      ofCluster('ha_current_failover_level'),
      '{{instance}} {{cluster_name}}',
    ]),
    lines('DRS score', 'percent', [ofCluster('drs_score'), '{{instance}} {{cluster_name}}']),
    lines('Imbalance', 'short', [ofCluster('drs_imbalance'), '{{instance}} {{cluster_name}} {{kind}}']),
    lines('Resource pools: CPU usage, top 10', 'rotmhz', [
      `topk(10, vmware_resource_pool_cpu_usage_mhz{${OF_CLUSTER}})`,
      '{{instance}} {{cluster_name}} {{resource_pool}}',
    ]),
    lines('Resource pools: memory of guests, top 10', 'bytes', [
      `topk(10, vmware_resource_pool_memory_usage_bytes{${OF_CLUSTER}, type="guest"})`,
      '{{instance}} {{cluster_name}} {{resource_pool}}',
    ]),
    table('Configuration issues', `${ofCluster('config_issues_by_type')} > 0`),
    table('Automation of DRS', `${ofCluster('drs_automation_mode')} == 1`),
  ],
};
