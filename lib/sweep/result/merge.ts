import type { Collector } from '../../collectors/collector.ts';
import { needsOf, otherKindsOf } from '../../collectors/needs.ts';
import type { Presets } from '../../collectors/pushed-rows.ts';
import type { SweptOwn } from '../../config/own-metrics.ts';
import type { KindName } from '../../inventory/kind.ts';
import type { SourcedSamples } from '../../metrics/sourced-samples.ts';
import { messageOf } from '../../platform/errors.ts';
import type { BatchHost, BatchResult } from '../batch.ts';
import type { FinishedRead } from '../dispatch/read-items.ts';
import { NoTicketError } from '../errors.ts';
import { type Outcome, PATH_OF, type Path } from '../outcome.ts';
import type { Unread } from '../plan/items-to-read.ts';
import { type AskedBatch, type Batches, type MergedHost, mergeHosts, outcomesRead } from './merge-hosts.ts';
import type { NamedItems } from './named-items.ts';
import { type SettledBatch, samplesOf } from './samples.ts';

/** How one collector did over all batches of a target. */
export interface CollectorTotal {
  readonly collector: string;
  /** Undefined when no object was asked for on a path that it needs. */
  readonly success: boolean | undefined;
  readonly durationMs: number;
}

/** What became of the objects of a kind that is not asked by ssh: one outcome an object. */
export interface MergedKind {
  readonly kind: KindName;
  readonly outcomes: readonly Outcome[];
}

export interface Merged {
  /** One entry a host that was in any batch, with one outcome a path. */
  readonly hosts: readonly MergedHost[];
  readonly kinds: readonly MergedKind[];
  readonly samples: SourcedSamples;
  readonly collectors: readonly CollectorTotal[];
  readonly warnings: readonly { readonly text: string; readonly count: number }[];
  /** A result of hosts that were asked was over its bounds, so the next run should ask for smaller batches. */
  readonly tooLarge: boolean;
  /** Sessions of workers that were left to their time-out. */
  readonly failedLogouts: number;
  /** Host keys that workers pinned at first contact. */
  readonly pinned: number;
  /** Own metrics with what could not be had of them, where there is anything. */
  readonly missed: ReadonlyMap<string, number>;
}

export interface MergeContext {
  readonly collectors: readonly Collector[];
  /** vmware_exporter's names alone by default. */
  readonly presets?: Presets | undefined;
  readonly overSsh: boolean;
  /** `false`: nobody logs in to the target, so its hosts have no path vcenter. Default true. */
  readonly hasVcenter?: boolean | undefined;
  /** What became of hosts on the path vcenter where nobody read them. */
  readonly unread: Unread;
  readonly named: NamedItems;
  /** The own metrics of the sweep. */
  readonly own?: SweptOwn | undefined;
}

/**
 * Puts the batches of one target together. Conservation: every object that was asked for is in the answer, also those
 * of a batch without a result and those that a worker forgot; points of objects that were not asked for are dropped. Each
 * path counts its own lost batches only.
 */
export function mergeBatches({ asked, read, swept = [] }: Batches, context: MergeContext): Merged {
  const { collectors, presets, overSsh, hasVcenter = true, unread, named, own } = context;
  const settled: SettledBatch[] = [
    ...asked.map(({ hosts, result }) => ({
      does: 'ask' as const,
      kind: 'host' as const,
      morefs: hosts.map(({ moref }) => moref),
      result,
    })),
    ...read.map((one) => ({ does: 'read' as const, ...one })),
    ...swept.map((one) => ({ does: 'sweep' as const, ...one })),
  ];
  const results = settled.flatMap(({ result }) => (result.status === 'fulfilled' ? [result.value] : []));
  const hosts = mergeHosts(
    { asked, read: read.filter(({ kind }) => kind === 'host') },
    { overSsh, hasVcenter, unread },
  );
  const kinds = mergeKinds(read);
  const found = samplesOf(settled, { collectors, named, presets, own });
  return {
    hosts,
    kinds,
    samples: found.samples,
    collectors: collectors.map((one) => {
      const total = totalOf(one, { asked, read, swept, hosts, kinds }, { unread });
      const isListed = otherKindsOf([one]).every((kind) => named.all(kind) !== undefined);
      const isFailed = !isListed || one.rows.some(({ name }) => found.failed.has(name));
      return isFailed ? { ...total, success: false } : total;
    }),
    warnings: sumWarnings([
      ...results.flatMap(({ warnings }) => warnings),
      ...settled.flatMap(lossOf),
      ...asked.flatMap(droppedOf),
      ...found.warnings,
    ]),
    tooLarge: asked.some(({ result }) => result.status === 'fulfilled' && result.value.tooLarge),
    failedLogouts: results.reduce((sum, { measurements }) => sum + measurements.failedLogouts, 0),
    pinned: asked.reduce((sum, batch) => sum + pinnedIn(batch).length, 0),
    missed: sumMissed(results, found.cut),
  };
}

