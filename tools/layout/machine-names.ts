import { type Fault, lineAt, type SourceFile } from './source-file.ts';

/** Each pattern is written so that it does not match its own line here. */
const PATTERNS: readonly { readonly pattern: RegExp; readonly what: string }[] = [
  { pattern: /(?<![\w.~}-])[/]((work|root)(?![\w:-])|(home|Users)[/])/g, what: 'a path of one machine' },
  { pattern: /\bnpm[j]s\.(org|com)\b/g, what: 'a package registry' },
  { pattern: /\bpy[p]i\.org\b|\bpython[h]osted\.org\b/g, what: 'a package registry' },
  { pattern: /\b(deb|security|ftp)\.deb[i]an\.org\b/g, what: 'a package registry' },
  { pattern: /\b(proxy|sum)\.go[l]ang\.org\b/g, what: 'a package registry' },
  { pattern: /\brepo1?\.mav[e]n\.(org|apache\.org)\b/g, what: 'a package registry' },
];

/** Faults for paths of one machine and hosts of package registries: a file of the project is true anywhere. */
export function checkMachineNames(files: readonly SourceFile[]): Fault[] {
  return files.flatMap(({ path, text }) =>
    PATTERNS.flatMap(({ pattern, what }) =>
      [...text.matchAll(pattern)].map((match) => ({
        path,
        line: lineAt(text, match.index),
        message: `"${match[0]}" names ${what}: say it in a way that holds everywhere`,
      })),
    ),
  );
}
