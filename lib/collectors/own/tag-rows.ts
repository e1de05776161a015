import type { MetricRow } from '../../catalogue/row.ts';
import { tags } from '../../catalogue/sources/tags.ts';
import type { SweptOwn } from '../../config/own-metrics.ts';
import type { KindName } from '../../inventory/kind.ts';

/** No metric is called so: it has a space. */
const NAME = 'own tags';
export const isTagRow = (name: string): boolean => name.startsWith(NAME);

/** The tags of the objects of some kinds, which own metrics are chosen by; none without `metrics.only.tag`. */
export const tagRows = ({ only, preset }: SweptOwn, kinds: Iterable<KindName>): MetricRow[] =>
  only?.tag === undefined
    ? []
    : Array.from(new Set(kinds), (kind) => ({
        name: `${NAME} ${kind}`,
        help: 'Tags by which own metrics are chosen',
        unit: 'info',
        kind,
        source: tags,
        labels: ['category', 'tag'],
        preset,
        privilege: 'System.Read',
        since: '6.5',
        isHidden: true,
      }));
