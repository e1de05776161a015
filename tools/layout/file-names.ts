import * as path from 'node:path';
import { GENERATED } from './rooms.ts';
import type { Fault, SourceFile } from './source-file.ts';

const CODE = /^(lib|functions|cdk|test|tools|bench)\//;
const GRAB_BAGS = ['utils', 'util', 'helpers', 'helper', 'common', 'shared', 'misc'];

/** Faults for folders and files that are named for nothing in particular, and for names that are not kebab-case. */
export function checkFileNames(files: readonly SourceFile[]): Fault[] {
  return files.flatMap(({ path: name }) => {
    if (!CODE.test(name) || name.startsWith('test/fixtures/')) return [];
    const parts = name.split('/');
    const base = (parts.at(-1) ?? '').replace(/\..*$/, '');
    const faults: Fault[] = [];
    const grabBag = [...parts.slice(0, -1), base].find((part) => GRAB_BAGS.includes(part));
    if (grabBag !== undefined) {
      faults.push({ path: name, line: 0, message: `"${grabBag}" says nothing: name it for what it holds` });
    }
    if (parts.at(-1) === 'types.ts') {
      faults.push({ path: name, line: 0, message: 'no types.ts: a type stands in the file of its idea' });
    }
    if (name.endsWith('.ts') && !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(base)) {
      faults.push({ path: name, line: 0, message: 'file names are kebab-case' });
    }
    return faults;
  });
}

/**
 * Faults for folders whose name says that a tool made them, but for those of `still`: they are left out of searches,
 * archives and images. A folder of `still` that is not there is a fault, too.
 */
export function checkGeneratedNames(files: readonly SourceFile[], still: readonly string[]): Fault[] {
  const folders = new Map(
    files.flatMap(({ path: name }) =>
      CODE.test(name) && !name.startsWith('test/fixtures/') ? generatedFolders(name) : [],
    ),
  );
  return [
    ...Array.from(folders).flatMap(([folder, name]): Fault[] => {
      if (still.includes(folder)) return [];
      const message = `tools take ${folder} for generated: give the folder another name than ${path.posix.basename(folder)}`;
      return [{ path: name, line: 0, message }];
    }),
    ...still
      .filter((folder) => !folders.has(folder))
      .map((folder) => ({
        path: 'tools/layout/rooms.ts',
        line: 0,
        message: `${folder} is not there: drop the exception`,
      })),
  ];
}

/** The folders of such a name above a file, each with the file. */
function generatedFolders(name: string): (readonly [folder: string, file: string])[] {
  const parts = name.split('/').slice(0, -1);
  return parts.flatMap((part, index) =>
    GENERATED.includes(part) ? [[parts.slice(0, index + 1).join('/'), name] as const] : [],
  );
}
