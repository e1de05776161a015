import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';

/** Of the bundle, beside it; undefined in a test, which runs the sources. */
const MAP = new URL('index.js.map', import.meta.url);

let ofBundle: SourceMap | null | undefined;

/**
 * The error with a stack that names our lines instead of those of the bundle. The map is read when the first error is
 * thrown: with `--enable-source-maps` Node would read it at each cold start, for 10 ms.
 */
export function withReadableStack(error: unknown): unknown {
  if (ofBundle === undefined) ofBundle = readMap(MAP);
  if (ofBundle !== null && error instanceof Error && error.stack !== undefined)
    error.stack = toSources(error.stack, ofBundle);
  return error;
}

function readMap(url: URL): SourceMap | null {
  try {
    return new SourceMap(JSON.parse(readFileSync(url, 'utf8')));
  } catch {
    // The error itself is what has to be told.
    return null;
  }
}

/** A place in the bundle, whose lines and columns count from 1. */
const PLACE = /[^\s(]*index\.js:(\d+):(\d+)/g;

/** A stack of the bundle with each place that its source map knows as `lib/sweep/run/run-sweep.ts:81:9`. */
export function toSources(stack: string, map: Pick<SourceMap, 'findOrigin'>): string {
  return stack.replaceAll(PLACE, (place, line: string, column: string) => {
    const origin = map.findOrigin(Number(line), Number(column));
    if (!('fileName' in origin)) return place;
    return `${origin.fileName}:${origin.lineNumber}:${origin.columnNumber}`;
  });
}
