import type { DashboardRow, LabelVariable, PanelRow } from '../../lib/monitoring/dashboards/dashboard.ts';

const DATASOURCE = { type: 'prometheus', uid: '$datasource' } as const;
const WIDTH = 24;
/** In units of Grafana's grid, of which a dashboard is 24 wide. */
const SIZES = { stat: { w: 4, h: 4 }, timeseries: { w: 12, h: 8 }, table: { w: 24, h: 9 } } as const;

/**
 * A dashboard as Grafana imports it (schema version 39, which Grafana 10 and later read and newer ones migrate). It asks
 * for its data source by a variable, so it needs no change on import.
 */
export function toGrafana({ name, title, variables, panels }: DashboardRow) {
  let [x, y, height] = [0, 0, 0];
  const placed = panels.map((panel, index) => {
    const { w, h } = SIZES[panel.type];
    if (x + w > WIDTH || h !== height) [x, y, height] = [0, y + height, h];
    const gridPos = { x, y, w, h };
    x += w;
    return toPanel(panel, { id: index + 1, gridPos });
  });
  return {
    uid: `vsweep-${name}`,
    title,
    tags: ['vsweep', 'vsphere'],
    schemaVersion: 39,
    version: 1,
    editable: true,
    graphTooltip: 1,
    refresh: '1m',
    timezone: 'browser',
    time: { from: 'now-6h', to: 'now' },
    links: [
      {
        title: 'vsweep',
        type: 'dashboards',
        tags: ['vsweep'],
        asDropdown: true,
        includeVars: true,
        keepTime: true,
        targetBlank: false,
        icon: 'external link',
        tooltip: '',
        url: '',
      },
    ],
    annotations: { list: [] },
    templating: {
      list: [
        {
          name: 'datasource',
          type: 'datasource',
          label: 'Data source',
          query: 'prometheus',
          hide: 0,
          current: { text: 'default', value: 'default' },
        },
        ...variables.map(toVariable),
      ],
    },
    panels: placed,
  } as const;
}

const toVariable = ({ name, label, series, of }: LabelVariable) =>
  ({
    name,
    label,
    type: 'query',
    datasource: DATASOURCE,
    query: { qryType: 1, query: `label_values(${series}, ${of})`, refId: name },
    refresh: 2,
    sort: 1,
    multi: true,
    includeAll: true,
    // A standalone host has an empty cluster, which a list of all names would leave out.
    allValue: '.*',
    current: { text: 'All', value: '$__all' },
    hide: 0,
  }) as const;

function toPanel(
  { title, type, queries, unit, limits, description }: PanelRow,
  at: { id: number; gridPos: { x: number; y: number; w: number; h: number } },
) {
  const isTable = type === 'table';
  const isInstant = type !== 'timeseries';
  return {
    ...at,
    title,
    type,
    datasource: DATASOURCE,
    ...(description === undefined ? {} : { description }),
    targets: queries.map(({ expr, legend }, index) => ({
      refId: String.fromCharCode(65 + index),
      datasource: DATASOURCE,
      expr,
      instant: isInstant,
      range: !isInstant,
      format: isTable ? 'table' : 'time_series',
      legendFormat: legend ?? '__auto',
    })),
    fieldConfig: {
      defaults: {
        ...(unit === undefined ? {} : { unit }),
        color: { mode: type === 'timeseries' ? 'palette-classic' : 'thresholds' },
        thresholds: { mode: 'absolute', steps: toSteps(limits) },
      },
      overrides: [],
    },
    options: OPTIONS[type],
    ...(isTable ? { transformations: [HIDE_COLUMNS] } : {}),
  } as const;
}

/** The first step has no value in Grafana: it begins below every one. */
const toSteps = (limits: PanelRow['limits']) => [
  { color: 'green', value: null },
  ...(limits === undefined
    ? []
    : [
        { color: 'yellow', value: limits[0] },
        { color: 'red', value: limits[1] },
      ]),
];

const OPTIONS = {
  stat: {
    reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
    colorMode: 'value',
    graphMode: 'none',
  },
  timeseries: {
    legend: { displayMode: 'table', placement: 'bottom', calcs: ['lastNotNull', 'max'], showLegend: true },
    tooltip: { mode: 'multi', sort: 'desc' },
  },
  table: { showHeader: true, cellHeight: 'sm' },
} as const;

const HIDE_COLUMNS = {
  id: 'organize',
  options: { excludeByName: { Time: true, __name__: true, job: true, vsweep_part: true } },
} as const;
