import { retrieveObjects } from '../vsphere/property/retrieval.ts';
import type { MoRef, RetrievedObject } from '../vsphere/property/retrieved-object.ts';
import { toJsonValue } from './json-value.ts';
import type { PollSession } from './method.ts';
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

/**
 * Objects that others refer to, in the order of the references; one call for each type among them. One that is gone
 * by now is left out.
 */
export async function retrieveReferred(
  session: PollSession,
  { morefs, paths }: { morefs: readonly MoRef[]; paths: readonly string[] },
  { signal }: { signal: AbortSignal },
): Promise<readonly RetrievedObject[]> {
  const found = new Map<string, RetrievedObject>();
  for (const [type, ofType] of Map.groupBy(morefs, (moref) => moref.type)) {
    const values = [...new Set(ofType.map(({ value }) => value))];
    for await (const object of retrieveObjects(session, { type, morefs: values, paths }, { signal })) {
      found.set(object.moref.value, object);
    }
  }
  return morefs.flatMap(({ value }) => found.get(value) ?? []);
}