/** Items, and the series of what was left out. */
function sumMissed(
  results: readonly BatchResult[],
  cut: ReadonlyMap<string, number>,
): ReadonlyMap<string, number> {
  const sums = new Map(cut);
  for (const { collectors } of results)
    for (const [metric, items] of collectors.flatMap(({ missed = [] }) => missed))
      sums.set(metric, (sums.get(metric) ?? 0) + items);
  return sums;
}

function mergeKinds(read: readonly FinishedRead[]): MergedKind[] {
  const others = read.filter(({ kind }) => kind !== 'host');
  return Array.from(
    Map.groupBy(others, ({ kind }) => kind),
    ([kind, ofKind]) => ({
      kind,
      outcomes: [...outcomesRead(ofKind).values()].map(({ outcome }) => outcome),
    }),
  );
}

/**
 * A collector that none of the objects gave anything to did not succeed; where all were left alone nobody can tell,
 * which is neither. Of a run that broke, or had no list, it did not either.
 */
function totalOf(
  collector: Collector,
  all: Batches & Pick<Merged, 'hosts' | 'kinds'>,
  { unread }: Pick<MergeContext, 'unread'>,
): CollectorTotal {
  const needs = needsOf([collector]);
  const sweptBy = ({ kind, reader }: (typeof needs)[number]) =>
    all.swept?.filter((one) => one.kind === kind && one.reader.name === reader.name) ?? [];
  const results = needs.flatMap((need) => {
    if (need.reader.runs === 'ask') return all.asked.map(({ result }) => result).filter(hasCollected);
    if (need.reader.runs === 'sweep') return sweptBy(need).map(({ result }) => result);
    const ofKind = all.read.filter(({ kind, isUnasked }) => kind === need.kind && isUnasked !== true);
    return ofKind.map(({ result }) => result);
  });
  const parts = results.map((result) =>
    result.status === 'rejected' || result.value.tooLarge
      ? undefined
      : result.value.collectors.find(({ name }) => name === collector.name),
  );
  const durationMs = parts.reduce((sum, part) => sum + (part?.durationMs ?? 0), 0);
  const wasNothingTried = all.asked.length + all.read.length + (all.swept ?? []).length === 0;
  const isWhole = parts.every((part) => part?.success === true) && !(wasNothingTried && unread === 'failed');
  const paths = needs.map((need) => {
    const swept = need.reader.runs === 'sweep' ? sweptBy(need) : [];
    return swept.length > 0
      ? Array.from(outcomesRead(swept).values(), ({ outcome }) => outcome)
      : outcomesOn(all, need.kind, PATH_OF[need.reader.runs]);
  });
  return { collector: collector.name, success: isWhole ? hasAny(paths) : false, durationMs };
}

/** What a batch says of hosts that it did not have counts for nothing. */
function pinnedIn({ hosts, result }: AskedBatch): BatchHost[] {
  const pinned = new Set(result.status === 'fulfilled' ? result.value.pinned : []);
  return hosts.filter(({ moref }) => pinned.has(moref));
}

/** A batch of which no host went to a worker says nothing of collectors. */
const hasCollected = (result: AskedBatch['result']): boolean =>
  result.status === 'rejected' || result.value.collectors.length > 0;

const outcomesOn = (
  { hosts, kinds }: Pick<Merged, 'hosts' | 'kinds'>,
  kind: KindName,
  path: Path,
): readonly Outcome[] =>
  kind === 'host'
    ? hosts.flatMap(({ outcomes }) => outcomes[path] ?? [])
    : kinds.filter((one) => one.kind === kind).flatMap(({ outcomes }) => outcomes);

function hasAny(paths: readonly (readonly Outcome[])[]): boolean | undefined {
  const tried = paths.map((outcomes) => outcomes.filter(({ kind }) => kind !== 'skipped'));
  if (tried.some((outcomes) => outcomes.length === 0)) return undefined;
  return tried.every((outcomes) => outcomes.some(({ kind }) => kind === 'ok'));
}

/** Hosts that were asked are asked once, so their points are gone; those that were read are read again in halves. */
function droppedOf({ hosts, result }: AskedBatch) {
  if (result.status === 'rejected' || !result.value.tooLarge) return [];
  const { length } = hosts.filter(({ ssh }) => ssh === 'try');
  const text = `the samples of a batch of ${length} hosts by ssh were dropped, because its result was too large; the next run asks fewer hosts per batch`;
  return [{ text, count: 1 }];
}

/** Without a ticket nothing was begun, and the target's problems say why. */
function lossOf({ morefs, kind, result }: SettledBatch) {
  if (result.status === 'fulfilled' || result.reason instanceof NoTicketError) return [];
  const what = kind === 'host' ? 'hosts' : `objects (${kind})`;
  return [{ text: `a batch of ${morefs.length} ${what} was lost: ${messageOf(result.reason)}`, count: 1 }];
}

function sumWarnings(warnings: readonly { text: string; count: number }[]) {
  const counts = new Map<string, number>();
  for (const { text, count } of warnings) counts.set(text, (counts.get(text) ?? 0) + count);
  return Array.from(counts, ([text, count]) => ({ text, count }));
}
