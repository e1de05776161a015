import * as path from 'node:path';
import { lineAt, type SourceFile } from './source-file.ts';

/** An import as it is written: static, dynamic, or a worker's URL; one in a comment counts, too. */
export interface Import {
  /** The importing file and its line. */
  readonly path: string;
  readonly line: number;
  /** What is written: `node:fs`, `ssh2`, `../batch.ts`. */
  readonly specifier: string;
  /** The imported file, relative to the project's root; undefined for a package or a module of Node. */
  readonly target: string | undefined;
  /** `import type` and `export type`: nothing of it is there when the code runs. */
  readonly isType: boolean;
  /** What is imported by name, as `isIP`; empty for anything but a list of names in braces. */
  readonly names: readonly string[];
}

const SHIPPED = /^(lib|functions|cdk)\/.*\.[cm]?ts$/;
const IMPORT = /(?:\bfrom|\bimport|\bnew\s+URL)\s*\(?\s*(['"])(?<specifier>[^'"\s]+)\1/g;

/** The imports of a file of what is shipped; none of any other file. */
export function findImports(file: SourceFile): Import[] {
  if (!SHIPPED.test(file.path)) return [];
  return [...file.text.matchAll(IMPORT)].map((match) => {
    const specifier = match.groups?.['specifier'] ?? '';
    const clause = match[0].startsWith('from') ? clauseBefore(file.text.slice(0, match.index)) : '';
    return {
      path: file.path,
      line: lineAt(file.text, match.index),
      specifier,
      target: /^\.{1,2}\//.test(specifier)
        ? path.posix.join(path.posix.dirname(file.path), specifier)
        : undefined,
      isType: /^type\b/.test(clause),
      names: (/^\{([^}]*)\}$/.exec(clause)?.[1] ?? '')
        .split(',')
        .map((name) => name.trim())
        .filter((name) => name !== ''),
    };
  });
}

/** What stands between `import` or `export` and the end of `before`. */
function clauseBefore(before: string): string {
  const start = Math.max(before.lastIndexOf('import'), before.lastIndexOf('export'));
  return before.slice(start + 'import'.length).trim();
}
