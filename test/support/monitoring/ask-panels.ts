/** Of a dashboard of Grafana, what is drawn here. */
export interface DashboardFile {
  readonly title: string;
  readonly panels: readonly PanelFile[];
}

export interface PanelFile {
  readonly id: number;
  readonly title: string;
  readonly type: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets: readonly {
    readonly expr: string;
    readonly instant: boolean;
    readonly legendFormat: string;
  }[];
  readonly fieldConfig: {
    readonly defaults: {
      readonly unit?: string;
      readonly thresholds: { readonly steps: readonly { color: string; value: number | null }[] };
    };
  };
  readonly transformations?: readonly {
    readonly options: { readonly excludeByName: Readonly<Record<string, boolean>> };
  }[];
}

/** A series with its points, the newest last; times in seconds. */
export interface DrawnSeries {
  readonly labels: Readonly<Record<string, string>>;
  readonly legend: string;
  readonly points: readonly (readonly [time: number, value: number])[];
}

interface Reply {
  readonly error?: string;
  readonly data?: {
    readonly result: readonly {
      metric: Record<string, string>;
      value?: [number, string];
      values?: [number, string][];
    }[];
  };
}

/** As Grafana fills in variables for All. */
export const fillIn = (expr: string): string =>
  expr.replaceAll(/\$(?:vcenter|site|cluster|host|vm|datastore)\b/g, '.*');

/** What a Prometheus answers to the queries of each panel: over `seconds` until now where Grafana asks for a range. */
export async function askPanels(
  url: string,
  { panels }: DashboardFile,
  { seconds, step }: { seconds: number; step: number },
): Promise<ReadonlyMap<number, readonly DrawnSeries[]>> {
  const end = Date.now() / 1_000;
  const range = { start: String(end - seconds), end: String(end), step: String(step) };
  const ask = async (expr: string, isInstant: boolean, legend: string): Promise<DrawnSeries[]> => {
    const response = await fetch(`${url}/api/v1/${isInstant ? 'query' : 'query_range'}`, {
      method: 'POST',
      body: new URLSearchParams({ query: fillIn(expr), ...(isInstant ? {} : range) }),
      signal: AbortSignal.timeout(10_000),
    });
    const { data, error } = (await response.json()) as Reply;
    if (data === undefined) throw new Error(`${expr}: ${error}`);
    return data.result.map(({ metric, value, values = value === undefined ? [] : [value] }) => ({
      labels: metric,
      legend: legend.replaceAll(/\{\{(\w+)\}\}/g, (_, label: string) => metric[label] ?? ''),
      points: values.map(([time, text]) => [time, Number(text)] as const),
    }));
  };
  return new Map(
    await Promise.all(
      panels.map(async ({ id, targets }) => {
        const answers = targets.map(({ expr, instant, legendFormat }) => ask(expr, instant, legendFormat));
        return [id, (await Promise.all(answers)).flat()] as const;
      }),
    ),
  );
}
