import { COMMON, type DashboardRow, lines, OF_SITE, stat, table } from './dashboard.ts';

const W = 'vcenter=~"$vcenter"';
const own = (name: string, more = '') => `vsweep_${name}{${W}${more}}`;

/** Also of series that are no longer scraped, so that a vsweep that is gone is not an empty panel. */
const newest = (name: string) => `last_over_time(${own(name)}[7d])`;

/** vsweep itself. */
export const VSWEEP_DASHBOARD: DashboardRow = {
  name: 'vsweep',
  title: 'vsweep / vsweep itself',
  variables: COMMON,
  panels: [
    stat('Targets listed', `sum(max by (vcenter) (${own('target_up')}))`),
    stat(
      'Oldest run, in intervals',
      `max((time() - max by (sweep, vcenter) (${newest('sweep_last_run_timestamp_seconds')})) / max by (sweep, vcenter) (${newest('sweep_interval_seconds')}))`,
      { limits: [2, 3] },
    ),
    stat('Hosts that failed', `sum(${own('hosts', ', outcome="failed"')}) or vector(0)`, { limits: [1, 10] }),
    stat('Hosts that are blacklisted', `sum(${own('accounts_blacklisted')})`, { limits: [1, 10] }),
    stat('State', `min(${own('state_up')})`, { unit: 'bool_yes_no' }),
    stat('Credential for ssh', `min(${own('credential_ok')})`, { unit: 'bool_yes_no' }),
    stat('Sinks that take nothing', `count(${own('sink_up')} == 0) or vector(0)`, { limits: [1, 1] }),
    lines(
      'Duration of runs',
      's',
      [own('sweep_duration_seconds'), '{{sweep}} {{vcenter}}'],
      [own('sweep_interval_seconds'), '{{sweep}} {{vcenter}} interval'],
    ),
    lines('Time since the last success', 's', [
      `time() - ${own('sweep_last_success_timestamp_seconds')}`,
      '{{sweep}} {{vcenter}}',
    ]),
    lines('Hosts by ssh', 'short', [
      `sum by (outcome, reason) (${own('hosts', ', path="ssh"')})`,
      '{{outcome}} {{reason}}',
    ]),
    lines('Hosts by vCenter', 'short', [
      `sum by (outcome, reason) (${own('hosts', ', path="vcenter"')})`,
      '{{outcome}} {{reason}}',
    ]),
    lines('Objects', 'short', [`sum by (kind) (${own('objects', ', path="vcenter"')})`, '{{kind}}']),
    lines('Time in collectors, top 10', 's', [
      `topk(10, ${own('collector_duration_seconds')})`,
      '{{collector}} {{vcenter}}',
    ]),
    lines('Time since the last delivery', 's', [
      `time() - ${own('sink_last_delivery_timestamp_seconds')}`,
      '{{sink}} {{sweep}} {{vcenter}}',
    ]),
    lines('Age of the host list', 's', [own('host_list_age_seconds'), '{{sweep}} {{vcenter}}']),
    lines(
      'Series that were dropped, sessions left open, host keys pinned',
      'short',
      [own('duplicate_samples'), '{{vcenter}} dropped'],
      [own('logouts_failed'), '{{vcenter}} logouts that failed'],
      [own('hostkeys_pinned'), '{{vcenter}} pinned'],
    ),
    lines('Memory of the process', 'bytes', [
      'process_resident_memory_bytes and on (job, instance) vsweep_build_info',
      '{{instance}}',
    ]),
    lines('Lag of the event loop', 's', [
      'nodejs_eventloop_lag_p99_seconds and on (job, instance) vsweep_build_info',
      '{{instance}}',
    ]),
    table('Whether collectors succeeded', own('collector_success')),
    table('Hosts that do not answer by ssh', `esxi_ssh_up{${OF_SITE}} == 0`),
    table('Version', 'vsweep_build_info'),
  ],
};
