// Rule files, runbooks and the tables of docs/alerts.md, made from lib/monitoring/alerts: `npm run alerts` after a change.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { THEMES } from '../lib/monitoring/alerts/alert.ts';
import { printRules, settledAlerts } from '../lib/monitoring/alerts/rule-files.ts';
import { THRESHOLDS } from '../lib/monitoring/alerts/thresholds.ts';
import { printRunbook } from './monitoring/runbook.ts';

const ROOT = resolve(import.meta.dirname, '..');
const PAGE = 'docs/alerts.md';
const BEGIN = '<!-- made by npm run alerts: change lib/monitoring/alerts instead -->';
const MADE =
  '# Made by npm run alerts from lib/monitoring/alerts. With other thresholds: vsweep alerts --set <name>=<value>\n';

/** Every file that is made, by its path in the repository. `page` is docs/alerts.md as it stands. */
export function alertFiles(page: string): ReadonlyMap<string, string> {
  const [head = ''] = page.split(BEGIN);
  return new Map([
    ...THEMES.map((theme) => [`alerts/${theme}.rules.yml`, MADE + printRules([theme])] as const),
    ...THEMES.flatMap((theme) =>
      settledAlerts(theme).map(
        (alert) => [`docs/runbooks/${alert.name}.md`, printRunbook(alert, theme)] as const,
      ),
    ),
    [PAGE, `${head}${BEGIN}\n\n${[...THEMES.map(printTheme), printThresholds()].join('\n\n')}\n`],
  ]);
}

const printTheme = (theme: (typeof THEMES)[number]): string =>
  [
    `### ${theme}`,
    '',
    `[alerts/${theme}.rules.yml](../alerts/${theme}.rules.yml)`,
    '',
    '| alert | fires when | severity |',
    '|---|---|---|',
    ...settledAlerts(theme).map(
      ({ name, fires, severity }) => `| [${name}](runbooks/${name}.md) | ${fires} | ${severity} |`,
    ),
  ].join('\n');

const printThresholds = (): string =>
  [
    '## Thresholds',
    '',
    '| name | default | meaning |',
    '|---|---|---|',
    ...Object.entries(THRESHOLDS).map(
      ([name, { default: value, meaning }]) => `| \`${name}\` | ${value} | ${meaning} |`,
    ),
  ].join('\n');

if (import.meta.main) {
  const made = alertFiles(readFileSync(resolve(ROOT, PAGE), 'utf8'));
  // A page of an alert that is gone would stay.
  rmSync(resolve(ROOT, 'docs/runbooks'), { recursive: true, force: true });
  for (const [path, text] of made) {
    mkdirSync(dirname(resolve(ROOT, path)), { recursive: true });
    writeFileSync(resolve(ROOT, path), text);
  }
}
