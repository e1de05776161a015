import type { Alert } from './alert.ts';

const LOG = "vsweep's log, and `vsweep status`";

/** Whether vsweep itself works, in both wirings: scraped, and pushed to a Pushgateway. */
export const VSWEEP_ALERTS: readonly Alert[] = [
  {
    name: 'VsweepDown',
    // Only a scrape that had series of vsweep; a Pushgateway has other labels. What was remembered ends with the alert.
    expr: 'up == 0 and on (job, instance) last_over_time(vsweep_sweep_interval_seconds[$down_memory])',
    for: '5m',
    severity: 'critical',
    summary: 'vsweep does not answer at {{ $labels.instance }} (job {{ $labels.job }})',
    description:
      'Its series are gone from Prometheus, and no other alert on them can fire. Check that `vsweep run` is up.',
    fires: 'Prometheus cannot scrape a vsweep for 5 minutes that it scraped before',
    means:
      '`/metrics` of `vsweep run` is not reachable. All series of its targets are missing, so a fault of a host is not noticed.',
    lookAt: [
      '`systemctl status vsweep` and its log on the machine',
      'firewall and address between Prometheus and `exporter.listen`',
      'with `textfile`: whether node_exporter runs, which serves the series of vsweep; vsweep itself may go on',
    ],
    actions: [
      'start vsweep again; its state is kept',
      'if it was moved, change the target in prometheus.yml; the alert ends when the old one is gone',
    ],
  },
  {
    name: 'VsweepNoRun',
    expr: 'time() - max by (sweep, vcenter) (last_over_time(vsweep_sweep_last_run_timestamp_seconds[$memory])) > $missed_intervals * max by (sweep, vcenter) (last_over_time(vsweep_sweep_interval_seconds[$memory]))',
    severity: 'critical',
    summary: 'sweep {{ $labels.sweep }} has not run on {{ $labels.vcenter }} for $missed_intervals intervals',
    description:
      "Its last run began {{ $value | humanizeDuration }} ago. Check that `vsweep run` (or its schedule on AWS) is up, then `vsweep status` and vsweep's log.",
    fires:
      'no run on a target has begun for $missed_intervals intervals of the sweep; also when its series are no longer served',
    means:
      'All other values of the target are as old as its last run, or missing. A Pushgateway serves the last values for ever, so without this alert a stopped vsweep looks like a fleet that never changes.',
    lookAt: [
      'whether Prometheus still scrapes what serves the series: the Pushgateway, or node_exporter with `textfile`; if its `up` is 0, mend that, because vsweep may go on',
      LOG,
      '`vsweep lease list`: another run may hold the lease',
      'on AWS the schedule and the queue of failed runs',
    ],
    actions: [
      'follow [A run does not start](../operations.md#a-run-does-not-start)',
      'if the sweep or target was removed on purpose: the alert ends $memory after its last sample; at a Pushgateway run `vsweep groups delete`',
    ],
  },
  {
    name: 'VsweepPushStale',
    // Only the groups that vsweep pushes have the metric on the right. Of a divided group the oldest part counts.
    expr: 'time() - min by (job, instance) (push_time_seconds) > on (job, instance) $missed_intervals * max by (job, instance) (vsweep_sweep_interval_seconds)',
    severity: 'critical',
    summary:
      'no push of {{ $labels.job }} for {{ $labels.instance }} reached the Pushgateway for $missed_intervals intervals',
    description:
      "The last push was {{ $value | humanizeDuration }} ago. `vsweep groups list`, `vsweep status` and vsweep's log show the cause.",
    fires:
      'no push of a group, or of one of its parts, reached the Pushgateway for $missed_intervals intervals of the sweep',
    means: 'The Pushgateway serves old values.',
    lookAt: ['`vsweep groups list`', LOG],
    actions: [
      'follow [A run does not start](../operations.md#a-run-does-not-start) and [The Pushgateway rejects a push](../operations.md#the-pushgateway-rejects-a-push)',
      'if nobody needs the group any more: `vsweep groups delete`',
    ],
  },
  {
    name: 'VsweepPushFailing',
    expr: '(push_failure_time_seconds > push_time_seconds) and on (job, instance) vsweep_sweep_interval_seconds',
    for: '5m',
    severity: 'critical',
    summary: 'the Pushgateway rejects the pushes of {{ $labels.job }} for {{ $labels.instance }}',
    description:
      "It still serves the values of the last push that it accepted. vsweep's log has its error message.",
    fires: 'the Pushgateway rejected the pushes of a group for 5 minutes',
    means: 'Two series clash, or somebody else pushes to the group.',
    lookAt: ['the message in the log, which names the series'],
    actions: ['follow [The Pushgateway rejects a push](../operations.md#the-pushgateway-rejects-a-push)'],
  },
  {
    name: 'VsweepSinkDown',
    expr: 'vsweep_sink_up == 0',
    for: '10m',
    severity: 'critical',
    summary: 'vsweep cannot deliver to {{ $labels.sink }} (sweep {{ $labels.sweep }}, {{ $labels.vcenter }})',
    description:
      "The series are served by another sink. The line `problem:` of a run and vsweep's log say what to do.",
    fires: 'a sink took no series of a sweep for 10 minutes, while another one works',
    means:
      'Those who read this sink see old values, or none. If no sink works, VsweepNoRun or VsweepPushStale fires instead.',
    lookAt: [LOG, '`vsweep_sink_last_delivery_timestamp_seconds`: since when'],
    actions: [
      'mend the destination, its address or its credentials ([what each sink needs](../sinks.md))',
      'if nobody needs the sink any more, remove its key from vsweep.yaml',
    ],
  },
  {
    name: 'VsweepTargetDown',
    expr: 'vsweep_target_up == 0',
    for: '5m',
    severity: 'critical',
    summary: 'the hosts of {{ $labels.vcenter }} cannot be listed (sweep {{ $labels.sweep }})',
    description:
      'The last known host list is used for up to 24 h, so ssh goes on. The line `problem:` of `vsweep sweep {{ $labels.sweep }} --dry-run` says what to do.',
    fires: '`vsweep_target_up` is 0 for 5 minutes',
    means:
      'vCenter is down, refuses the account, or shows it no host. Series of vCenter are missing. After 24 hours its hosts are not asked by ssh any more.',
    lookAt: ['the line `problem:` of `vsweep sweep <sweep> --dry-run`', 'whether the vSphere Client works'],
    actions: ['follow [A vCenter cannot be listed](../operations.md#a-vcenter-cannot-be-listed)'],
  },
  {
    name: 'VsweepCollectorFailed',
    expr: 'vsweep_collector_success == 0',
    for: '$hosts_failed_for',
    severity: 'warning',
    summary:
      'the collector {{ $labels.collector }} fails on {{ $labels.vcenter }} (sweep {{ $labels.sweep }})',
    description:
      'Series of it are missing, of some objects or of all. The warnings of the run say which and why.',
    fires: 'a collector is not successful for $hosts_failed_for',
    means: 'Alerts and dashboards on the series of this collector are blind for the objects that failed.',
    lookAt: [
      'the warnings of `vsweep sweep <sweep> --dry-run`',
      '`vsweep_objects{outcome="failed"}` by reason',
    ],
    actions: [
      'if a privilege is missing: `vsweep role` prints the role that the collectors need',
      'if a probe failed: follow [A probe failed](../operations.md#a-probe-failed)',
    ],
  },
  {
    name: 'VsweepStateDown',
    expr: 'vsweep_state_up == 0',
    for: '5m',
    severity: 'critical',
    summary: 'vsweep cannot read or write its state (sweep {{ $labels.sweep }}, {{ $labels.vcenter }})',
    description:
      'Only hosts that accepted the account earlier in this process are asked by ssh; others are skipped(state). On one machine run `vsweep state check`; on AWS look at the DynamoDB table.',
    fires: '`vsweep_state_up` is 0 for 5 minutes',
    means:
      'vsweep does not know which accounts were refused before, so it asks no host that it does not know from this process.',
    lookAt: [
      '`vsweep state check`',
      'space and rights of the state folder; on AWS the table and the rights of the functions',
    ],
    actions: ['follow [The state table is unavailable](../operations.md#the-state-table-is-unavailable)'],
  },
  {
    name: 'VsweepCredentialNotOk',
    expr: 'vsweep_credential_ok == 0',
    for: '5m',
    severity: 'critical',
    summary: 'no host of {{ $labels.vcenter }} is known to accept the credential {{ $labels.credential }}',
    description:
      'It is suspended because hosts refused it, or its trial has not succeeded. `vsweep credential list` shows which, and the time of the next try.',
    fires: '`vsweep_credential_ok` is 0 for 5 minutes',
    means: 'No host is asked by ssh with this credential, so that no account is locked.',
    lookAt: ['`vsweep credential list`'],
    actions: [
      'follow [A credential is suspended](../operations.md#a-credential-is-suspended)',
      'after a change of the credential also [A new credential is tried](../operations.md#a-new-credential-is-tried)',
    ],
  },
  {
    name: 'VsweepAccountsBlacklisted',
    expr: 'vsweep_accounts_blacklisted > 0',
    for: '5m',
    severity: 'warning',
    summary: '{{ $value }} hosts of {{ $labels.vcenter }} refused the account and get no further login',
    description: '`vsweep blacklist list` names them, with the time of the next try or what to do.',
    fires: '`vsweep_accounts_blacklisted` is above 0 for 5 minutes',
    means: 'These hosts refused the account twice; a further try could lock it.',
    lookAt: ['`vsweep blacklist list`'],
    actions: ['follow [An account was refused](../operations.md#an-account-was-refused)'],
  },
  {
    name: 'VsweepNetboxDown',
    expr: 'vsweep_netbox_up == 0',
    for: '15m',
    severity: 'warning',
    summary: 'NetBox cannot be read (sweep {{ $labels.sweep }}, {{ $labels.vcenter }})',
    description: "vsweep's log says what to do. Until then netbox.whenDown decides which hosts are asked.",
    fires: '`vsweep_netbox_up` is 0 for 15 minutes',
    means: 'Sites and active hosts are those of the last answer, or by `netbox.whenDown`.',
    lookAt: ["vsweep's log", 'whether NetBox answers the token of vsweep'],
    actions: ['follow [NetBox fails](../operations.md#netbox-fails)'],
  },
  {
    name: 'VsweepNetboxStale',
    expr: 'vsweep_netbox_age_seconds > $netbox_stale_days * 86400',
    for: '15m',
    severity: 'critical',
    summary: 'NetBox data for {{ $labels.vcenter }} is {{ $value | humanizeDuration }} old',
    description:
      "Hosts that NetBox got since then are not asked by ssh (sweep {{ $labels.sweep }}). After 7 days the data is not used any more. vsweep's log says what is wrong with NetBox.",
    fires: 'the NetBox data in use is older than $netbox_stale_days days',
    means: 'New hosts are not asked, and after seven days the data is not used at all.',
    lookAt: ["vsweep's log"],
    actions: ['follow [NetBox fails](../operations.md#netbox-fails)'],
  },
  {
    name: 'VsweepHostsFailed',
    expr: 'sum by (sweep, vcenter, path, reason) (vsweep_hosts{outcome="failed"}) > 0',
    for: '$hosts_failed_for',
    severity: 'warning',
    summary:
      '{{ $value }} hosts of {{ $labels.vcenter }} failed on the path {{ $labels.path }}: {{ $labels.reason }}',
    description:
      '`vsweep sweep {{ $labels.sweep }} --dry-run` names the hosts and what to do; docs/operations.md explains each reason.',
    fires: 'hosts failed on a path for $hosts_failed_for; one alert per reason',
    means: 'These hosts have no new values on this path.',
    lookAt: ['`vsweep sweep <sweep> --dry-run`, which names the hosts', '`esxi_ssh_up == 0`'],
    actions: ['the label `reason` is a row of [Failed](../operations.md#failed), which says what to do'],
  },
  {
    name: 'VsweepHostKeyPinned',
    // A value is pushed for one run only; one scrape within 15 minutes is enough to see it.
    expr: 'max_over_time(vsweep_hostkeys_pinned[15m]) > 0',
    severity: 'warning',
    summary: '{{ $value }} ssh host keys of {{ $labels.vcenter }} were pinned at first contact',
    description:
      "Expected after hosts were added. Otherwise compare the fingerprints in vsweep's log with those on the hosts' consoles.",
    fires: 'a run in the last 15 minutes pinned a host key at first contact',
    means:
      'From now on these keys are trusted. If no host was added or reinstalled, somebody may stand between vsweep and the host.',
    lookAt: [
      'the log, which names each host, its address and the fingerprint (`a host key was pinned at first contact`)',
    ],
    actions: [
      'compare the fingerprints with those on the consoles',
      'follow [First contact](../host-keys.md#first-contact)',
    ],
  },
  {
    name: 'VsweepHostKeysUnknown',
    expr: 'vsweep_hosts{path="ssh", outcome="skipped", reason="hostkey-unknown"} > 0',
    for: '$hosts_failed_for',
    severity: 'warning',
    summary:
      '{{ $value }} hosts of {{ $labels.vcenter }} are not asked by ssh: their host keys were never accepted',
    description:
      '`vsweep hostkey scan --accept` shows the keys and accepts them. On AWS `vsweep invoke hostkeys` shows them.',
    fires: 'hosts are skipped(hostkey-unknown) for $hosts_failed_for',
    means: 'vsweep sends no account name to a host whose key it does not know.',
    lookAt: ['`vsweep hostkey scan`; on AWS `vsweep invoke hostkeys`'],
    actions: ['follow [Accepting keys](../host-keys.md#accepting-keys)'],
  },
  {
    name: 'VsweepOwnMetricSilent',
    // A typing error yields no series, and so no alert on its value. A metric that is often without one has `unset` or a test.
    expr: 'vsweep_own_samples == 0 and on (job, instance, sweep, vcenter) vsweep_target_up == 1',
    for: '30m',
    severity: 'warning',
    summary: 'the own metric {{ $labels.metric }} has no sample of {{ $labels.vcenter }}',
    description:
      'No object has a value (sweep {{ $labels.sweep }}). `vsweep metrics try {{ $labels.metric }}` reads it once and shows what vCenter answers.',
    fires: 'an own metric has no sample for 30 minutes, while its target is up',
    means: 'Alerts on the metric cannot fire. A path may be wrong, or no object has the property.',
    lookAt: ['`vsweep metrics try <name>`, which reads the metric once and shows what vCenter answers'],
    actions: ['follow [Own metrics](../own-metrics.md#when-a-metric-has-no-series)'],
  },
];
