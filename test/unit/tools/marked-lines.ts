import * as fs from 'node:fs';
import * as path from 'node:path';
import type { SourceFile } from '../../../tools/layout/source-file.ts';

export const LAYOUT_FIXTURES = path.join(import.meta.dirname, '../../fixtures/layout');

/** The files of one folder of `test/fixtures/layout`, as if that folder were the project. */
export function readFixture(name: string): SourceFile[] {
  const root = path.join(LAYOUT_FIXTURES, name);
  return fs
    .readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .map((file) => ({
      path: path.relative(root, file).split(path.sep).join('/'),
      text: fs.readFileSync(file, 'utf8'),
    }));
}

/** `path:line rule` of each line that ends in `// expect: rule`. */
export function markedLines(files: readonly SourceFile[]): string[] {
  return files.flatMap(({ path: name, text }) =>
    text.split('\n').flatMap((line, index) => {
      const rule = /\/\/ expect: (\S+)$/.exec(line)?.[1];
      return rule === undefined ? [] : [`${name}:${index + 1} ${rule}`];
    }),
  );
}
