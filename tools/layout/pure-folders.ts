import { findImports, type Import } from './imports.ts';
import { type Fault, lineAt, type SourceFile } from './source-file.ts';

/** What reaches outside the process, or tells the time: packages, modules of Node, and our own clock. */
const OUTSIDE: readonly RegExp[] = [
  /^node:(child_process|cluster|dgram|dns|fs|http|http2|https|net|os|process|readline|repl|sqlite|timers|tls|worker_threads)(\/|$)/,
  /^(@aws-sdk\/|@smithy\/|ssh2$|zeromq$|prom-client$|selfsigned$)/,
];
/** Of those: what only looks at a text. */
const HARMLESS: ReadonlyMap<string, readonly string[]> = new Map([
  ['node:net', ['BlockList', 'isIP', 'isIPv4', 'isIPv6']],
]);
const CLOCK = 'lib/platform/clock.ts';

/** What waits for something, so for the outside: pure code is handed values, and never a signal or a promise. */
const WAITING = /\b(async|await|Promise|AbortSignal|AbortController)\b/g;
const COMMENT = /\/\*[\s\S]*?\*\/|(?<!:)\/\/[^\n]*/g;

/**
 * Faults for each line of a pure folder that waits, and for each import by which it reaches the outside world: itself
 * or through files that it imports by value. A type of the clock is a fault, too: who has one asks it for the time.
 */
export function checkPureFolders(files: readonly SourceFile[], folders: readonly string[]): Fault[] {
  const importsOf = new Map(files.map((file) => [file.path, findImports(file)]));
  const reaches = reachesOutside(importsOf);
  return files
    .filter(
      ({ path: name }) => name.endsWith('.ts') && folders.some((folder) => name.startsWith(`${folder}/`)),
    )
    .flatMap((file) => [
      ...(importsOf.get(file.path) ?? []).flatMap((one): Fault[] => {
        const way = one.target === CLOCK ? [CLOCK] : reaches(one);
        if (way === undefined) return [];
        const message = `a pure folder reaches the outside: ${way.join(' -> ')}`;
        return [{ path: file.path, line: one.line, message }];
      }),
      ...waitingLines(file),
    ]);
}

/** Faults for folders that are named as pure and are not there. */
export function checkPureNames(files: readonly SourceFile[], folders: readonly string[]): Fault[] {
  return folders
    .filter((folder) => !files.some(({ path: name }) => name.startsWith(`${folder}/`)))
    .map((folder) => ({
      path: 'tools/layout/rooms.ts',
      line: 0,
      message: `${folder} is not there: drop it from the pure folders`,
    }));
}

function waitingLines({ path: name, text }: SourceFile): Fault[] {
  const code = text.replace(COMMENT, (comment) => comment.replace(/[^\n]/g, ' '));
  return [...code.matchAll(WAITING)].map((match) => ({
    path: name,
    line: lineAt(code, match.index),
    message: `a pure folder waits for nothing: ${match[0]}`,
  }));
}

/** How an import reaches the outside by what it and further imports name by value; undefined when it does not. */
function reachesOutside(importsOf: ReadonlyMap<string, readonly Import[]>) {
  const known = new Map<string, readonly string[] | undefined>();
  const wayOf = (file: string): readonly string[] | undefined => {
    if (!known.has(file)) {
      known.set(file, undefined);
      const way = (importsOf.get(file) ?? []).map(reach).find((found) => found !== undefined);
      if (way !== undefined) known.set(file, [file, ...way]);
    }
    return known.get(file);
  };
  const reach = ({ specifier, target, isType, names }: Import): readonly string[] | undefined => {
    if (isType) return undefined;
    if (target !== undefined) return wayOf(target);
    const harmless = HARMLESS.get(specifier) ?? [];
    if (names.length > 0 && names.every((name) => harmless.includes(name))) return undefined;
    return OUTSIDE.some((pattern) => pattern.test(specifier)) ? [specifier] : undefined;
  };
  return reach;
}
