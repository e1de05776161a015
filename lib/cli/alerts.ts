import { THEMES, type Theme } from '../monitoring/alerts/alert.ts';
import { ALERTS, printRules } from '../monitoring/alerts/rule-files.ts';
import { fillIn, type Settings } from '../monitoring/alerts/thresholds.ts';
import { print } from './terminal.ts';

/** `vsweep alerts`: the rules of some themes, or of all, as a rule file of Prometheus. */
export async function alertsCommand(
  themes: readonly Theme[],
  { set, runbooks, json }: { set: Settings; runbooks?: string; json: boolean },
): Promise<number> {
  const chosen = themes.length === 0 ? THEMES : THEMES.filter((theme) => themes.includes(theme));
  const base = runbooks?.replace(/\/+$/, '');
  if (!json) print(printRules(chosen, { settings: set, ...(base === undefined ? {} : { runbooks: base }) }));
  else {
    const alerts = chosen.flatMap((theme) => ALERTS[theme].map((alert) => ({ theme, ...alert })));
    const filled = alerts.map((alert) => ({
      ...alert,
      expr: fillIn(alert.expr, set),
      ...(alert.for === undefined ? {} : { for: fillIn(alert.for, set) }),
    }));
    print(JSON.stringify(filled, undefined, 2));
  }
  return 0;
}
