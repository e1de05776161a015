import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';

/** A text file of the project; `path` is relative to the project's root, with `/`. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** A place that breaks a rule; `message` says which and what to do. */
export interface Fault {
  readonly path: string;
  /** From 1; 0 when the file as a whole is meant. */
  readonly line: number;
  readonly message: string;
}

export function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}

/** Every file that git tracks or would track; a picture has no text, but pages lead to it. */
export function readProjectFiles(root: string): SourceFile[] {
  const listing = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  return [...new Set(listing.split('\0'))]
    .filter((name) => name !== '' && fs.statSync(path.join(root, name), { throwIfNoEntry: false })?.isFile())
    .map((name) => {
      const text = fs.readFileSync(path.join(root, name), 'utf8');
      return { path: name, text: text.includes('\0') ? '' : text };
    });
}
