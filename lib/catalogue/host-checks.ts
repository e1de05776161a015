import { accountFailures } from '../esxi/probes/account-failures.ts';
import { advancedSettings } from '../esxi/probes/advanced-settings.ts';
import { bootbank } from '../esxi/probes/bootbank.ts';
import { coreDumps } from '../esxi/probes/core-dumps.ts';
import { hostd } from '../esxi/probes/hostd.ts';
import { nicErrors } from '../esxi/probes/nic-errors.ts';
import { ntp } from '../esxi/probes/ntp.ts';
import { PATH_STATES, storagePaths } from '../esxi/probes/storage-paths.ts';
import { vibs } from '../esxi/probes/vibs.ts';
import { vmkernelLog } from '../esxi/probes/vmkernel-log.ts';
import type { Probe } from '../esxi/session/probe.ts';
import type { MetricRow, Point } from './row.ts';
import { probed } from './sources/probe.ts';

/** What checks on a host have in common. A check that failed there leaves out its rows. */
export const check = <Reading>(
  { name }: Probe<Reading>,
  row: Pick<MetricRow, 'name' | 'help' | 'unit' | 'source'> & Partial<Pick<MetricRow, 'labels' | 'since'>>,
): MetricRow => ({
  kind: 'host',
  labels: [],
  preset: 'esxi_exporter',
  privilege: 'login by ssh',
  since: '6.7',
  noSample: `when the host did not answer the probe ${name} by ssh`,
  ...row,
});

/** Each point once. */
export const points =
  <Reading>(toPoints: (reading: Reading) => readonly Point[]) =>
  (reading: Reading) => ({ points: toPoints(reading), warnings: [] });

export const one = (value: number | undefined, ...labels: readonly string[]): readonly Point[] =>
  value === undefined ? [] : [{ labels, value }];

const bit = (is: boolean): number => (is ? 1 : 0);

/** Checks of hosts by ssh whose answers were recorded on real hosts (test/fixtures/esxcli has the sources). */
export const HOST_CHECKS: readonly MetricRow[] = [
  check(hostd, {
    name: 'esxi_hostd_answers',
    help: 'Whether hostd answers esxcli on the host: 1 yes, 0 no; the init script of one that hangs prints that it is running',
    unit: 'boolean',
    source: probed(
      hostd,
      points((answers) => one(bit(answers))),
    ),
  }),
  check(ntp, {
    name: 'esxi_ntp_synchronized',
    help: 'Whether the ntpd of the host follows a time server: 1 yes, 0 no',
    unit: 'boolean',
    source: probed(
      ntp,
      points(({ isSynchronized }) => one(bit(isSynchronized))),
    ),
  }),
  check(ntp, {
    name: 'esxi_ntp_peer_reachable',
    help: 'Whether a time server answered any of the last eight questions of the host: 1 yes, 0 no',
    unit: 'boolean',
    labels: ['peer'],
    source: probed(
      ntp,
      points(({ peers }) => peers.flatMap(({ peer, isReachable }) => one(bit(isReachable), peer))),
    ),
  }),
  check(ntp, {
    name: 'esxi_ntp_offset_seconds',
    help: 'Difference of the clock of the host to a time server, in seconds',
    unit: 'seconds',
    labels: ['peer'],
    source: probed(
      ntp,
      points(({ peers }) => peers.flatMap(({ peer, offsetSeconds }) => one(offsetSeconds, peer))),
    ),
  }),
  check(bootbank, {
    name: 'esxi_bootbank_lost',
    help: 'Whether the host has lost its boot device, so that /bootbank leads to /tmp: 1 lost, 0 there',
    unit: 'boolean',
    source: probed(
      bootbank,
      points(({ isLost }) => one(bit(isLost))),
    ),
  }),
  check(coreDumps, {
    name: 'esxi_core_dumps',
    help: 'Number of dumps in /var/core of the host: of the kernel (purple screens), or of programs that ended by a fault',
    unit: 'number',
    labels: ['of'],
    source: probed(
      coreDumps,
      points(({ kernel, programs }) => [...one(kernel, 'kernel'), ...one(programs, 'program')]),
    ),
  }),
  check(storagePaths, {
    name: 'esxi_storage_paths',
    help: 'Number of storage paths of the host by state: active, standby, dead, disabled or other',
    unit: 'number',
    labels: ['state'],
    source: probed(
      storagePaths,
      points((counts) => PATH_STATES.flatMap((state) => one(counts[state], state))),
    ),
  }),
  check(nicErrors, {
    name: 'esxi_nic_errors',
    help: 'Errors and dropped packets that a physical NIC has counted since its driver was loaded, by kind',
    unit: 'number',
    labels: ['nic', 'kind'],
    source: probed(
      nicErrors,
      points((nics) =>
        nics.flatMap(({ nic, counters }) => counters.flatMap(([kind, count]) => one(count, nic, kind))),
      ),
    ),
  }),
  check(accountFailures, {
    name: 'esxi_account_failed_logins',
    help: 'Failed logins of an account on the host since the last that did not fail; the host locks it at Security.AccountLockFailures',
    unit: 'number',
    labels: ['account'],
    source: probed(
      accountFailures,
      points((accounts) => accounts.flatMap(({ account, failures }) => one(failures, account))),
    ),
  }),
  check(vibs, {
    name: 'esxi_vibs',
    help: 'Number of installed packages (VIBs) of the host by acceptance level',
    unit: 'number',
    labels: ['acceptance_level'],
    source: probed(
      vibs,
      points(({ counts }) => counts.flatMap(([level, count]) => one(count, level))),
    ),
  }),
  check(vibs, {
    name: 'esxi_vibs_fingerprint',
    help: 'A number made of names and versions of all packages (VIBs) of the host: equal where these are',
    unit: 'number',
    source: probed(
      vibs,
      points(({ fingerprint }) => one(fingerprint)),
    ),
  }),
  check(advancedSettings, {
    name: 'esxi_advanced_settings_changed',
    help: 'Number of advanced settings of the host that differ from their defaults',
    unit: 'number',
    source: probed(
      advancedSettings,
      points(({ count }) => one(count)),
    ),
  }),
  check(advancedSettings, {
    name: 'esxi_advanced_setting_changed_info',
    help: 'An advanced setting of the host that differs from its default, the first 100 by name; the value is always 1',
    unit: 'info',
    labels: ['setting'],
    source: probed(
      advancedSettings,
      points(({ names }) => names.flatMap((name) => one(1, name))),
    ),
  }),
  check(vmkernelLog, {
    name: 'esxi_vmkernel_log_lines',
    help: 'Number of lines of the present vmkernel.log of the host that match a pattern; it falls when the log is rotated',
    unit: 'number',
    labels: ['pattern'],
    source: probed(
      vmkernelLog,
      points((counts) => counts.flatMap(([pattern, lines]) => one(lines, pattern))),
    ),
  }),
];
