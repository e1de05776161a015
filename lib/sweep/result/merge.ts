import type { Collector } from '../../collectors/collector.ts';
import { runsBy } from '../../collectors/needs.ts';
import type { SourcedSample } from '../../metrics/deduplicate.ts';
import type { MetricDefinition } from '../../metrics/family.ts';
import { DeadlineError, messageOf } from '../../platform/errors.ts';
import { type BatchHost, outcomeOfNotAsked } from '../batch.ts';
import type { FinishedBatch } from '../finished-batch.ts';
import { failed, type Outcome, type Path } from '../outcome.ts';

type AnyBatch = Pick<FinishedBatch, 'hosts' | 'result'>;

/** How one collector did over all batches of a target. */
export interface CollectorTotal {
  readonly collector: string;
  /** Undefined when no host was asked on a path that it needs. */
  readonly success: boolean | undefined;
  readonly durationMs: number;
}

export interface Merged {
  /** One entry a host that was in any batch, with one outcome a path. */
  readonly hosts: readonly MergedHost[];
  readonly samples: readonly SourcedSample[];
  readonly collectors: readonly CollectorTotal[];
  readonly warnings: readonly { readonly text: string; readonly count: number }[];
  /** A result was over its bounds, so the next run should ask for smaller batches. */
  readonly tooLarge: boolean;
  /** Sessions of workers that were left to their time-out. */
  readonly failedLogouts: number;
  /** Host keys that workers pinned at first contact. */
  readonly pinned: number;
}

export interface MergedHost {
  readonly host: BatchHost;
  readonly outcomes: { readonly [P in Path]?: Outcome };
  readonly details: readonly string[];
}

/**
 * Puts the batches of one target together. Conservation: every host that was asked for is in the answer, also those
 * of a batch without a result and those that a worker forgot; rows of hosts that were not asked for are dropped.
 */
export function mergeBatches(
  batches: readonly AnyBatch[],
  context: { collectors: readonly Collector[]; overSsh: boolean },
): Merged {
  const { collectors, overSsh } = context;
  const definitions = new Map(
    collectors.flatMap(({ metrics }) => metrics.map((one) => [one.name, one] as const)),
  );
  const known = batches.map((batch) => samplesOf(batch, definitions));
  const results = batches.flatMap(({ result }) => (result.status === 'fulfilled' ? [result.value] : []));
  const isComplete = batches.length > 0 && batches.length === results.length;
  const hosts = batches.flatMap((batch) => mergeHosts(batch, overSsh));
  return {
    hosts,
    samples: known.flatMap(({ samples }) => samples),
    collectors: collectors.map((one) => {
      const { name: collector } = one;
      const parts = results.flatMap((result) => result.collectors.filter(({ name }) => name === collector));
      const isWhole = isComplete && parts.length === batches.length && parts.every(({ success }) => success);
      return {
        collector,
        success: successOf({ isWhole, hosts, paths: pathsOf(one) }),
        durationMs: parts.reduce((sum, { durationMs }) => sum + durationMs, 0),
      };
    }),
    warnings: sumWarnings([
      ...results.flatMap(({ warnings }) => warnings),
      ...batches.flatMap(lossOf),
      ...known.flatMap(({ warnings }) => warnings),
    ]),
    tooLarge: results.some(({ outcomes }) =>
      outcomes.some(([, vcenter]) => vcenter.kind === 'failed' && vcenter.reason === 'result-too-large'),
    ),
    failedLogouts: results.reduce((sum, { measurements }) => sum + measurements.failedLogouts, 0),
    pinned: results.reduce((sum, { pinned }) => sum + pinned.length, 0),
  };
}

const pathsOf = (collector: Collector): Path[] => [
  ...(runsBy([collector], 'read') ? (['vcenter'] as const) : []),
  ...(runsBy([collector], 'ask') ? (['ssh'] as const) : []),
];

/**
 * A collector that none of the asked hosts gave anything to did not succeed; where all were left alone nobody can
 * tell, which is neither.
 */
function successOf(run: {
  isWhole: boolean;
  hosts: readonly MergedHost[];
  paths: readonly Path[];
}): boolean | undefined {
  const { isWhole, hosts, paths } = run;
  if (!isWhole) return false;
  const asked = paths.map((path) =>
    hosts.flatMap(({ outcomes }) => outcomes[path] ?? []).filter(({ kind }) => kind !== 'skipped'),
  );
  if (asked.some((outcomes) => outcomes.length === 0)) return undefined;
  return asked.every((outcomes) => outcomes.some(({ kind }) => kind === 'ok'));
}

function mergeHosts({ hosts, result }: AnyBatch, overSsh: boolean): MergedHost[] {
  if (result.status === 'rejected') {
    const reason = result.reason instanceof DeadlineError ? 'deadline' : 'worker';
    return hosts.map((host) => ({
      host,
      outcomes: { vcenter: failed(reason), ...(overSsh ? { ssh: skippedOr(host, failed(reason)) } : {}) },
      details: [messageOf(result.reason)],
    }));
  }
  const rows = new Map(result.value.outcomes.map((row) => [row[0], row]));
  const details = Map.groupBy(result.value.details, ([moref]) => moref);
  return hosts.map((host) => {
    const [, vcenter = failed('worker'), ssh = null] = rows.get(host.moref) ?? [];
    return {
      host,
      outcomes: { vcenter, ...(overSsh ? { ssh: ssh ?? skippedOr(host, failed('worker')) } : {}) },
      details: details.get(host.moref)?.map(([, path, text]) => `${path}: ${text}`) ?? [],
    };
  });
}

const skippedOr = ({ ssh }: BatchHost, otherwise: Outcome): Outcome =>
  ssh === 'try' ? otherwise : outcomeOfNotAsked(ssh.skip);

/** The rows that the sweep asked for; a worker of another version may send others, which cost themselves only. */
function samplesOf({ hosts, result }: AnyBatch, definitions: ReadonlyMap<string, MetricDefinition>) {
  if (result.status === 'rejected') return { samples: [], warnings: [] };
  const asked = new Set(hosts.map(({ moref }) => moref));
  const samples: SourcedSample[] = [];
  let dropped = 0;
  for (const { metric, rows } of result.value.families) {
    const labelCount = definitions.get(metric)?.labels.length;
    for (const [moref, labels, value] of rows) {
      if (labels.length === labelCount && asked.has(moref))
        samples.push({ moref, sample: { metric, labels, value } });
      else dropped += 1;
    }
  }
  const text =
    'a worker sent rows that were not requested; deploy the sweep function and its workers together';
  return { samples, warnings: dropped === 0 ? [] : [{ text, count: dropped }] };
}

function lossOf({ hosts, result }: AnyBatch) {
  if (result.status === 'fulfilled') return [];
  return [{ text: `a batch of ${hosts.length} hosts was lost: ${messageOf(result.reason)}`, count: 1 }];
}

function sumWarnings(warnings: readonly { text: string; count: number }[]) {
  const counts = new Map<string, number>();
  for (const { text, count } of warnings) counts.set(text, (counts.get(text) ?? 0) + count);
  return Array.from(counts, ([text, count]) => ({ text, count }));
}
