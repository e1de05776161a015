import * as fs from 'node:fs';
import * as path from 'node:path';

const PATH = /'(\.{1,2}\/[^'\n]+\.ts)'/g;

/** Which files of a project name which by a relative path: in imports, of types too, and as modules of threads. */
export interface ImportGraph {
  /** A file and all that depend on it, however far away; the nearest ones first. */
  dependents(file: string): ReadonlySet<string>;
}

export function readImportGraph(files: readonly string[], root: string): ImportGraph {
  const importers = new Map<string, string[]>();
  for (const file of files) {
    const text = fs.readFileSync(path.join(root, file), 'utf8');
    for (const [, specifier = ''] of text.matchAll(PATH)) {
      const imported = path.join(path.dirname(file), specifier);
      importers.set(imported, [...(importers.get(imported) ?? []), file]);
    }
  }
  const dependents = memo((file) => {
    const found = new Set([file]);
    for (const one of found) for (const importer of importers.get(one) ?? []) found.add(importer);
    return found;
  });
  return { dependents };
}

function memo<T>(make: (key: string) => T): (key: string) => T {
  const made = new Map<string, T>();
  return (key) => {
    const value = made.get(key) ?? make(key);
    made.set(key, value);
    return value;
  };
}
