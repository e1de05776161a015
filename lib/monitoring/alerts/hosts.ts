import type { Alert } from './alert.ts';

/** Nobody is woken for a host that somebody works on. */
const NOT_IN_MAINTENANCE = ' unless on (instance, host_name, dc_name) vmware_host_maintenance_mode == 1';

/** Distributed Power Management switches hosts off that are not needed, and on again. */
const NOT_IN_STANDBY = ' unless on (instance, host_name, dc_name) vmware_host_standby_mode == 1';

/** What is wrong with hosts. */
export const HOST_ALERTS: readonly Alert[] = [
  {
    name: 'EsxiHostdDown',
    // esxi-exporter's own alert, unchanged. A host that does not answer by ssh has no sample: see VsweepHostsFailed.
    expr: "max_over_time(esxi_critical_service_status{service='hostd'}[10m]) == 0",
    severity: 'critical',
    summary: 'hostd on {{ $labels.hostsystem }} is not running',
    description:
      'No run found it running for ten minutes (site {{ $labels.site }}). On the host: /etc/init.d/hostd status',
    fires: "no run of the last ten minutes found hostd running; esxi-exporter's own alert",
    means:
      'vCenter shows such a host as not responding. Its virtual machines keep running, and cannot be managed.',
    lookAt: ['`/etc/init.d/hostd status` and `/var/log/hostd.log` on the host'],
    actions: [
      'log in to the host and run `/etc/init.d/hostd restart`',
      'if it stops again, move the virtual machines and open a case',
    ],
  },
  {
    name: 'EsxiOverallStatusRed',
    expr: 'esxi_overall_status == 0',
    for: '10m',
    severity: 'warning',
    summary: 'the overall status of {{ $labels.hostsystem }} is red in {{ $labels.vcenter }}',
    description: "The host's triggered alarms in vCenter show the cause.",
    fires: '`esxi_overall_status` is 0 for 10 minutes',
    means: 'An alarm of vCenter is red on the host.',
    lookAt: ['the triggered alarms of the host in vCenter; `vmware_alarm_triggered` has them as series'],
    actions: ['remove the cause of the alarm; reset the alarm if it stays'],
  },
  {
    name: 'VsphereHostDisconnected',
    expr: `vmware_host_connected == 0${NOT_IN_MAINTENANCE}${NOT_IN_STANDBY}`,
    for: '$disconnected_for',
    severity: 'critical',
    summary: 'vCenter has lost the host {{ $labels.host_name }} (cluster {{ $labels.cluster_name }})',
    description:
      'It is disconnected or not responding, and neither in maintenance nor in standby. `vmware_host_connection_state` says which.',
    fires:
      'a host that is neither in maintenance nor in standby is not connected to vCenter for $disconnected_for',
    means: 'vCenter cannot manage the host and knows nothing new of it. Its virtual machines may run or not.',
    lookAt: [
      'whether the host answers a ping, and ssh (`esxi_ssh_up`)',
      '`esxi_critical_service_status` of hostd and vpxa',
      'power and console by its management board',
    ],
    actions: [
      'if it answers: restart vpxa and hostd on it, then *Connect* in the vSphere Client',
      'if it does not: look at its console, and let vSphere HA restart its machines',
    ],
  },
  {
    name: 'VsphereHostCertificateExpires',
    expr: 'vmware_host_certificate_expiry_timestamp_seconds - time() < $certificate_days * 86400',
    severity: 'warning',
    summary: 'the certificate of {{ $labels.host_name }} ends in {{ $value | humanizeDuration }}',
    description: 'vCenter disconnects a host whose certificate has ended. Renew it in the vSphere Client.',
    fires: 'the TLS certificate of a host ends in less than $certificate_days days',
    means: 'When it ends, vCenter loses the host.',
    lookAt: ['*Configure > System > Certificate* of the host in the vSphere Client'],
    actions: [
      '*Certificates > Renew Certificate* in the menu of the host; for own certificates, replace `/etc/vmware/ssl/rui.crt`',
    ],
  },
  {
    name: 'VsphereHostHaBroken',
    expr: `vmware_host_ha_connected == 0${NOT_IN_MAINTENANCE}${NOT_IN_STANDBY}`,
    for: '10m',
    severity: 'critical',
    summary: 'the vSphere HA agent of {{ $labels.host_name }} is not connected to its master',
    description:
      'If the host fails, its machines may not be restarted. `vmware_host_ha_state` says what is wrong.',
    fires: 'the vSphere HA agent of a host is neither master nor connected to it for 10 minutes',
    means: 'vSphere HA does not protect the virtual machines of this host.',
    lookAt: [
      '`vmware_host_ha_state` of the host: isolated, partitioned, or an error of its agent',
      '`/var/log/fdm.log` on the host',
    ],
    actions: [
      'if it is isolated or partitioned: mend the management network',
      'otherwise: *Reconfigure for vSphere HA* in the menu of the host',
    ],
  },
  {
    name: 'VsphereHostPathsDead',
    expr: 'vmware_host_storage_paths{state="dead"} > 0',
    for: '10m',
    severity: 'warning',
    summary: '{{ $value }} storage paths of {{ $labels.host_name }} are dead',
    description:
      'The host has fewer ways to its storage, or none. *Storage Adapters > Paths* of the host shows which.',
    fires: 'a storage path of a host is dead for 10 minutes',
    means: 'Redundancy is lost; with the last path the datastore is.',
    lookAt: [
      '*Configure > Storage Adapters > Paths* of the host',
      'whether several hosts lost the same target: then look at the array or the fabric',
    ],
    actions: ['replace the cable, the SFP or the adapter, or mend the zone', '*Rescan Storage* on the host'],
  },
  {
    name: 'VsphereHostNicDown',
    // All samples of the last hours, and one each three hours before them: all of a week would be more samples than
    // Prometheus takes for one query (50 million) where there are ten thousand hosts.
    expr: `(vmware_host_nic_link_up == 0 and on (instance, host_name, dc_name, nic) (max_over_time(vmware_host_nic_link_up[3h]) == 1 or max_over_time(vmware_host_nic_link_up[$link_memory:3h]) == 1))${NOT_IN_MAINTENANCE}`,
    for: '10m',
    severity: 'warning',
    summary: '{{ $labels.nic }} of {{ $labels.host_name }} has lost its link',
    description: 'It had one in the last $link_memory. An adapter that never had a link does not fire.',
    fires: 'a network adapter that had a link in the last $link_memory has none for 10 minutes',
    means: 'Redundancy of an uplink is lost.',
    lookAt: ['*Configure > Physical adapters* of the host', 'the port of the switch'],
    actions: [
      'replace the cable or the SFP, or enable the port',
      'the alert ends $link_memory after the last link also without a repair; `vmware_host_nic_link_up == 0` shows the adapter still',
    ],
  },
  {
    name: 'VsphereHostClockOff',
    expr: 'abs(vmware_host_time_offset_seconds) > $clock_seconds',
    for: '15m',
    severity: 'warning',
    summary: 'the clock of {{ $labels.host_name }} is wrong by {{ $value | humanizeDuration }}',
    description:
      'Logins, certificates and logs need the right time. It is compared with the clock of the machine that runs vsweep.',
    fires:
      'the clock of a host differs from that of the machine of vsweep by more than $clock_seconds seconds for 15 minutes',
    means:
      'Single sign-on, vSAN and logs need equal clocks. If all hosts fire, the clock of vsweep is wrong.',
    lookAt: [
      '`vmware_host_time_synchronized` and `vmware_host_ntp_servers` of the host',
      'the clock of the machine of vsweep',
    ],
    actions: ['correct *Configure > Time Configuration* of the host, and start ntpd'],
  },
  {
    name: 'VsphereHostSensorRed',
    expr: 'vmware_host_sensor_state == 0',
    for: '10m',
    severity: 'warning',
    summary: 'the sensor {{ $labels.name }} of {{ $labels.host_name }} is red',
    description: 'The hardware reports a fault. *Monitor > Hardware Health* of the host shows it.',
    fires: 'a hardware sensor of a host is red for 10 minutes',
    means: 'A part of the hardware has failed, or its sensor has.',
    lookAt: ['*Monitor > Hardware Health* of the host', 'the event log of its management board'],
    actions: [
      'replace the part; put the host into maintenance first if it is a memory module, a CPU or the last fan',
      'for a wrong reading: update the firmware, then *Reset sensors*',
    ],
  },
  {
    name: 'VsphereHostCpuHigh',
    expr: '100 * vmware_host_cpu_usage / vmware_host_cpu_max > $load_percent',
    for: '$load_for',
    severity: 'warning',
    summary: '{{ $labels.host_name }} uses {{ printf "%.0f" $value }} % of its CPU',
    description: 'Its virtual machines wait for processors. `vmware_vm_cpu_ready_summation` shows which.',
    fires: 'a host uses more than $load_percent % of its CPU for $load_for',
    means: 'Virtual machines wait for a processor.',
    lookAt: [
      '`topk(5, vmware_vm_cpu_usage_mhz{host_name="…"})`',
      '`vmware_vm_cpu_ready_summation / 200`, which is in percent of one CPU',
      'whether DRS is on (`vmware_cluster_drs_enabled`)',
    ],
    actions: ['move virtual machines, or let DRS do it', 'find out why a machine uses more than before'],
  },
  {
    name: 'VsphereHostMemoryHigh',
    expr: '100 * vmware_host_memory_usage / vmware_host_memory_max > $load_percent',
    for: '$load_for',
    severity: 'warning',
    summary: '{{ $labels.host_name }} uses {{ printf "%.0f" $value }} % of its memory',
    description:
      'Soon it takes memory back by ballooning and swapping. `vmware_vm_memory_ballooned_bytes` shows from which machines.',
    fires: 'a host uses more than $load_percent % of its memory for $load_for',
    means: 'The host will take memory from virtual machines, which makes them slow.',
    lookAt: [
      '`topk(5, vmware_vm_guest_memory_usage_bytes{host_name="…"})`',
      '`vmware_vm_memory_ballooned_bytes` and `vmware_vm_memory_swapped_bytes`',
    ],
    actions: ['move virtual machines, or let DRS do it', 'add a host, or give machines less memory'],
  },
  {
    name: 'VsphereHostConfigIssue',
    expr: `vmware_host_config_issues > 0${NOT_IN_MAINTENANCE}`,
    for: '15m',
    severity: 'warning',
    summary: 'vCenter shows {{ $value }} configuration issues of {{ $labels.host_name }}',
    description: '`vmware_host_config_issues_by_type` names them; so does the summary page of the host.',
    fires: 'vCenter shows a configuration issue of a host for 15 minutes',
    means:
      'vCenter found something that should not be so, such as one management network without redundancy.',
    lookAt: ['`vmware_host_config_issues_by_type` of the host, or its summary page'],
    actions: ['remove the cause; an issue that is meant so can be suppressed on the summary page'],
  },
];
