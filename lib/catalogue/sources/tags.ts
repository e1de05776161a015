import { NOTHING, type ReaderFacts, type Source } from '../row.ts';

/** The tags of all objects of a target, by its REST API: read once a run, by the sweep itself. */
export const TAGS: ReaderFacts = { name: 'tags', runs: 'sweep', needsGlobalPermission: true };

/** A tag that is attached to an object, by the names that vSphere's client shows. */
export interface AttachedTag {
  readonly category: string;
  readonly tag: string;
}

/** A point a tag of the object, with its category and its name as labels. */
export const tags: Source<string, readonly AttachedTag[]> = {
  reader: TAGS,
  needs: ['tags'],
  evaluate: (attached) => ({
    ...NOTHING,
    points: attached.map(({ category, tag }) => ({ labels: [category, tag], value: 1 })),
  }),
};
