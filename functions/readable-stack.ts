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

/** A frame of the bundle; lines and columns count from 1. A message may hold anything, a long word too: only frames are looked at. */
const FRAME = /^ {4}at (?:[^\n]{0,500} \()?[^\s()]{0,500}?index\.js:(\d{1,9}):(\d{1,9})\)?$/;

/** A stack of the bundle with each place that its source map knows as `lib/sweep/run/run-sweep.ts:81:9`. */
export function toSources(stack: string, map: Pick<SourceMap, 'findOrigin'>): string {
  return stack
    .split('\n')
    .map((frame) => {
      // Packages that lie beside the bundle have an index.js of their own.
      if (frame.length > MAX_FRAME || frame.includes('/node_modules/')) return frame;
      const [, line, column] = FRAME.exec(frame) ?? [];
      if (line === undefined) return frame;
      const origin = map.findOrigin(Number(line), Number(column));
      if (!('fileName' in origin)) return frame;
      const place = `${origin.fileName}:${origin.lineNumber}:${origin.columnNumber}`;
      return frame.replace(/[^\s()]+index\.js:\d+:\d+/, () => place);
    })
    .join('\n');
}

/** Of a line; a longer one is no frame of ours. */
const MAX_FRAME = 600;
