import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type LineCounter,
  type Node,
  type Pair,
  type Document as YamlDocument,
} from 'yaml';

/** Where something stands in a file, counted from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** A place, and what is hard to see in its line. */
export type FoundPlace = Place & { readonly hint?: string };

/** Finds the place of what a fault is about, such as `sweeps[0].every`: of the nearest that is there, if it is missing. */
export type PlaceOf = (path: string) => FoundPlace | undefined;

/** Of a file that was read as YAML. */
export function placesIn(document: YamlDocument.Parsed, lines: LineCounter): PlaceOf {
  return (path) => {
    if (path === '') return undefined;
    const at = startOf(document, document.contents as Node | null, path);
    if (at === undefined) return undefined;
    const { line, col } = lines.linePos(at);
    return line === 0 ? undefined : { line, column: col };
  };
}

/** The offset of the key, or of the item of a list, that the path leads to. */
function startOf(
  document: YamlDocument.Parsed,
  node: Node | null,
  path: string,
  found?: number,
): number | undefined {
  const here = isAlias(node) ? (node.resolve(document) ?? null) : node;
  if (path === '') return found;
  if (isSeq(here)) {
    const [whole = '', index] = /^\[(\d+)\]\.?/.exec(path) ?? [];
    const item = index === undefined ? undefined : (here.items[Number(index)] as Node | undefined);
    return item === undefined ? found : startOf(document, item, path.slice(whole.length), item.range?.[0]);
  }
  if (!isMap(here)) return found;
  // A key may hold dots and brackets, so the longest that the path begins with is meant.
  const pairs = here.items as Pair<Node, Node | null>[];
  const [next] = pairs
    .flatMap((pair) => (isScalar(pair.key) ? [{ pair, key: String(pair.key.value) }] : []))
    .filter(({ key }) => path.startsWith(key) && /^(?:$|[.[])/.test(path.slice(key.length)))
    .toSorted((one, other) => other.key.length - one.key.length);
  if (next === undefined) return found;
  const rest = path.slice(next.key.length).replace(/^\./, '');
  return startOf(document, next.pair.value, rest, next.pair.key.range?.[0]);
}
