import type { KindName } from '../inventory/kind.ts';
import type { MetricDefinition } from '../metrics/family.ts';
import {
  baseLabelsOf,
  hasMoid,
  type LabelOptions,
  MOID,
  type NamedItem,
  type PresetName,
} from './presets.ts';

/** Of a label's value; what is longer is cut where batches hold it. */
export const MAX_LABEL_CHARACTERS = 4_096;

/** One series of an item: the values of the row's own labels, in their order, and its value. */
export interface Point {
  readonly labels: readonly string[];
  readonly value: number;
  /** Milliseconds since the epoch, when it was measured; absent: by this run. */
  readonly timeMs?: number;
}

/** What a row makes of one item. */
export interface Evaluated {
  readonly points: readonly Point[];
  /** What could not be read, in words for the operator; each costs points, never the item. */
  readonly warnings: readonly string[];
  /** Privileges that the account lacks for it, by the ids that vCenter names; they cost points, too. */
  readonly lacks?: readonly string[];
}

/**
 * What planning and the check of a configuration need to know of a reader. Its I/O is in lib/readers, under the same
 * name.
 */
export interface ReaderFacts {
  readonly name: string;
  /**
   * Where its needs are met: in the batches that read items from vCenter or that ask hosts by ssh, in the sweep itself for
   * a whole target, or where the results of all of them are put together.
   */
  readonly runs: 'read' | 'ask' | 'sweep' | 'merge';
  /** What it reads is not below the root folder, so a permission there does not reach it. */
  readonly needsGlobalPermission?: true;
}

/** A privilege of vSphere that a role can have, by its id. */
export type Privilege = 'System.Read' | 'System.View' | 'Sessions.TerminateSession' | 'Global.Licenses';

/** A group of vCenter's single sign-on; what its members may do no role allows. */
export type SsoGroup = 'SystemConfiguration.ReadOnly';

/** Where the points of a row come from. `Value` is what the reader yields for an item, all needs of all rows together. */
export interface Source<Need = unknown, Value = unknown> {
  readonly reader: ReaderFacts;
  readonly needs: readonly Need[];
  /** When an item has points at all, in words: `runtime.powerState is poweredOn`. */
  readonly when?: string;
  /** How one property is read, for the check against the table of types; absent where code reads several. */
  readonly reads?: {
    readonly path: string;
    readonly as: Declared;
    readonly isOptional: boolean;
    /** The values that the label of its points can have, where they are a closed set. */
    readonly words?: readonly string[];
  };
  /** The row whose points of other items it is made from, where the results of all batches are put together. */
  readonly over?: MetricRow;
  /** Whether `over` has a point of each item that was read: one without was not read whole. */
  readonly overIsTotal?: boolean;
  /** The rows of the same item from whose points it is made, where the results of all batches are put together. */
  readonly of?: readonly MetricRow[];
  /** Pure; called once an item. */
  evaluate(value: Value): Evaluated;
}

/** What a property has to be declared as in the vSphere API. */
export type Declared = 'number' | 'boolean' | 'dateTime' | 'text' | 'array' | 'reference';

/** Of the value; `state` and `info` are 0 or 1 beside a label that says what of, a `total` is counted over runs. */
export type Unit =
  | 'boolean'
  | 'state'
  | 'info'
  | 'number'
  | 'seconds'
  | 'total'
  | 'timestamp'
  | 'bytes'
  | 'MB'
  | 'MiB'
  | 'percent'
  | 'MHz'
  | 'rpm'
  | 'celsius'
  | 'volts'
  | 'amperes'
  | 'watts'
  | CountedUnit;

/** As performance counters have it; a summation is of the 20 s before it. */
export type CountedUnit = 'percent × 100' | 'ms in 20 s' | 'in 20 s' | 'KB' | 'KB/s' | 'ms' | 'µs' | '1/s';

/**
 * The item whose name takes the place of a label's value: the one that has it as its reference, or as its fact `key`. Of
 * several kinds it is the first that has one.
 */
export interface LabelReference {
  readonly kind: KindName | readonly KindName[];
  readonly by: 'moref' | 'key';
  /** Another text than the item's name, also of a value that is several references or none. Pure. */
  readonly print?: (value: string, find: (reference: string) => NamedItem | undefined) => string;
}

export const kindsOf = ({ kind }: LabelReference): readonly KindName[] =>
  typeof kind === 'string' ? [kind] : kind;

/** One metric. */
export interface MetricRow {
  readonly name: string;
  /** A noun phrase with the unit, for HELP. */
  readonly help: string;
  readonly unit: Unit;
  readonly kind: KindName;
  readonly source: Source;
  /** Its own labels, behind those that name the item. */
  readonly labels: readonly string[];
  /**
   * Of its own labels, those whose values refer to another item, whose kind is listed for that. A value that refers to
   * none stays as it is.
   */
  readonly references?: { readonly [label: string]: LabelReference };
  /** Under which names and labels of an item it is emitted, and labels of the preset that it goes without. */
  readonly preset: PresetName;
  readonly without?: readonly string[];
  /** What the account needs, its reader's calls included: on the object, or on the host. `vsweep role` is made of it. */
  readonly privilege: Privilege | SsoGroup | 'login by ssh';
  /** The first version of vSphere that has all that it is made from. */
  readonly since: string;
  /** Public dashboards or alert rules ask for it under this name or that of another tool. */
  readonly isQueried?: true;
  /** When there is no sample, where source and unit do not tell it. */
  readonly noSample?: string;
  /** Of `metrics.own` of a configuration. */
  readonly isOwn?: true;
  /** Read for what becomes of other rows, and never pushed. */
  readonly isHidden?: true;
}

export function definitionOf(
  { name, help, labels, ...row }: MetricRow,
  options: LabelOptions = {},
): MetricDefinition {
  const base = baseLabelsOf(row).map(([label]) => label);
  return {
    name,
    help,
    labels: [...base, ...(hasMoid(row.preset, options) ? [MOID] : []), ...labels],
    ...(row.unit === 'total' ? { type: 'counter' } : {}),
  };
}

/** Nothing to be said, and nothing wrong. */
export const NOTHING: Evaluated = { points: [], warnings: [] };
