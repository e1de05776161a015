import { VsphereFaultError, VsphereReplyError } from '../errors.ts';
import { countElements, type ObjectSpec, type PropertySpec, toObjectSet, toPropSets } from './filter-spec.ts';
import { type RetrievalSession, retrievePages } from './retrieve-pages.ts';
import type { MoRef, RetrievedObject } from './retrieved-object.ts';

/**
 * vCenter refuses requests of more than 500,000 XML elements. The envelope and the call around a filter take ten.
 * @internal its test is made with fewer.
 */
export const MAX_ELEMENTS = 500_000 - 10;
/** Smaller calls cost less to repeat. */
const MAX_STARTS = 5_000;

export interface RetrievalFrom {
  readonly specs: readonly PropertySpec[];
  readonly starts: readonly ObjectSpec[];
}

/**
 * What the starts reach, themselves included where they are not skipped, in as many calls as vCenter needs; none for
 * no starts. A start that no longer exists reaches nothing. No object is delivered twice by one call and its repeats,
 * and none but the starts where no step leads away from them.
 */
export async function* retrieveFrom(
  session: RetrievalSession,
  { specs, starts }: RetrievalFrom,
  { signal, maxElements = MAX_ELEMENTS }: { signal: AbortSignal; maxElements?: number },
): AsyncGenerator<RetrievedObject, void, undefined> {
  const propSets = toPropSets(specs);
  const isClosed = starts.every(({ selectSet = [] }) => selectSet.length === 0);
  const reachable = isClosed ? new Set(starts.map(({ obj }) => obj.value)) : undefined;
  for (const chunk of toChunks(starts.map(toStart), maxElements - countElements(propSets))) {
    yield* retrieveExisting(
      session,
      { propSets, starts: chunk, reachable, delivered: new Set() },
      { signal },
    );
  }
}

interface Start {
  readonly key: string;
  readonly objectSet: string;
}

function toStart(spec: ObjectSpec): Start {
  return { key: keyOf(spec.obj), objectSet: toObjectSet(spec) };
}

const keyOf = ({ type, value }: MoRef): string => `${type}:${value}`;

function* toChunks(starts: readonly Start[], maxElements: number): Generator<Start[]> {
  let chunk: Start[] = [];
  let elements = 0;
  for (const start of starts) {
    const more = countElements(start.objectSet);
    if (chunk.length === MAX_STARTS || (chunk.length > 0 && elements + more > maxElements)) {
      yield chunk;
      chunk = [];
      elements = 0;
    }
    chunk.push(start);
    elements += more;
  }
  if (chunk.length > 0) yield chunk;
}

interface Attempt {
  readonly propSets: string;
  readonly starts: readonly Start[];
  /** Values of all references that may come; undefined where steps lead to others. */
  readonly reachable: ReadonlySet<string> | undefined;
  /** Keys of what the chunk has delivered; grows. */
  readonly delivered: Set<string>;
}

/**
 * One vanished object makes vSphere refuse the whole call (ManagedObjectNotFound): what was not delivered yet is
 * asked for again in halves, until the vanished one stands alone.
 */
async function* retrieveExisting(
  session: RetrievalSession,
  { propSets, starts, reachable, delivered }: Attempt,
  options: { signal: AbortSignal },
): AsyncGenerator<RetrievedObject, void, undefined> {
  try {
    const filter = propSets + starts.map(({ objectSet }) => objectSet).join('');
    for await (const object of retrievePages(session, filter, options)) {
      if (reachable?.has(object.moref.value) === false) throw unasked(object.moref);
      const key = keyOf(object.moref);
      if (delivered.has(key)) continue;
      delivered.add(key);
      yield object;
    }
    return;
  } catch (error) {
    if (!(error instanceof VsphereFaultError) || error.fault !== 'ManagedObjectNotFound') throw error;
  }
  if (starts.length === 1) return;
  const rest = starts.filter(({ key }) => !delivered.has(key));
  const middle = Math.ceil(rest.length / 2);
  for (const half of [rest.slice(0, middle), rest.slice(middle)]) {
    if (half.length === 0) continue;
    yield* retrieveExisting(session, { propSets, starts: half, reachable, delivered }, options);
  }
}

function unasked(moref: MoRef): VsphereReplyError {
  const shown = keyOf(moref).slice(0, 100);
  return new VsphereReplyError(`a retrieval was answered with ${shown}, which was not requested`, {
    code: 'not-soap',
  });
}
