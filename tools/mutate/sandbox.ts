import * as fs from 'node:fs';
import * as path from 'node:path';

const LEFT_OUT = ['.git', '.mutate', 'dist', 'coverage', 'cdk.out'];
const LINKED = ['node_modules', '.peers'];

/** A copy of the project with changed files in it, in place of an earlier one. */
export function makeSandbox(root: string, folder: string, changed: ReadonlyMap<string, string>): void {
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  for (const name of fs.readdirSync(root)) {
    const [from, to] = [path.join(root, name), path.join(folder, name)];
    // A folder given by --out may be in the project, too.
    if (LEFT_OUT.includes(name) || folder.startsWith(path.join(from, path.sep))) continue;
    if (LINKED.includes(name)) fs.symlinkSync(fs.realpathSync(from), to);
    else fs.cpSync(from, to, { recursive: true });
  }
  for (const [file, text] of changed) fs.writeFileSync(path.join(folder, file), text);
}
