import pLimit from 'p-limit';
import * as z from 'zod';
import { type AttachedTag, TAGS } from '../catalogue/sources/tags.ts';
import type { KindName } from '../inventory/kind.ts';
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
  readonly tagIds: Set<string>;
}

/**
 * The tags of every wanted object, by the names of now. A tag that goes meanwhile is left out. vCenter tells those tags
 * only that the account may read, and of them the objects that it may read.
 */
export const tags: TargetReader<string, readonly AttachedTag[]> = {
  facts: TAGS,
  async *read(wanted, { session, signal }) {
    const items = wanted.flatMap(({ kind, items: ofKind }) =>
      ofKind.map((item): TaggedItem => ({ kind, ...item, tagIds: new Set() })),
    );
    const rest = await session.rest({ signal });
    const used = rest === undefined ? [] : await readAttached(rest, items, { signal });
    const names = rest === undefined ? NO_NAMES : await readNames(rest, used, { signal });
    for (const { kind, moref, tagIds } of items)
      yield [
        kind,
        moref,
        Array.from(tagIds)
          .flatMap((tag) => names.get(tag) ?? [])
          .toSorted(byNames),
      ];
  },
};

const NO_NAMES: ReadonlyMap<string, AttachedTag> = new Map();
const byNames = (one: AttachedTag, other: AttachedTag): number =>
  compare(one.category, other.category) || compare(one.tag, other.tag);
const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);

/** Adds to each item the tags that it has; the answer is which of all are used. */
async function readAttached(
  rest: RestSession,
  items: readonly TaggedItem[],
  options: { signal: AbortSignal },
): Promise<readonly string[]> {
  const byMoref = Map.groupBy(items, ({ moref }) => moref);
  const known = new Set(await rest.call({ resource: 'cis/tagging/tag' }, ids, options));
  const all = [...known];
  const slices = Array.from({ length: Math.ceil(all.length / TAGS_A_CALL) }, (_, index) =>
    all.slice(index * TAGS_A_CALL, (index + 1) * TAGS_A_CALL),
  );
  const used = new Set<string>();
  let attached = 0;
  await atOnce(slices, async (slice) => {
    const call = {
      resource: 'cis/tagging/tag-association',
      action: 'list-attached-objects-on-tags',
      body: { tag_ids: slice },
    };
    for (const { tag_id: tag, object_ids: objects } of await rest.call(call, associations, options)) {
      // What was not asked for counts for nothing.
      if (!known.has(tag)) continue;
      for (const object of (objects ?? []) as readonly ({ id?: unknown; type?: unknown } | null)[])
        for (const item of byMoref.get(String(object?.id)) ?? []) {
          if (item.type !== object?.type || item.tagIds.has(tag)) continue;
          attached += 1;
          if (attached > MAX_ATTACHED) throw tooManyAttached();
          item.tagIds.add(tag);
          used.add(tag);
        }
    }
  });
  return [...used];
}

const tooManyAttached = (): VsphereReplyError =>
  new VsphereReplyError(
    `vCenter listed more than ${MAX_ATTACHED.toLocaleString('en')} tags on objects. ` +
      'Leave the collector tags out, or give the account fewer objects to read',
    { code: 'too-large' },
  );

/** Of these tags, by their identifiers: only of those that any wanted object has. */
async function readNames(
  rest: RestSession,
  tagIds: readonly string[],
  options: { signal: AbortSignal },
): Promise<ReadonlyMap<string, AttachedTag>> {
  const found = new Map<string, z.output<typeof tagModel>>();
  await atOnce(tagIds, async (tag) => {
    const model = await unlessGone(rest.call({ resource: 'cis/tagging/tag', id: tag }, tagModel, options));
    if (model !== undefined) found.set(tag, model);
  });
  const categories = new Map<string, string>();
  await atOnce([...new Set(Array.from(found.values(), (one) => one.category_id))], async (category) => {
    const call = { resource: 'cis/tagging/category', id: category };
    const model = await unlessGone(rest.call(call, categoryModel, options));
    if (model !== undefined) categories.set(category, model.name);
  });
  return new Map(
    [...found].flatMap(([tag, { name, category_id: id }]) => {
      const category = categories.get(id);
      return category === undefined ? [] : [[tag, { category, tag: name }] as const];
    }),
  );
}

/** The first that fails ends them all: the others are not begun. */
async function atOnce<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  const limit = pLimit(CALLS_AT_ONCE);
  try {
    await Promise.all(all.map((one) => limit(() => work(one))));
  } finally {
    limit.clearQueue();
  }
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
