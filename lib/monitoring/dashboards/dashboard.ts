/** One query of a panel: PromQL with the variables of the dashboard, and what a line is called. */
export interface PanelQuery {
  readonly expr: string;
  /** `{{host_name}}`; in a table the labels are columns. */
  readonly legend?: string;
}

/** A number, lines over time, or a row for each series. */
export interface PanelRow {
  readonly title: string;
  readonly type: 'stat' | 'timeseries' | 'table';
  readonly queries: readonly PanelQuery[];
  /** By Grafana's name of it: percent, bytes, KiBs, ms, s. */
  readonly unit?: string;
  /** Of a stat: green below the first, yellow from there, red from the second. */
  readonly limits?: readonly [warning: number, critical: number];
  /** What to know of the values. */
  readonly description?: string;
}

/** A variable that lists the values of a label. */
export interface LabelVariable {
  readonly name: string;
  readonly label: string;
  readonly series: string;
  readonly of: string;
}

export interface DashboardRow {
  /** Its file and its uid, behind `vsweep-`. */
  readonly name: string;
  readonly title: string;
  readonly variables: readonly LabelVariable[];
  readonly panels: readonly PanelRow[];
}

/** Of series with vmware_exporter's names: at a Pushgateway, or scraped by target, `instance` is the vCenter. */
export const OF_VCENTER = 'instance=~"$vcenter"';
export const OF_CLUSTER = `${OF_VCENTER}, cluster_name=~"$cluster"`;
/** Of series with esxi-exporter's names, which have the site. */
export const OF_SITE = 'vcenter=~"$vcenter", site=~"$site"';

const VCENTER: LabelVariable = {
  name: 'vcenter',
  label: 'vCenter',
  series: 'vmware_host_power_state',
  of: 'instance',
};
const SITE: LabelVariable = {
  name: 'site',
  label: 'Site',
  series: 'esxi_overall_status{vcenter=~"$vcenter"}',
  of: 'site',
};
const CLUSTER: LabelVariable = {
  name: 'cluster',
  label: 'Cluster',
  series: `vmware_host_power_state{${OF_VCENTER}}`,
  of: 'cluster_name',
};

/** Those that every dashboard has. */
export const COMMON: readonly LabelVariable[] = [VCENTER, SITE, CLUSTER];

export const stat = (title: string, expr: string, more: Partial<PanelRow> = {}): PanelRow => ({
  title,
  type: 'stat',
  queries: [{ expr }],
  ...more,
});

/** Lines: each query with its legend. */
export const lines = (
  title: string,
  unit: string,
  ...queries: readonly (readonly [expr: string, legend: string])[]
): PanelRow => ({
  title,
  type: 'timeseries',
  unit,
  queries: queries.map(([expr, legend]) => ({ expr, legend })),
});

export const table = (title: string, expr: string, more: Partial<PanelRow> = {}): PanelRow => ({
  title,
  type: 'table',
  queries: [{ expr }],
  ...more,
});
