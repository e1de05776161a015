import { findImports } from './imports.ts';
import type { Exception } from './rooms.ts';
import type { Fault, SourceFile } from './source-file.ts';

/**
 * An import between two neighbours: folders of one folder, or a folder and a file beside it. `from` and `to` are
 * their paths; a file that stands in the room itself is a neighbour of its own.
 */
interface NeighbourImport {
  readonly path: string;
  readonly line: number;
  readonly from: string;
  readonly to: string;
  readonly target: string;
}

/**
 * Faults for each import that is part of a circle of folders inside a room: of two neighbours one may import the
 * other, directly or by way of others, and never both. An import of a type counts like any other.
 */
export function checkFolderCycles(files: readonly SourceFile[], exceptions: readonly Exception[]): Fault[] {
  const imports = files.flatMap(findNeighbourImports).filter((one) => !exceptions.some(isThat(one)));
  const graph = toGraph(imports);
  return imports.flatMap(({ path: name, line, from, to, target }) => {
    const back = wayFrom(to, from, graph);
    if (back === undefined || (isFile(from) && isFile(to))) return [];
    const circle = [from, ...back].join(' -> ');
    return [{ path: name, line, message: `${from} imports ${to} (${target}) in a circle: ${circle}` }];
  });
}

/** Faults for exceptions that no import needs any more, or that are part of no circle. */
export function checkFolderExceptions(
  files: readonly SourceFile[],
  exceptions: readonly Exception[],
): Fault[] {
  const imports = files.flatMap(findNeighbourImports);
  const graph = toGraph(imports);
  return exceptions
    .filter((one) => !imports.some((found) => isThat(found)(one)) || !wayFrom(one.to, one.from, graph))
    .map(({ from, to }) => ({
      path: 'tools/layout/rooms.ts',
      line: 0,
      message: `${from} and ${to} are in no circle: drop the exception`,
    }));
}

const isThat =
  ({ from, to }: { from: string; to: string }) =>
  (one: Exception) =>
    one.from === from && one.to === to;

// Circles of files alone are the linter's (noImportCycles).
const isFile = (neighbour: string) => neighbour.endsWith('.ts');

function findNeighbourImports(file: SourceFile): NeighbourImport[] {
  return findImports(file).flatMap(({ path: name, line, target }) => {
    if (target === undefined) return [];
    const apart = neighboursOf(name, target);
    return apart === undefined ? [] : [{ path: name, line, target, ...apart }];
  });
}

/** The parts in which two files of one room go apart, as paths; undefined for files of two rooms. */
function neighboursOf(left: string, right: string): { from: string; to: string } | undefined {
  const [lefts, rights] = [left.split('/'), right.split('/')];
  const apart = lefts.findIndex((part, index) => part !== rights[index]);
  if (apart < (lefts[0] === 'lib' ? 2 : 1)) return undefined;
  const upTo = (parts: readonly string[]) => parts.slice(0, apart + 1).join('/');
  return { from: upTo(lefts), to: upTo(rights) };
}

type Graph = ReadonlyMap<string, ReadonlySet<string>>;

function toGraph(imports: readonly NeighbourImport[]): Graph {
  const byImporter = Map.groupBy(imports, ({ from }) => from);
  return new Map(Array.from(byImporter, ([from, of]) => [from, new Set(of.map(({ to }) => to))] as const));
}

/** The shortest way from one neighbour to another along imports, both ends included. */
function wayFrom(start: string, end: string, graph: Graph): readonly string[] | undefined {
  const seen = new Set([start]);
  let ways: readonly (readonly string[])[] = [[start]];
  while (ways.length > 0) {
    const arrived = ways.find((way) => way.at(-1) === end);
    if (arrived !== undefined) return arrived;
    ways = ways.flatMap((way) =>
      Array.from(graph.get(way.at(-1) ?? '') ?? [])
        .filter((next) => !seen.has(next))
        .map((next) => {
          seen.add(next);
          return [...way, next];
        }),
    );
  }
  return undefined;
}
