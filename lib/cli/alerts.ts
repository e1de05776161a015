import { ConfigError } from '../config/errors.ts';
import { THEMES, type Theme } from '../monitoring/alerts/alert.ts';
import { printRules, settledAlerts } from '../monitoring/alerts/rule-files.ts';
import { conflictOf, type Settings } from '../monitoring/alerts/thresholds.ts';

import { print } from './terminal.ts';

/**
 * `vsweep alerts`: the rules of some themes, or of all, as a rule file of Prometheus. Throws ConfigError for thresholds
 * with which an alert could never fire.
 */
export async function alertsCommand(
  themes: readonly Theme[],
  { set, runbooks, json }: { set: Settings; runbooks?: string; json: boolean },
): Promise<number> {
  const conflict = conflictOf(set);
  if (conflict !== undefined)
    throw new ConfigError('the command line', [{ path: '--set', message: conflict }]);
  const chosen = themes.length === 0 ? THEMES : THEMES.filter((theme) => themes.includes(theme));
  const base = runbooks?.replace(/\/+$/, '');
  const options = { settings: set, ...(base === undefined ? {} : { runbooks: base }) };
  if (!json) print(printRules(chosen, options));
  else {
    const alerts = chosen.flatMap((theme) => settledAlerts(theme, options).map((one) => ({ theme, ...one })));
    print(JSON.stringify(alerts, undefined, 2));
  }
  return 0;
}
