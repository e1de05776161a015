import { messageOf } from '../platform/errors.ts';
import type { ReadSeals, SealedPart } from '../platform/seal.ts';
import { StateError } from './errors.ts';
import type { Item, ItemKey } from './item.ts';

interface Options {
  readonly signal: AbortSignal;
}

/**
 * The tags by which a deployment knows the items that its own functions wrote; what has none, or another one, counts as
 * absent. On one machine there are none: whoever can write there is the operator.
 */
export interface ItemSeals {
  /** The attribute that an item gets for its parts, key and content. Rejects with StateError. */
  attributeFor(parts: readonly SealedPart[], options: Options): Promise<{ readonly seal?: string }>;
  /** A check of items, each with its parts; undefined parts are those of an item that nobody of ours writes. */
  check(options: Options): Promise<(item: Item, parts: readonly SealedPart[] | undefined) => boolean>;
}

/** Nothing is sealed, and everything is believed. */
export const UNSEALED: ItemSeals = { attributeFor: async () => ({}), check: async () => () => true };

export function createItemSeals(seals: ReadSeals): ItemSeals {
  const open = async ({ signal }: Options) => {
    try {
      return (await seals({ signal })).state;
    } catch (error) {
      signal.throwIfAborted();
      throw new StateError(
        `The seals of the state table cannot be checked: ${messageOf(error)} The next run tries again.`,
        { code: 'unavailable', cause: error },
      );
    }
  };
  return {
    attributeFor: async (parts, options) => ({ seal: (await open(options)).tagOf(parts) }),
    async check(options) {
      const { fits } = await open(options);
      return ({ seal }, parts) => parts !== undefined && typeof seal === 'string' && fits(seal, parts);
    },
  };
}

/** Nobody of this deployment wrote it, or somebody changed it since. */
export function unsealedItem({ pk, sk }: ItemKey): StateError {
  return new StateError(
    `The item pk="${pk}" sk="${sk}" of the state table was not written by the functions of this stack, or not with ` +
      'their present integrity secret. It is ignored.',
    { code: 'malformed' },
  );
}
