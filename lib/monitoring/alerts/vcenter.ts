import type { Alert } from './alert.ts';

const SHELL = 'the appliance management interface (port 5480)';

/** What is wrong with a vCenter itself. */
export const VCENTER_ALERTS: readonly Alert[] = [
  {
    name: 'VsphereVcenterCertificateExpires',
    expr: ['vmware_vcenter_certificate', 'vmware_vcenter_sts_certificate']
      .map((name) => `${name}_expiry_timestamp_seconds - time() < $certificate_days * 86400`)
      .join(' or '),
    severity: 'critical',
    summary: 'a certificate of the vCenter {{ $labels.instance }} ends in {{ $value | humanizeDuration }}',
    description:
      'The certificate of TLS or of single sign-on (STS). When the certificate of STS has ended, nobody can log in.',
    fires: 'the TLS certificate of a vCenter, or that of its STS, ends in less than $certificate_days days',
    means: 'When the certificate of STS ends, all logins fail, and its renewal is harder than before.',
    lookAt: ['*Administration > Certificate Management* in the vSphere Client'],
    actions: [
      'renew it there; for STS on older versions run `fixsts.sh` of the vendor',
      'plan for a restart of the services',
    ],
  },
  {
    name: 'VsphereVcenterRootCertificateExpires',
    expr: 'vmware_vcenter_root_certificate_expiry_timestamp_seconds - time() < $certificate_days * 86400',
    severity: 'warning',
    summary:
      'a trusted root certificate of the vCenter {{ $labels.instance }} ends in {{ $value | humanizeDuration }}',
    description: 'Renew it if certificates in use are signed by it; an old root that nobody uses is removed.',
    fires: 'a trusted root certificate of a vCenter ends in less than $certificate_days days, or has ended',
    means:
      'Certificates that are signed by it are no longer trusted then. Roots of the past often stay in the store; they do no harm, but they hide one that matters.',
    lookAt: [
      '*Administration > Certificate Management > Trusted Root Certificates* in the vSphere Client',
      'whether the certificates of vCenter, of STS and of hosts are signed by it',
    ],
    actions: [
      'if it is in use: replace it, then renew the certificates that it signed',
      'if it is not: remove it with `dir-cli trustedcert unpublish` on the appliance',
    ],
  },
  {
    name: 'VsphereVcenterClockOff',
    expr: 'abs(vmware_vcenter_time_offset_seconds) > $clock_seconds',
    for: '15m',
    severity: 'warning',
    summary: 'the clock of the vCenter {{ $labels.instance }} is wrong by {{ $value | humanizeDuration }}',
    description:
      'Single sign-on refuses tokens when clocks differ. It is compared with the clock of the machine that runs vsweep.',
    fires:
      'the clock of a vCenter differs from that of the machine of vsweep by more than $clock_seconds seconds for 15 minutes',
    means: 'Logins fail when clocks differ by minutes. If hosts fire as well, the clock of vsweep is wrong.',
    lookAt: [`*Time* in ${SHELL}`, 'the clock of the machine of vsweep'],
    actions: ['set the same NTP servers for vCenter, hosts and vsweep'],
  },
  {
    name: 'VsphereVcenterTaskStuck',
    expr: 'vmware_task_oldest_seconds > $task_hours * 3600',
    severity: 'warning',
    summary: 'a task of the vCenter {{ $labels.instance }} runs or waits for {{ $value | humanizeDuration }}',
    description: 'Tasks that do not end hold locks on machines and datastores.',
    fires: 'a task of a vCenter runs or waits for more than $task_hours hours',
    means: 'A task hangs, often one of a backup or a migration.',
    lookAt: ['*Recent Tasks* with all users, sorted by their start'],
    actions: ['cancel the task; if it stays, restart vpxa on the host that it runs on'],
  },
  {
    name: 'VsphereAlarmRed',
    expr: 'vmware_alarm_triggered{severity="red", acknowledged="false"} == 1',
    for: '10m',
    severity: 'warning',
    summary: '{{ $labels.alarm }} is red on {{ $labels.entity_type }} {{ $labels.entity }}',
    description: 'An alarm of vCenter that nobody has acknowledged.',
    fires: 'an alarm of vCenter is red and not acknowledged for 10 minutes',
    means: 'vCenter itself found a fault.',
    lookAt: ['the alarm at the object in the vSphere Client'],
    actions: ['remove the cause; acknowledge an alarm that somebody works on'],
  },
  {
    name: 'VsphereVcenterUnhealthy',
    // Updates that wait make software-packages red.
    expr: 'vmware_vcenter_healthy{component!="software-packages"} == 0',
    for: '15m',
    severity: 'warning',
    summary: '{{ $labels.component }} of the vCenter {{ $labels.instance }} is not healthy',
    description: `*Summary* in ${SHELL} says why.`,
    fires: 'a component of the vCenter appliance is not green for 15 minutes',
    means: 'Storage, memory, load, or the database of the appliance is short.',
    lookAt: [`*Summary* and *Monitor* in ${SHELL}`, '`vmware_vcenter_health_state` of the component'],
    actions: [
      'for storage: enlarge the disk that is full, or delete old logs',
      'for load and memory: give the appliance more',
    ],
  },
  {
    name: 'VsphereVcenterServiceDown',
    expr: 'vmware_vcenter_service_running{startup_type="AUTOMATIC"} == 0',
    for: '10m',
    severity: 'critical',
    summary: 'the service {{ $labels.service }} of the vCenter {{ $labels.instance }} does not run',
    description: 'It is set to start with the appliance.',
    fires: 'a service of the appliance that starts by itself does not run for 10 minutes',
    means: 'A part of vCenter is not there.',
    lookAt: [
      `*Services* in ${SHELL}`,
      'free space of the appliance',
      '`/var/log/vmware/<service>` on the appliance',
    ],
    actions: ['`service-control --start <service>` on the appliance'],
  },
  {
    name: 'VsphereVcenterBackupFailed',
    expr: 'vmware_vcenter_backup_last_job_failed == 1',
    severity: 'warning',
    summary: 'the last backup of the vCenter {{ $labels.instance }} failed',
    description: `*Backup* in ${SHELL} has its message.`,
    fires: 'the last backup job of the appliance failed',
    means: 'After a loss of the appliance an older state is restored.',
    lookAt: [`*Backup > Activity* in ${SHELL}`, 'space and password of the backup server'],
    actions: ['remove the cause, then *Backup Now*'],
  },
  {
    name: 'VsphereVcenterBackupOld',
    expr: 'time() - vmware_vcenter_backup_last_success_timestamp_seconds > $backup_days * 86400',
    severity: 'warning',
    summary: 'the last backup of the vCenter {{ $labels.instance }} is {{ $value | humanizeDuration }} old',
    description: 'No backup job succeeded since then.',
    fires: 'the last successful backup of the appliance is older than $backup_days days',
    means: 'The schedule is off, or its jobs fail.',
    lookAt: [`*Backup* in ${SHELL}`, '`vmware_vcenter_backup_schedules`'],
    actions: ['switch the schedule on, and run a backup now'],
  },
  {
    name: 'VsphereVcenterRootPasswordExpires',
    expr: 'vmware_vcenter_root_password_expiry_timestamp_seconds - time() < $certificate_days * 86400',
    severity: 'warning',
    summary:
      'the password of root of the vCenter {{ $labels.instance }} ends in {{ $value | humanizeDuration }}',
    description: 'After its end nobody can log in to the appliance, and some updates fail.',
    fires: 'the password of root of the appliance ends in less than $certificate_days days',
    means: 'Backups, updates and the management interface need that account.',
    lookAt: [`*Administration* in ${SHELL}`],
    actions: ['change the password there, or set it to not expire'],
  },
];
