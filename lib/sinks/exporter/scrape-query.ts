/** What of the targets a scrape is to be answered with. */
type ScrapeQuery =
  | { readonly of: 'all' }
  | { readonly of: 'target'; readonly target: string }
  | { readonly of: 'nothing'; readonly why: string };

/**
 * `/metrics?target=<name>`, also `?vsphere_host=` as vmware_exporter had it. Its sections are targets here, so one that
 * is not its `default` cannot be answered without a target, and does not matter with one. Nor do other parameters.
 */
export function readScrapeQuery(url: string | undefined): ScrapeQuery {
  const query = new URLSearchParams(url?.split('?').slice(1).join('?'));
  const section = query.get('section') ?? 'default';
  const target = query.get('target') || query.get('vsphere_host') || undefined;
  if (target !== undefined) return { of: 'target', target };
  if (section !== 'default')
    return { of: 'nothing', why: 'vsweep has no sections; ask by ?target=<name of the target> instead.\n' };
  return { of: 'all' };
}

/**
 * The target that a scrape means: its name whatever the case, or the only one that is configured by any name, as
 * vmware_exporter answered for the one vCenter of its section (0.18.4, `generate_latest_metrics`).
 */
export function findTarget(asked: string, configured: readonly string[]): string {
  if (configured.includes(asked)) return asked;
  const [only] = configured;
  if (only !== undefined && configured.length === 1) return only;
  return configured.find((name) => name.toLowerCase() === asked.toLowerCase()) ?? asked;
}
