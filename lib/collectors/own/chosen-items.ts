import type { NamedItem } from '../../catalogue/presets.ts';
import type { OnlyConfig } from '../../config/own-metrics.ts';
import type { KindName } from '../../inventory/kind.ts';
import { compileGlob } from '../../platform/glob.ts';

/** Whether own metrics are about an item, with the texts `category=name` of its tags. */
export type ChooseItem = (kind: KindName, item: NamedItem, tags: ReadonlySet<string>) => boolean;

const NO_TAGS: ReadonlySet<string> = new Set();

/** By `metrics.only`: each key has to fit, by one of its texts. A pattern has to take a name as a whole. */
export function compileOnly({ folder, cluster, name, tag }: OnlyConfig): ChooseItem {
  const takes = (patterns: readonly string[] | undefined) => {
    const globs = patterns?.map(compileGlob);
    return (text: string) => globs?.some((glob) => glob.test(text)) ?? true;
  };
  const [inFolder, inCluster, isNamed] = [takes(folder), takes(cluster), takes(name)];
  return (kind, item, tags = NO_TAGS) =>
    isNamed(item.name) &&
    inCluster(kind === 'cluster' ? item.name : (item.facts.cluster ?? '')) &&
    inFolder(pathOf(kind, item)) &&
    (tag?.some((one) => tags.has(one)) ?? true);
}

/** The folder of a datacenter in which objects of a kind are, by vSphere's own name. */
const ROOTS: { readonly [Kind in KindName]?: string } = {
  vm: 'vm',
  host: 'host',
  cluster: 'host',
  'resource-pool': 'host',
  datastore: 'datastore',
  'datastore-cluster': 'datastore',
  portgroup: 'network',
  'distributed-switch': 'network',
};

/** `/dc1/vm/prod/web/web01`, as govmomi writes it; a host is in its cluster. */
function pathOf(kind: KindName, { name, facts }: NamedItem): string {
  const { datacenter = '', folder = '', cluster = '' } = facts;
  const above = kind === 'host' || kind === 'resource-pool' ? cluster : folder;
  return ['', datacenter, ROOTS[kind] ?? '', above, name]
    .filter((part, at) => at === 0 || part !== '')
    .join('/');
}
