import { readFile } from 'node:fs/promises';
import type { Plugin } from 'esbuild';

/** Up to where its body begins, on the line where that begins. */
const ERROR_CLASS = /^(?:export )?(?:abstract )?class (\w+) extends \w*Error\b[^{]*\{/gm;

/** The same source, with the name of each error class as a property of the class; no line moves. */
export const nameErrors = (source: string): string =>
  source.replaceAll(
    ERROR_CLASS,
    (head, name: string) => `${head} static override readonly name = '${name}';`,
  );

/**
 * Keeps the names of our own error classes, by which Lambda and the log name an error. esbuild can keep all names or
 * none, and all of them are 5 % of a bundle and a call for each function when it loads.
 */
export const namedErrors: Plugin = {
  name: 'named-errors',
  setup({ onLoad }) {
    // Packages are JavaScript.
    onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      return { contents: nameErrors(await readFile(path, 'utf8')), loader: 'ts' };
    });
  },
};
