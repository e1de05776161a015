import { NOTHING, type ReaderFacts, type Source } from '../row.ts';

/**
 * The custom attributes of all objects of a target: their values stand at the objects by a number, whose name is in a
 * table of the target. Read once a run, by the sweep itself.
 */
export const CUSTOM_ATTRIBUTES: ReaderFacts = { name: 'custom-attributes', runs: 'sweep' };

/** A custom attribute of an object that has a value. */
export interface CustomAttribute {
  readonly attribute: string;
  readonly value: string;
}

/** A point an attribute that has a value, with its name and the value as labels. */
export const customAttributes: Source<string, readonly CustomAttribute[]> = {
  reader: CUSTOM_ATTRIBUTES,
  needs: ['customValue'],
  evaluate: (attributes) => ({
    ...NOTHING,
    points: attributes.map(({ attribute, value }) => ({ labels: [attribute, value], value: 1 })),
  }),
};
