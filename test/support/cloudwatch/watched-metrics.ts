import { propertiesOfType, type SynthesisedTemplate } from '../peers/synthesised-template.ts';

type Template = SynthesisedTemplate['template'];

/** A metric as an alarm or a widget names it: another set of dimensions is another metric. */
export interface WatchedMetric {
  /** The alarm or the widget. */
  readonly by: string;
  readonly namespace: string;
  readonly name: string;
  /** Values are texts, or what CloudFormation fills in. */
  readonly dimensions: Readonly<Record<string, unknown>>;
}

interface MetricStat {
  readonly Metric: {
    readonly Namespace: string;
    readonly MetricName: string;
    readonly Dimensions?: Dimension[];
  };
}
interface Dimension {
  readonly Name: string;
  readonly Value: unknown;
}

/** Everything that the alarms of a template watch. */
export const metricsOfAlarms = (template: Template): WatchedMetric[] =>
  propertiesOfType(template, 'AWS::CloudWatch::Alarm').flatMap((alarm) => {
    const inside = (alarm['Metrics'] ?? []) as { MetricStat?: MetricStat }[];
    const watched =
      alarm['MetricName'] === undefined
        ? inside.flatMap(({ MetricStat }) => MetricStat?.Metric ?? [])
        : [alarm as unknown as MetricStat['Metric']];
    return watched.map(({ Namespace, MetricName, Dimensions = [] }) => ({
      by: String(alarm['AlarmName']),
      namespace: Namespace,
      name: MetricName,
      dimensions: Object.fromEntries(Dimensions.map(({ Name, Value }) => [Name, Value])),
    }));
  });

type Options = { readonly expression?: string };
interface Widget {
  readonly properties: { readonly title: string; readonly metrics: (string | Options)[][] };
}

/** Everything that the dashboard of a template shows; what it searches for by its dimensions without values. */
export function metricsOfWidgets(template: Template): WatchedMetric[] {
  const [dashboard] = propertiesOfType(template, 'AWS::CloudWatch::Dashboard');
  const { widgets } = JSON.parse(filledIn(dashboard?.['DashboardBody'])) as { widgets: Widget[] };
  return widgets.flatMap(({ properties: { title, metrics } }) =>
    metrics.map((row) => {
      const texts = row.filter((part) => typeof part === 'string');
      const expression = row.flatMap((part) => (typeof part === 'string' ? [] : (part.expression ?? [])))[0];
      if (expression !== undefined) return searched(title, expression);
      const [namespace = '', name = '', ...pairs] = texts;
      const names = pairs.filter((_, index) => index % 2 === 0);
      const dimensions = Object.fromEntries(names.map((one, index) => [one, pairs[2 * index + 1]]));
      return { by: title, namespace, name, dimensions };
    }),
  );
}

/** `SEARCH('{"<namespace>",<dimension>,…} MetricName="<name>" <dimension>="<value>"', …)`. */
function searched(by: string, expression: string): WatchedMetric {
  const [, namespace = '', dimensions = '', name = '', filter = ''] =
    /^SEARCH\('\{"([^"]+)",([^}]+)\} MetricName="([^"]+)" ([^']*)'/.exec(expression) ?? [];
  const values = new Map(
    Array.from(filter.matchAll(/(\w+)="([^"]*)"/g), ([, key = '', value]) => [key, value]),
  );
  return {
    by,
    namespace,
    name,
    dimensions: Object.fromEntries(dimensions.split(',').map((one) => [one, values.get(one)])),
  };
}

/** A text with what CloudFormation fills in as its logical id. */
function filledIn(value: unknown): string {
  if (typeof value === 'string') return value;
  const { Ref, 'Fn::Join': join } = value as { Ref?: string; 'Fn::Join'?: [string, unknown[]] };
  if (join !== undefined) return join[1].map(filledIn).join(join[0]);
  return Ref ?? '';
}
