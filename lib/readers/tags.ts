import * as z from 'zod';
import { type AttachedTag, TAGS } from '../catalogue/sources/tags.ts';
import type { KindName } from '../inventory/kind.ts';
import { eachAtOnce } from '../platform/at-once.ts';
import { chunksOf } from '../platform/chunks-of.ts';
import { VsphereReplyError } from '../vsphere/errors.ts';
import type { RestSession } from '../vsphere/rest/rest-session.ts';
import type { TargetReader } from './target-reader.ts';

/** Tags of a target. vCenter 8.0 supports 10,000 (configmax.broadcom.com), which would take as many calls. */
const MAX_TAGS = 5_000;
/** Tags whose objects one call lists: the answer has no pages, and grows with the objects of each. */
const TAGS_A_CALL = 25;
/** Of all objects together, one tag of one object each: as many samples as one result may hold. */
const MAX_ATTACHED = 1_000_000;
/** Calls at once: vCenter rejects more than 360 of tagging a second (VMware, "vSphere 6.7 tagging: best practices"). */
const CALLS_AT_ONCE = 4;
/** Of those whose answers have all objects of tags: one of 32 MB is several times that while it is read. */
const LISTINGS_AT_ONCE = 2;
/** Items whose tags are named before the next ones: when the time is over, those that were named are kept. */
const ITEMS_A_SLICE = 100;

const id = z.string().min(1).max(256);
const ids = z.array(id).max(MAX_TAGS);
const tagModel = z.object({ name: z.string().max(4_096), category_id: id });
const categoryModel = z.object({ name: z.string().max(4_096) });
/** Objects are checked where they are looked up: there are as many as tags times objects. */
const associations = z
  .array(
    z.object({
      tag_id: id,
      // govmomi's simulator has null for a tag without objects.
      object_ids: z.array(z.unknown()).max(500_000).nullable(),
    }),
  )
  .max(MAX_TAGS);

/** A wanted item, and the identifiers of its tags. */
interface TaggedItem {
  readonly kind: KindName;
  readonly type: string;
  readonly moref: string;
  readonly tagIds: string[];
}

/**
 * The tags of every wanted object, by the names of now. A tag that goes meanwhile is left out. vCenter tells those tags
 * only that the account may read, and of them the objects that it may read.
 */
export const tags: TargetReader<string, readonly AttachedTag[]> = {
  facts: TAGS,
  async *read(wanted, { session, signal }) {
    const items = wanted.flatMap(({ kind, items: ofKind }) =>
      ofKind.map((item): TaggedItem => ({ kind, ...item, tagIds: [] })),
    );
    const rest = await session.rest({ signal });
    if (rest !== undefined) await readAttached(rest, items, { signal });
    const names = createNames(rest);
    for (const slice of chunksOf(items, ITEMS_A_SLICE)) {
      const used = new Set(slice.flatMap(({ tagIds }) => tagIds));
      await names.read([...used], { signal });
      for (const { kind, moref, tagIds } of slice)
        yield [kind, moref, tagIds.flatMap((tag) => names.find(tag) ?? []).sort(byNames)];
    }
  },
};

const byNames = (one: AttachedTag, other: AttachedTag): number =>
  compare(one.category, other.category) || compare(one.tag, other.tag);
const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

/** Adds to each item the tags that it has. */
async function readAttached(
  rest: RestSession,
  items: readonly TaggedItem[],
  options: { signal: AbortSignal },
): Promise<void> {
  const byType = new Map(
    Array.from(
      Map.groupBy(items, ({ type }) => type),
      ([type, ofType]) => [type, Map.groupBy(ofType, ({ moref }) => moref)] as const,
    ),
  );
  const all = new Set(await rest.call({ resource: 'cis/tagging/tag' }, ids, options));
  let attached = 0;
  await eachAtOnce(LISTINGS_AT_ONCE, chunksOf([...all], TAGS_A_CALL), async (slice) => {
    const call = {
      resource: 'cis/tagging/tag-association',
      action: 'list-attached-objects-on-tags',
      body: { tag_ids: slice },
    };
    // One answer may list a tag twice. What was not asked for counts for nothing.
    const byTag = Map.groupBy(await rest.call(call, associations, options), ({ tag_id }) => tag_id);
    for (const tag of slice)
      for (const object of objectsOf(byTag.get(tag)))
        for (const item of byType.get(object?.type as string)?.get(object?.id as string) ?? []) {
          if (item.tagIds.at(-1) === tag) continue;
          attached += 1;
          if (attached > MAX_ATTACHED) throw tooManyAttached();
          item.tagIds.push(tag);
        }
  });
}

function* objectsOf(
  lists: z.output<typeof associations> = [],
): Generator<{ id?: unknown; type?: unknown } | null> {
  for (const { object_ids: objects } of lists)
    yield* (objects ?? []) as readonly ({ id?: unknown; type?: unknown } | null)[];
}

const tooManyAttached = (): VsphereReplyError =>
  new VsphereReplyError(
    `vCenter listed more than ${MAX_ATTACHED.toLocaleString('en')} tags on objects. ` +
      'Leave the collector tags out, or give the account fewer objects to read',
    { code: 'too-large' },
  );

/** The names of tags, read once each: only of those that any wanted object has. A tag that is gone has none. */
function createNames(rest: RestSession | undefined) {
  const tagsById = new Map<string, z.output<typeof tagModel> | undefined>();
  const categories = new Map<string, string | undefined>();
  /** One object a tag, whichever objects have it. */
  const found = new Map<string, AttachedTag>();
  return {
    async read(tagIds: readonly string[], options: { signal: AbortSignal }): Promise<void> {
      if (rest === undefined) return;
      const unread = tagIds.filter((tag) => !tagsById.has(tag));
      await eachAtOnce(CALLS_AT_ONCE, unread, async (id) => {
        const call = { resource: 'cis/tagging/tag', id };
        tagsById.set(id, await unlessGone(rest.call(call, tagModel, options)));
      });
      const ofTags = new Set(unread.flatMap((tag) => tagsById.get(tag)?.category_id ?? []));
      const unknown = [...ofTags].filter((category) => !categories.has(category));
      await eachAtOnce(CALLS_AT_ONCE, unknown, async (id) => {
        const call = { resource: 'cis/tagging/category', id };
        categories.set(id, (await unlessGone(rest.call(call, categoryModel, options)))?.name);
      });
    },
    find(tagId: string): AttachedTag | undefined {
      const known = found.get(tagId);
      if (known !== undefined) return known;
      const { name, category_id: id = '' } = tagsById.get(tagId) ?? {};
      const category = categories.get(id);
      if (name === undefined || category === undefined) return undefined;
      const made = { category, tag: name };
      found.set(tagId, made);
      return made;
    },
  };
}

const NOT_FOUND = 404;

async function unlessGone<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof VsphereReplyError && error.status === NOT_FOUND) return undefined;
    throw error;
  }
}
