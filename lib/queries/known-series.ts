import { otelRows } from '../catalogue/otel/otel.ts';
import { baseLabelsOf, MOID } from '../catalogue/presets.ts';
import type { MetricRow, Unit } from '../catalogue/row.ts';
import { LEGACY_METRICS } from '../collectors/legacy-names.ts';
import { DEFAULT_PRESETS, type Presets } from '../collectors/pushed-rows.ts';
import { COLLECTORS } from '../collectors/registry.ts';
import { OWN_COLLECTOR } from '../config/own-sweeps.ts';
import type { MetricDefinition } from '../metrics/family.ts';
import { SELF_METRICS } from '../sweep/result/self-metrics.ts';
import { CLOSED_LABELS, type ClosedLabels } from './closed-labels.ts';
import { ANY, AT_LEAST_ONE, AT_LEAST_ZERO, oneOf, type ValueRange } from './value-range.ts';

/** A series that vsweep can emit, with what is known of its labels and values. */
export interface KnownSeries {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
  readonly closed: ClosedLabels;
  readonly values: ValueRange;
  /** Whose values say nothing, because the state is in a label. */
  readonly isInfo: boolean;
  /** The names of the collectors that it can come from; none for series of vsweep itself. */
  readonly collectors: readonly string[];
  /** Who emits it: a row of the catalogue, the user's configuration, vsweep itself. */
  readonly row?: MetricRow;
  /** What a configuration has to say for it, as it stands in a vsweep.yaml; absent if it is emitted as things are. */
  readonly requires?: string;
}

/** What a configuration emits. The default is that of a configuration without `metrics` whose sweeps have all collectors. */
export interface Selection {
  readonly presets?: Presets;
  readonly legacyNames?: boolean;
  /** Those that some sweep names; undefined for all. */
  readonly collectors?: readonly string[];
  /** Those that the configuration itself defines. */
  readonly own?: readonly MetricRow[];
}

/** Series of vsweep by name. `process` are those of the process itself, which the command line knows. */
export function knownSeries(
  process: readonly MetricDefinition[],
  { presets = DEFAULT_PRESETS, legacyNames = false, collectors, own = [] }: Selection = {},
): ReadonlyMap<string, KnownSeries> {
  const isCollected = (names: readonly string[]) =>
    collectors === undefined || names.some((name) => collectors.includes(name));
  const ofRows = [
    ...COLLECTORS.flatMap(({ rows }) => rows),
    ...otelRows('mixin'),
    ...otelRows('receiver'),
  ].map((row): KnownSeries => {
    const names = collectorsOf(row);
    const requires =
      requiredPreset(row, presets) ??
      (isCollected(names) ? undefined : `collectors: [${names.join(', ')}] (one of them, in a sweep)`);
    return { ...describe(row, presets), collectors: names, ...(requires === undefined ? {} : { requires }) };
  });
  const legacy = LEGACY_METRICS.map((one) => ({
    ...ofDefinition(one),
    ...(legacyNames ? {} : { requires: 'metrics: { legacyNames: true }' }),
  }));
  return new Map(
    [
      // A name of both sets of OpenTelemetry's is that which the configuration emits.
      ...ofRows.filter(({ requires }) => requires !== undefined),
      ...ofRows.filter(({ requires }) => requires === undefined),
      ...[...SELF_METRICS, ...process].map(ofDefinition),
      ...legacy,
      ...own.map((row) => ({
        ...describe(row, presets),
        values: ownValues(row),
        collectors: [OWN_COLLECTOR],
      })),
    ].map((one) => [one.name, one]),
  );
}

/** The names of those that collect a row, or what it is made from. */
export const collectorsOf = (row: MetricRow): readonly string[] =>
  COLLECTORS.filter(({ rows }) => (row.source.of ?? [row]).some((one) => rows.includes(one))).map(
    ({ name }) => name,
  );

function requiredPreset(row: MetricRow, { preset, otelNames }: Presets): string | undefined {
  if (row.preset === 'esxi_exporter') return undefined;
  const isOtherName = row.preset === 'otel' && !otelRows(otelNames).some(({ name }) => name === row.name);
  if (isOtherName) {
    const other = otelNames === 'mixin' ? 'receiver' : 'mixin';
    return `metrics: { preset: otel, otelNames: ${other} }`;
  }
  return preset.includes(row.preset) ? undefined : `metrics: { preset: ${row.preset} }`;
}

function describe(row: MetricRow, { moid = false }: Presets): Omit<KnownSeries, 'collectors'> {
  const { name, help, labels, unit, source, preset } = row;
  const base = baseLabelsOf(row).map(([label]) => label);
  const [label] = labels;
  const ofSource = source.reads?.words;
  return {
    name,
    help,
    labels: [...base, ...(moid && preset !== 'esxi_exporter' ? [MOID] : []), ...labels],
    closed: {
      ...(label === undefined || ofSource === undefined ? {} : { [label]: ofSource }),
      ...CLOSED_LABELS[name],
    },
    values: VALUES[name] ?? ofUnit(unit),
    isInfo: unit === 'info',
    row,
  };
}

const TWO = oneOf([0, 1]);

/** Of metrics whose unit does not tell it. */
const VALUES: Readonly<Record<string, ValueRange>> = {
  esxi_overall_status: oneOf([0, 1, 2]),
  // 1 for `in` alone, though the mode is a label.
  vmware_host_standby_mode: TWO,
  // Has a sample only while an alarm is triggered, or while there is a snapshot.
  vmware_alarm_triggered: oneOf([1]),
  vmware_vm_snapshots: AT_LEAST_ONE,
  vmware_host_sensor_state: oneOf([0, 1, 2, 3]),
  vmware_host_sensor_redundancy: ANY,
  esxi_overall_state: oneOf([0, 1, 2, 3]),
};

/** Units whose values can be below 0: differences of clocks, and what sensors read. */
const SIGNED: readonly Unit[] = ['seconds', 'celsius', 'volts', 'amperes', 'watts', 'rpm'];

/** A number of an own metric may have any sign. */
const ownValues = ({ unit }: MetricRow): ValueRange =>
  unit === 'boolean' || unit === 'state' || unit === 'info' ? ofUnit(unit) : ANY;

function ofUnit(unit: Unit): ValueRange {
  if (unit === 'boolean' || unit === 'state') return TWO;
  if (unit === 'info') return oneOf([1]);
  return SIGNED.includes(unit) ? ANY : AT_LEAST_ZERO;
}

/** Metrics of vsweep itself: no value of them is below 0. */
function ofDefinition({ name, help, labels }: MetricDefinition): KnownSeries {
  const isInfo = name.endsWith('_info');
  const isFlag = /_(?:up|ok|success|running|status)$/.test(name) || LEGACY_FLAGS.has(name);
  return {
    name,
    help,
    labels,
    closed: CLOSED_LABELS[name] ?? {},
    values: VALUES[name] ?? (isInfo ? oneOf([1]) : isFlag ? TWO : AT_LEAST_ZERO),
    isInfo,
    collectors: [],
  };
}

const LEGACY_FLAGS: ReadonlySet<string> = new Set([
  'esxi_pyvim_service_state',
  'esxi_ssh_service_state',
  'esxi_online_state',
]);
