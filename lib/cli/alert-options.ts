import { InvalidArgumentError } from 'commander';
import { THEMES, type Theme } from '../monitoring/alerts/alert.ts';
import { fitsThreshold, isThreshold, type Settings, THRESHOLDS } from '../monitoring/alerts/thresholds.ts';
import { nearestName } from '../platform/nearest-name.ts';

/** One more subject of rules. */
export function addTheme(text: string, before: readonly Theme[] = []): readonly Theme[] {
  const theme = THEMES.find((one) => one === text);
  if (theme === undefined) throw new InvalidArgumentError(`write any of ${THEMES.join(', ')}`);
  return [...before, theme];
}

/** One more `<threshold>=<value>`. */
export function addSetting(text: string, before: Settings): Settings {
  const [name = '', ...rest] = text.split('=');
  const value = rest.join('=');
  if (!isThreshold(name)) {
    const near = nearestName(name, Object.keys(THRESHOLDS));
    const hint = near === undefined ? 'docs/alerts.md lists all' : `did you mean ${near}?`;
    throw new InvalidArgumentError(`there is no threshold "${name}"; ${hint}`);
  }
  if (!fitsThreshold(name, value)) {
    throw new InvalidArgumentError(
      `write ${name}=${THRESHOLDS[name].default}, or another value of that form`,
    );
  }
  return { ...before, [name]: value };
}
