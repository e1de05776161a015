// Loads a file of tests again, alone or with the modules of lib/ that depend on a mutant.
import { registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';

const MARK = /[?&]anew=(\d+)/;
const reloads = new Map<string, ReadonlySet<string>>();
let count = 0;

registerHooks({
  resolve(specifier, context, nextResolve) {
    const resolved = nextResolve(specifier, context);
    const number = MARK.exec(context.parentURL ?? '')?.[1];
    const isReloaded = number !== undefined && reloads.get(number)?.has(resolved.url);
    return isReloaded ? { ...resolved, url: `${resolved.url}?anew=${number}` } : resolved;
  },
});

/** Runs the file as if for the first time, and with it each module that it comes by among those to reload (paths). */
export async function importAnew(file: string, reload: readonly string[] = []): Promise<void> {
  count += 1;
  reloads.set(String(count), new Set(reload.map((path) => pathToFileURL(path).href)));
  await import(`${pathToFileURL(file).href}?anew=${count}`);
}
