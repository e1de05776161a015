import type { MetricRow } from '../row.ts';
import { OTEL_CAPACITY, OTEL_POOLS } from './capacity.ts';
import { OTEL_HOSTS } from './hosts.ts';
import { OTEL_MACHINES } from './machines.ts';

/**
 * The metrics of OpenTelemetry's vcenterreceiver for which the dashboards and alerts of Grafana's vsphere-mixin ask, by the
 * mixin's names (grafana/jsonnet-libs 6da2b4b8, vsphere-mixin): those that a collector with
 * `resource_to_telemetry_conversion` gave before its units changed.
 */
export const OTEL: readonly MetricRow[] = [...OTEL_CAPACITY, ...OTEL_HOSTS, ...OTEL_POOLS, ...OTEL_MACHINES];

/** By whose names: those that the mixin asks for, or those of the receiver today. */
export type OtelNames = 'mixin' | 'receiver';

/**
 * The mixin's names that the receiver no longer gives, because a unit became one that the Prometheus exporter knows: `{MHz}`
 * became `MHz`, and `By/sec` became `By/s` (receiver/vcenterreceiver/metadata.yaml).
 */
const RECEIVER_NAMES: ReadonlyMap<string, string> = new Map([
  ['vcenter_cluster_cpu_effective', 'vcenter_cluster_cpu_effective_MHz'],
  ['vcenter_cluster_cpu_limit', 'vcenter_cluster_cpu_limit_MHz'],
  ['vcenter_resource_pool_cpu_usage', 'vcenter_resource_pool_cpu_usage_MHz'],
  ['vcenter_vm_network_throughput_bytes_per_sec', 'vcenter_vm_network_throughput_bytes_per_second'],
]);

const OF_RECEIVER: readonly MetricRow[] = OTEL.map((row) => ({
  ...row,
  name: RECEIVER_NAMES.get(row.name) ?? row.name,
}));

export const otelRows = (names: OtelNames): readonly MetricRow[] => (names === 'mixin' ? OTEL : OF_RECEIVER);
