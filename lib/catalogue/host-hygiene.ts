import type { PropertyValue } from '../vsphere/property/retrieved-object.ts';
import { booleanOf, fieldOf, listOf } from '../vsphere/property/value-fields.ts';
import { configIssues } from './config-issues.ts';
import { HOST_LINKS } from './host-links.ts';
import type { MetricRow } from './row.ts';
import { certificateEnd } from './sources/certificate-end.ts';
import { boolean, type Conversion, isOneOf, secondsOf, states } from './sources/conversions.ts';
import { computed, optional, property, whileConnected } from './sources/property.ts';

const HOST = { kind: 'host', preset: 'vmware_exporter', privilege: 'System.Read', labels: [] } as const;

/** ClusterDasFdmAvailabilityState. */
const HA_STATES = [
  'master',
  'connectedToMaster',
  'election',
  'networkPartitionedFromMaster',
  'networkIsolated',
  'hostDown',
  'fdmUnreachable',
  'uninitialized',
  'initializationError',
  'uninitializationError',
] as const;

const LOCKDOWN_MODES = ['lockdownDisabled', 'lockdownNormal', 'lockdownStrict'] as const;

/** ComplianceResultStatus. */
const COMPLIANCE_STATES = ['compliant', 'nonCompliant', 'running', 'unknown'] as const;

const STATE: readonly MetricRow[] = [
  {
    ...HOST,
    name: 'vmware_host_reboot_required',
    help: 'Whether the host has to be rebooted for a change of its configuration',
    unit: 'boolean',
    source: property('summary.rebootRequired', boolean),
    since: '2.0',
  },
  ...configIssues('host'),
  {
    ...HOST,
    name: 'vmware_host_ha_state',
    help: 'State of the vSphere HA agent, 1 for the state that it is in and 0 for the others',
    unit: 'state',
    source: optional('runtime.dasHostState.state', states(HA_STATES)),
    labels: ['state'],
    since: '5.0',
    noSample: 'when the host is in no cluster with vSphere HA; when it cannot be read',
  },
  {
    ...HOST,
    name: 'vmware_host_ha_connected',
    help: 'Whether the vSphere HA agent is the master or connected to it',
    unit: 'boolean',
    source: optional('runtime.dasHostState.state', isOneOf('master', 'connectedToMaster')),
    since: '5.0',
    noSample: 'when the host is in no cluster with vSphere HA; when it cannot be read',
  },
  {
    ...HOST,
    name: 'vmware_host_lockdown_mode',
    help: 'Lockdown mode, 1 for the mode that the host is in and 0 for the others',
    unit: 'state',
    source: optional('config.lockdownMode', states(LOCKDOWN_MODES)),
    labels: ['mode'],
    since: '6.0',
  },
  {
    ...HOST,
    name: 'vmware_host_compliance_state',
    help: 'Result of the last check against its host profile, 1 for what it is and 0 for the others',
    unit: 'state',
    source: optional('complianceCheckState.state', states(COMPLIANCE_STATES)),
    labels: ['state'],
    since: '6.7',
    noSample: 'when the host was checked against no profile; when vCenter is older than 6.7',
  },
  {
    ...HOST,
    name: 'vmware_host_compliant',
    help: 'Whether the host complies with its host profile, by the last check',
    unit: 'boolean',
    source: optional('complianceCheckState.state', isOneOf('compliant')),
    since: '6.7',
    noSample: 'when the host was checked against no profile; when vCenter is older than 6.7',
  },
  {
    ...HOST,
    name: 'vmware_host_certificate_expiry_timestamp_seconds',
    help: "End of the validity of the host's TLS certificate, in seconds since the epoch",
    unit: 'timestamp',
    source: optional('config.certificate', certificateEnd),
    since: '5.0',
    noSample: 'when it is unset, cannot be read, or is no certificate',
  },
];

const TIME = 'config.dateTimeInfo';

/** HostDateTimeInfo is small, and is read whole because most of its fields came with 7.0.3. */
const ofTime = (toValue: (time: PropertyValue) => number | undefined) =>
  whileConnected(
    computed([TIME], (get) => {
      const value = get(TIME);
      const found = value === undefined ? undefined : toValue(value);
      return found === undefined ? [] : [{ labels: [], value: found }];
    }),
  );

