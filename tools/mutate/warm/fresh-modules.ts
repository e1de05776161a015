// Loads a file of tests again, alone or with the modules of lib/ that depend on a mutant.
import { registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';

/** Modules that are loaded anew, by their paths; files of tests that name the same graph share them. */
export interface Graph {
  readonly name: string;
  readonly reload: readonly string[];
}

const MARK = /[?&]anew=([\w.-]+)/;
const reloads = new Map<string, ReadonlySet<string>>();
let count = 0;

registerHooks({
  resolve(specifier, context, nextResolve) {
    const resolved = nextResolve(specifier, context);
    const name = MARK.exec(context.parentURL ?? '')?.[1];
    const isReloaded = name !== undefined && reloads.get(name)?.has(resolved.url);
    return isReloaded ? { ...resolved, url: `${resolved.url}?anew=${name}` } : resolved;
  },
});

/** Runs the file as if for the first time, and with it each module that it comes by among those of the graph. */
export async function importAnew(file: string, graph?: Graph): Promise<void> {
  count += 1;
  if (graph !== undefined && !reloads.has(graph.name)) {
    reloads.set(graph.name, new Set(graph.reload.map((path) => pathToFileURL(path).href)));
  }
  await import(`${pathToFileURL(file).href}?anew=${graph?.name ?? 'none'}&time=${count}`);
}
