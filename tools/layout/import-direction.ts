import * as path from 'node:path';
import { ALSO_ALLOWED, CDK_MAY_IMPORT, FORBIDDEN, LEVELS, UNSHIPPED } from './rooms.ts';
import { type Fault, lineAt, type SourceFile } from './source-file.ts';

/** An import of a file of the project, of values or of types only. */
export interface RelativeImport {
  /** The imported file, relative to the project's root. */
  readonly target: string;
  readonly line: number;
}

const IMPORT = /(?:\bfrom|\bimport|\brequire|\bnew\s+URL)\s*\(?\s*(['"])(?<specifier>\.{1,2}\/[^'"\n]*)\1/g;

/** Every relative import of a file, static, dynamic and as a worker's URL. Commented-out ones count, too. */
export function findRelativeImports(file: SourceFile): RelativeImport[] {
  return [...file.text.matchAll(IMPORT)].map((match) => ({
    target: path.posix.join(path.posix.dirname(file.path), match.groups?.['specifier'] ?? ''),
    line: lineAt(file.text, match.index),
  }));
}

/** The room of a file: the folder below `lib/`, else the first folder; undefined for a file of the root. */
function roomOf(file: string): string | undefined {
  const [first, second, third] = file.split('/');
  if (first === 'lib') return third === undefined ? undefined : second;
  return second === undefined ? undefined : first;
}

const levelOf = (room: string) => LEVELS.findIndex((rooms) => rooms.includes(room));

/** Why `from` may not import `to`, or undefined when it may. */
function objection(from: string, to: string): string | undefined {
  const forbidden = FORBIDDEN.find((one) => one.from === from && one.to === to);
  if (forbidden) return forbidden.why;
  if (ALSO_ALLOWED.some((one) => one.from === from && one.to === to)) return undefined;
  if (from === 'cdk') {
    return CDK_MAY_IMPORT.includes(to) ? undefined : `cdk may import only ${CDK_MAY_IMPORT.join(', ')}`;
  }
  if (levelOf(from) === -1) return `${from} is no room of tools/layout/rooms.ts`;
  if (levelOf(to) === -1) return `${to} is no room of tools/layout/rooms.ts`;
  if (levelOf(to) > levelOf(from)) return undefined;
  return levelOf(to) === levelOf(from) ? 'they are on one level' : `${to} is above ${from}`;
}

/** Faults for each import that points against the order of the rooms, and for each exception without a use. */
export function checkImportDirection(files: readonly SourceFile[]): Fault[] {
  const faults: Fault[] = [];
  const unused = new Set(ALSO_ALLOWED);
  for (const file of files.filter(({ path: name }) => /^(lib|functions|cdk)\/.*\.[cm]?ts$/.test(name))) {
    const from = roomOf(file.path);
    for (const { target, line } of findRelativeImports(file)) {
      const to = roomOf(target);
      if (from === to || to === undefined) continue;
      for (const one of unused) if (one.from === from && one.to === to) unused.delete(one);
      const reason = UNSHIPPED.includes(to)
        ? `${to} is not shipped`
        : objection(from ?? path.posix.dirname(file.path), to);
      if (reason === undefined) continue;
      faults.push({
        path: file.path,
        line,
        message: `${from ?? 'lib'} imports ${to} (${target}): ${reason}`,
      });
    }
  }
  for (const { from, to } of unused) {
    faults.push({
      path: 'tools/layout/rooms.ts',
      line: 0,
      message: `no file of ${from} imports ${to} any more: drop the exception`,
    });
  }
  return faults;
}