const flag = (field: string) =>
  ofTime((time) => {
    const value = booleanOf(fieldOf(time, field));
    return value === undefined ? undefined : Number(value);
  });

const SINCE_703 = 'when the host or vCenter is older than 7.0.3, or cannot be read';

const CLOCK: readonly MetricRow[] = [
  {
    ...HOST,
    name: 'vmware_host_ntp_servers',
    help: 'Number of NTP servers that are configured',
    unit: 'number',
    source: ofTime((time) => listOf(fieldOf(fieldOf(time, 'ntpConfig'), 'server')).length),
    since: '2.5',
    noSample: 'when it cannot be read',
  },
  {
    ...HOST,
    name: 'vmware_host_time_synchronized',
    help: "Whether the host's time service is synchronized with its source",
    unit: 'boolean',
    source: flag('serviceSync'),
    since: '2.5',
    noSample: SINCE_703,
  },
  {
    ...HOST,
    name: 'vmware_host_time_in_fallback',
    help: 'Whether the time service uses its fallback, NTP in place of PTP',
    unit: 'boolean',
    source: flag('inFallbackState'),
    since: '2.5',
    noSample: SINCE_703,
  },
  {
    ...HOST,
    name: 'vmware_host_time_last_sync_timestamp_seconds',
    help: 'Time of the last synchronization of the clock, in seconds since the epoch',
    unit: 'timestamp',
    source: ofTime((time) => secondsOf(fieldOf(time, 'lastSyncTime'))),
    since: '2.5',
    noSample: `${SINCE_703}; when the clock was never synchronized`,
  },
];

/** An advanced setting that is a text. */
const setting = (matches: (value: string) => boolean): Conversion => ({
  as: 'text',
  toPoints: (value) =>
    typeof value === 'string' ? [{ labels: [], value: matches(value) ? 1 : 0 }] : undefined,
  expected: 'text',
});

/** By their keys, because all advanced settings of a host are over a thousand. */
const option = (key: string) => `config.option["${key}"].value`;

/** HostConfigInfo.host is always set, so that it tells no dump partition from no configuration at all. */
const CONFIGURED = 'config.host';
const DUMP = 'config.activeDiagnosticPartition.diagnosticType';

const SETTINGS: readonly MetricRow[] = [
  {
    ...HOST,
    name: 'vmware_host_syslog_target_set',
    help: 'Whether the host sends its logs to a syslog server (Syslog.global.logHost)',
    unit: 'boolean',
    source: optional(
      option('Syslog.global.logHost'),
      setting((value) => value.trim() !== ''),
    ),
    since: '2.0',
  },
  {
    ...HOST,
    name: 'vmware_host_scratch_persistent',
    help: 'Whether scratch is on a datastore, so that logs outlive a reboot (ScratchConfig.CurrentScratchLocation)',
    unit: 'boolean',
    source: optional(
      option('ScratchConfig.CurrentScratchLocation'),
      setting((value) => value.startsWith('/vmfs/volumes/')),
    ),
    since: '2.0',
  },
  {
    ...HOST,
    name: 'vmware_host_coredump_partition_active',
    help: 'Whether a partition is active for core dumps; a dump file is not known to vCenter',
    unit: 'boolean',
    source: computed([CONFIGURED, DUMP], (get) =>
      get(CONFIGURED) === undefined ? [] : [{ labels: [], value: get(DUMP) === undefined ? 0 : 1 }],
    ),
    since: '2.0',
    noSample: 'when vCenter has no configuration of the host, or it cannot be read',
  },
];

/**
 * What has to be known of a host before it hurts: what check tools such as vCheck and check_vmware_esx look for, through
 * vCenter alone. Paths are small ones. Of the network adapters and paths of a host that is not connected vCenter has
 * old values: no sample.
 */
export const HOST_HYGIENE: readonly MetricRow[] = [...STATE, ...CLOCK, ...SETTINGS, ...HOST_LINKS];
