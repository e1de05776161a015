import type { MoRef, PropertyValue } from '../property/retrieved-object.ts';
import { booleanOf, fieldOf, integerOf, listOf, moRefOf, textOf } from '../property/value-fields.ts';

/** VirtualMachineSnapshotTree in the vSphere API. */
export interface SnapshotTree {
  readonly snapshot: MoRef;
  readonly id: number;
  /** As vSphere writes it: `%2f` is a `/`. */
  readonly name: string;
  readonly description: string;
  /** ISO 8601, as vSphere sent it. */
  readonly createTime: string;
  /** Power state of the virtual machine at that time. */
  readonly state: string;
  readonly quiesced: boolean;
  readonly children: readonly SnapshotTree[];
}

/** A `snapshot.rootSnapshotList` at any depth; the reader of the reply bounds that. */
export function toSnapshotTrees(value: PropertyValue | undefined): readonly SnapshotTree[] {
  return listOf(value).flatMap((tree) => {
    const snapshot = moRefOf(fieldOf(tree, 'snapshot'));
    if (snapshot === undefined) return [];
    const word = (field: string) => textOf(fieldOf(tree, field)) ?? '';
    return {
      snapshot,
      id: integerOf(fieldOf(tree, 'id')) ?? 0,
      name: word('name'),
      description: word('description'),
      createTime: word('createTime'),
      state: word('state'),
      quiesced: booleanOf(fieldOf(tree, 'quiesced')) ?? false,
      children: toSnapshotTrees(fieldOf(tree, 'childSnapshotList')),
    };
  });
}

/** Every snapshot of the trees, each before those that were taken on top of it. */
export function* walkSnapshots(trees: readonly SnapshotTree[]): Generator<SnapshotTree, void, undefined> {
  for (const tree of trees) {
    yield tree;
    yield* walkSnapshots(tree.children);
  }
}
