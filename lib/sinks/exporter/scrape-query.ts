/** What of the targets a scrape is to be answered with. */
type ScrapeQuery =
  | { readonly of: 'all' }
  | { readonly of: 'target'; readonly target: string }
  | { readonly of: 'nothing'; readonly why: string };

/**
 * `/metrics?target=<name>`, also `?vsphere_host=` as vmware_exporter had it. Its sections are targets here, so one that
 * is not its `default` cannot be answered. Other parameters are nobody's, and do not matter.
 */
export function readScrapeQuery(url: string | undefined): ScrapeQuery {
  const query = new URLSearchParams(url?.split('?').slice(1).join('?'));
  const section = query.get('section') ?? 'default';
  const target = query.get('target') ?? query.get('vsphere_host');
  if (section !== 'default')
    return { of: 'nothing', why: 'vsweep has no sections; ask by ?target=<name of the target> instead.\n' };
  return target === null || target === '' ? { of: 'all' } : { of: 'target', target };
}
