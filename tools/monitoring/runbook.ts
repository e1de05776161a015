import type { Alert, Theme } from '../../lib/monitoring/alerts/alert.ts';
import { fillIn } from '../../lib/monitoring/alerts/thresholds.ts';

/** The page of one alert in docs/runbooks. */
export const printRunbook = (alert: Alert, theme: Theme): string =>
  [
    '<!-- made by npm run alerts: change lib/monitoring/alerts instead -->',
    '',
    `# ${alert.name}`,
    '',
    `Fires when ${alert.fires}. Severity: ${alert.severity}. Rule: [${theme}.rules.yml](../../alerts/${theme}.rules.yml).`,
    '',
    '```promql',
    fillIn(alert.expr),
    '```',
    '',
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
