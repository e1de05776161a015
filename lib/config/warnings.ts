import type { ConfigIssue } from './errors.ts';
import type { Config } from './schema.ts';

/** What is allowed in a configuration and was hardly meant, with the paths of its places. */
export const warningsOf = (config: Pick<Config, 'targets'>): ConfigIssue[] => sharedUrls(config);

/** Two targets that are one server: its objects are counted twice, and its account is logged in by both. */
function sharedUrls({ targets }: Pick<Config, 'targets'>): ConfigIssue[] {
  const first = new Map<string, string>();
  return targets.flatMap(({ name, url, credentials }, index) => {
    if (credentials === undefined) return [];
    const other = first.get(url);
    if (other === undefined) {
      first.set(url, name);
      return [];
    }
    const message =
      `asks ${url}, as target "${other}" does, so that all its objects are counted twice. Correct the url, or leave ` +
      `the target out and write aliases: [${name}] at "${other}"`;
    return [{ path: `targets[${index}].url`, message }];
  });
}
