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

const HOST = `${OF_CLUSTER}, host_name=~"$host"`;
const BY_SSH = `${OF_SITE}, hostsystem=~"$host"`;
const ofHost = (name: string, more = '') => `vmware_host_${name}{${HOST}${more}}`;

/** One host, or some. */
export const HOSTS_DASHBOARD: DashboardRow = {
  name: 'host',
  title: 'vsweep / Host',
  variables: [
    ...COMMON,
    { name: 'host', label: 'Host', series: `vmware_host_power_state{${OF_CLUSTER}}`, of: 'host_name' },
  ],
  panels: [
    stat('Connected', `min(${ofHost('connected')})`, { unit: 'bool_yes_no' }),
    stat('In maintenance', `max(${ofHost('maintenance_mode')})`, { unit: 'bool_yes_no' }),
    stat('Shortest uptime', `min(${ofHost('uptime_seconds')})`, { unit: 's' }),
    stat('Machines', `count(vmware_vm_power_state{${HOST}})`),
    stat('CPU usage', `100 * sum(${ofHost('cpu_usage')}) / sum(${ofHost('cpu_max')})`, {
      unit: 'percent',
      limits: [80, 90],
    }),
    stat('Memory usage', `100 * sum(${ofHost('memory_usage')}) / sum(${ofHost('memory_max')})`, {
      unit: 'percent',
      limits: [80, 90],
    }),
    lines('CPU usage', 'percent', [
      `100 * ${ofHost('cpu_usage')} / ${ofHost('cpu_max')}`,
      '{{instance}} {{host_name}}',
    ]),
    lines('Memory usage', 'percent', [
      `100 * ${ofHost('memory_usage')} / ${ofHost('memory_max')}`,
      '{{instance}} {{host_name}}',
    ]),
    // A summation is in milliseconds of 20 s.
    lines('CPU ready, per CPU', 'percent', [
      `${ofHost('cpu_ready_summation')} / 200 / ${ofHost('num_cpu')}`,
      '{{instance}} {{host_name}}',
    ]),
    lines('Memory by balloon', 'deckbytes', [ofHost('mem_vmmemctl_average'), '{{instance}} {{host_name}}']),
    lines(
      'Network',
      'KiBs',
      [ofHost('net_bytesRx_average'), '{{instance}} {{host_name}} received'],
      [ofHost('net_bytesTx_average'), '{{instance}} {{host_name}} sent'],
    ),
    lines(
      'Network errors and drops, in 20 s',
      'short',
      [
        `${ofHost('net_errorsRx_summation')} + ${ofHost('net_errorsTx_summation')}`,
        '{{instance}} {{host_name}} errors',
      ],
      [
        `${ofHost('net_droppedRx_summation')} + ${ofHost('net_droppedTx_summation')}`,
        '{{instance}} {{host_name}} dropped',
      ],
    ),
    lines(
      'Disk',
      'KiBs',
      [ofHost('disk_read_average'), '{{instance}} {{host_name}} read'],
      [ofHost('disk_write_average'), '{{instance}} {{host_name}} written'],
    ),
    lines('Highest disk latency', 'ms', [
      ofHost('disk_maxTotalLatency_latest'),
      '{{instance}} {{host_name}}',
    ]),
    lines('Temperature', 'celsius', [ofHost('sensor_temperature'), '{{instance}} {{host_name}} {{name}}']),
    lines('Power', 'watt', [ofHost('sensor_power_watt'), '{{instance}} {{host_name}} {{name}}']),
    lines('Storage paths', 'short', [
      `sum by (instance, dc_name, host_name, state) (${ofHost('storage_paths')})`,
      '{{instance}} {{host_name}} {{state}}',
    ]),
    lines('Clock', 's', [ofHost('time_offset_seconds'), '{{instance}} {{host_name}}']),
    table(
      'Services that do not run',
      `esxi_critical_service_status{${OF_VCENTER}, site=~"$site", hostsystem=~"$host"} == 0`,
    ),
    table('Configuration issues', `${ofHost('config_issues_by_type')} > 0`),
    table('Adapters without a link', `${ofHost('nic_link_up')} == 0`),
    table(
      'Days until the certificate ends',
      `(${ofHost('certificate_expiry_timestamp_seconds')} - time()) / 86400`,
    ),
    table('Overall status', `esxi_overall_status_info{${BY_SSH}, status!="green"}`),
    table('Hardware', ofHost('hardware_info')),
  ],
};
