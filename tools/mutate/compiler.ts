import * as path from 'node:path';
import { API } from 'typescript/unstable/sync';

/** Says why the compiler refuses a text in place of a file of the project, or undefined when it takes it. */
export interface Compiler extends Disposable {
  refuses(file: string, text: string): string | undefined;
}

/**
 * lib/ of a checkout as a project, kept open: a changed file takes 5 to 60 ms, and many at once take no less. Only that
 * file is looked at.
 *
 * The API is called unstable by TypeScript 7 itself: look here when that package is updated.
 */
export function openCompiler(root: string): Compiler {
  const changed = new Map<string, string>();
  const tsconfig = path.resolve(root, 'tools/mutate/tsconfig.json');
  const api = new API({ cwd: root, fs: { readFile: (name) => changed.get(name) } });
  api.updateSnapshot({ openProjects: [tsconfig] }).dispose();
  let last = '';
  return {
    refuses: (file, text) => {
      const name = path.resolve(root, file);
      changed.set(name, text);
      try {
        // The file before this one is as it was again.
        using snapshot = api.updateSnapshot({ fileChanges: { changed: [last, name].filter(Boolean) } });
        const program = snapshot.getProjects()[0]?.program;
        if (program === undefined) throw new Error(`${tsconfig}: the compiler opens no project`);
        const faults = [...program.getSyntacticDiagnostics(name), ...program.getSemanticDiagnostics(name)];
        return faults[0]?.text;
      } finally {
        changed.delete(name);
        last = name;
      }
    },
    [Symbol.dispose]: () => api.close(),
  };
}
