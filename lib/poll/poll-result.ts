import type { RetrievedObject } from '../vsphere/property/retrieved-object.ts';
import { toJsonValue } from './json-value.ts';
import type { PollResult } from './reply.ts';

/** What came of the paths, in the order in which it came. What is unset or unreadable is left out, as by vPoller. */
export function toPollResult({ properties }: RetrievedObject, paths: readonly string[]): PollResult {
  const wanted = new Set(paths);
  return Object.fromEntries(
    properties
      .entries()
      .filter(([path]) => wanted.has(path))
      .map(([path, value]) => [path, toJsonValue(value)]),
  );
}
