import { readFileSync } from 'node:fs';

/** The package's version; the file lies at the same distance from the sources and from what is built of them. */
export const VERSION: string = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
).version;
