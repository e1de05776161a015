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
