import { DeadlineError, messageOf } from '../../platform/errors.ts';
import { type BatchHost, type BatchResult, outcomeOfNotAsked } from '../batch.ts';
import type { FinishedRead, SweptRead } from '../dispatch/read-items.ts';
import { NoTicketError } from '../errors.ts';
import type { FinishedBatch } from '../finished-batch.ts';
import { failed, type Outcome, ok, type Path, skipped } from '../outcome.ts';
import type { Unread } from '../plan/items-to-read.ts';
import { explained } from '../plan/why-left-alone.ts';

export type AskedBatch = Pick<FinishedBatch, 'hosts' | 'result'>;

/** All batches of a target: those that asked hosts, over which every host is spread, and those that read. */
export interface Batches {
  readonly asked: readonly AskedBatch[];
  readonly read: readonly FinishedRead[];
  /** What readers of the sweep itself found; no item has its outcome by them. */
  readonly swept?: readonly SweptRead[];
}

export interface MergedHost {
  readonly host: BatchHost;
  readonly outcomes: { readonly [P in Path]?: Outcome };
  readonly details: readonly string[];
}

interface ItemOutcome {
  readonly outcome: Outcome;
  readonly detail?: string | undefined;
}

/** What became of each item of some batches that read, by its reference. */
export function outcomesRead(read: readonly FinishedRead[]): Map<string, ItemOutcome> {
  return new Map(read.flatMap(({ morefs, result }) => outcomesIn(morefs, result)));
}

function outcomesIn(
  morefs: readonly string[],
  result: PromiseSettledResult<BatchResult>,
): (readonly [string, ItemOutcome])[] {
  if (result.status === 'rejected') {
    const lost = whyLost(result.reason);
    return morefs.map((moref) => [moref, lost]);
  }
  const outcomes = new Map(result.value.outcomes);
  const details = new Map(result.value.details);
  return morefs.map((moref) => [
    moref,
    { outcome: outcomes.get(moref) ?? failed('worker'), detail: details.get(moref) },
  ]);
}

function whyLost(reason: unknown): ItemOutcome {
  if (reason instanceof NoTicketError) return { outcome: failed('target') };
  const outcome = failed(reason instanceof DeadlineError ? 'deadline' : 'worker');
  return { outcome, detail: messageOf(reason) };
}

/** One entry a host of the batches that ask, with one outcome a path. */
export function mergeHosts(
  { asked, read }: Batches,
  { overSsh, unread, hasVcenter = true }: { overSsh: boolean; unread: Unread; hasVcenter?: boolean },
): MergedHost[] {
  const vcenter = outcomesRead(read);
  const stopped = new Set(
    read.flatMap(({ morefs, result }) => {
      const asked = new Set(morefs);
      return result.status === 'fulfilled' ? result.value.sshStopped.filter((one) => asked.has(one)) : [];
    }),
  );
  const withoutRead = { outcome: unread === 'failed' ? failed('target') : ok };
  return asked.flatMap(({ hosts, result }) => {
    const ssh = new Map(
      outcomesIn(
        hosts.filter(isSent(result)).map(({ moref }) => moref),
        result,
      ),
    );
    const unconnected = new Set(result.status === 'fulfilled' ? result.value.unconnected : []);
    return hosts.map((host) => {
      const byVcenter = vcenter.get(host.moref) ?? withoutRead;
      const asked = ssh.get(host.moref) ?? leftAlone(host);
      const isOff = stopped.has(host.moref) && unconnected.has(host.moref);
      const bySsh = isOff ? withSshOff(asked) : asked;
      return {
        host,
        outcomes: {
          ...(hasVcenter ? { vcenter: byVcenter.outcome } : {}),
          ...(overSsh ? { ssh: bySsh.outcome } : {}),
        },
        details: [
          ...(hasVcenter ? print('vcenter', byVcenter) : []),
          ...(overSsh ? print('ssh', bySsh) : []),
        ],
      };
    });
  });
}

/** What a worker says of a host counts, also where it left it alone. */
const isSent =
  (result: PromiseSettledResult<BatchResult>) =>
  ({ ssh, moref }: BatchHost): boolean =>
    ssh === 'try' ||
    (result.status === 'fulfilled' && result.value.outcomes.some(([there]) => there === moref));

function leftAlone({ ssh }: BatchHost): ItemOutcome {
  if (ssh === 'try') return { outcome: failed('worker') };
  const { skip, why } = explained(ssh);
  return { outcome: outcomeOfNotAsked(skip), detail: why };
}

/**
 * The plan leaves out whom the list calls stopped. A host that was stopped since, or of which the list did not say, was
 * asked: it is `ssh-disabled` when TCP never connected and this run read that the service is stopped.
 */
function withSshOff({ outcome, detail }: ItemOutcome): ItemOutcome {
  const isRefused =
    outcome.kind === 'failed' && (outcome.reason === 'connection-refused' || outcome.reason === 'timeout');
  if (!isRefused) return { outcome, detail };
  return {
    outcome: skipped('ssh-disabled'),
    detail: `vCenter reports that the service TSM-SSH is stopped there; ${detail}`,
  };
}

const print = (path: Path, { detail }: ItemOutcome): string[] =>
  detail === undefined ? [] : [`${path}: ${detail}`];
