import type { Theme } from '../../lib/monitoring/alerts/alert.ts';
import type { settledAlerts } from '../../lib/monitoring/alerts/rule-files.ts';
import { judge } from '../../lib/queries/judge.ts';
import type { World } from '../../lib/queries/judgement.ts';
import { knownSeries } from '../../lib/queries/known-series.ts';

const WORLD: World = { known: knownSeries([]), recorded: new Set(), added: new Set() };

/** The collectors that its series come from, each series from any of those in its brackets. */
const collectorsOf = (expr: string): string[] => [
  ...new Set(
    judge(expr, WORLD).series.flatMap(({ name }) => {
      const collectors = WORLD.known.get(name)?.collectors ?? [];
      return collectors.length === 0 ? [] : [collectors.map((one) => `\`${one}\``).join(' or ')];
    }),
  ),
];

/** The page of one alert in docs/runbooks. */
export function printRunbook(alert: ReturnType<typeof settledAlerts>[number], theme: Theme): string {
  const collectors = collectorsOf(alert.expr);
  return [
    '<!-- made by npm run alerts: change lib/monitoring/alerts instead -->',
    '',
    `# ${alert.name}`,
    '',
    `Fires when ${alert.fires}. Severity: ${alert.severity}. Rule: [${theme}.rules.yml](../../alerts/${theme}.rules.yml).`,
    '',
    '```promql',
    alert.expr,
    '```',
    '',
    ...(collectors.length === 0 ? [] : [`Collectors: ${collectors.join(', ')}.`, '']),
    '## What it means',
    '',
    alert.means,
    '',
    '## What to look at',
    '',
    ...alert.lookAt.map((one) => `- ${one}`),
    '',
    '## What to do',
    '',
    ...alert.actions.map((one) => `- ${one}`),
    '',
  ].join('\n');
}
