import { type LoginTally, shouldSuspend } from '../../lockout/credential-state.ts';
import type { BatchHost, LoginEnd } from '../batch.ts';
import type { SkippedReason } from '../outcome.ts';
import type { FinishedBatch } from '../target/merge.ts';
import { sliceBatches } from './plan-hosts.ts';

/** How hosts are asked on which the credential is not proven. */
export interface WaveRules {
  /** The credential itself is not proven: one host first, and nobody else before it accepted. */
  readonly trial: boolean;
  /** Refusals that the run may cause on this target before its unproven hosts are left alone. */
  readonly allowance: number;
  readonly maxHosts: number;
  /** No wave begins when this says so; the next run goes on. */
  readonly isLate: () => boolean;
  /** One account for all hosts: once a host accepted it in this run, all others are asked at once. */
  readonly isDomain: boolean;
  /** Whether the host accepted this credential before, in any version. */
  readonly acceptedBefore: (host: BatchHost) => boolean;
}

/** Hosts in a row without any answer, after which a trial is put off. */
const MAX_UNANSWERED = 5;

/**
 * Asks unproven hosts in waves, so that a wrong credential costs a few refusals and not one a host: in a trial 1, 1, 2,
 * 4 … as hosts accept, else as many as the allowance has left, and more as hosts accept. The hosts behind a stop are
 * sent on without ssh, for the sake of what vCenter says of them.
 */
export async function sendInWaves(
  hosts: readonly BatchHost[],
  rules: WaveRules,
  work: {
    send: (hosts: readonly BatchHost[]) => Promise<FinishedBatch>;
    /** Called after each wave; the next one waits for it. */
    onTally: (tally: LoginTally, acceptedBy: BatchHost | undefined) => Promise<void>;
  },
): Promise<FinishedBatch[]> {
  const sendAll = (some: readonly BatchHost[]) =>
    Promise.all(sliceBatches(some, rules.maxHosts).map(work.send));
  const finished: FinishedBatch[] = [];
  let tally: LoginTally = { accepted: 0, refused: 0, refusedByProven: 0 };
  let sent = 0;
  while (sent < hosts.length) {
    const stop = whyStop(tally, sent, rules);
    if (stop !== undefined) {
      finished.push(...(await sendAll(hosts.slice(sent).map((host) => ({ ...host, ssh: { skip: stop } })))));
      break;
    }
    const isOpen = rules.isDomain && tally.accepted > 0;
    const wave = hosts.slice(sent, isOpen ? undefined : sent + waveSize(tally, rules));
    sent += wave.length;
    const batches = await sendAll(isOpen ? wave.map((host) => ({ ...host, proven: true })) : wave);
    finished.push(...batches);
    const ends = sumLogins(batches, rules.acceptedBefore);
    tally = add(tally, ends);
    await work.onTally(tally, ends.acceptedBy);
  }
  return finished;
}

function whyStop(tally: LoginTally, sent: number, rules: WaveRules): SkippedReason | undefined {
  if (rules.trial && shouldSuspend(tally)) return 'suspended';
  if (tally.refused >= rules.allowance) return 'allowance';
  const isWithoutAnswer = rules.trial && tally.accepted === 0 && sent - tally.refused >= MAX_UNANSWERED;
  if (isWithoutAnswer) return 'suspended';
  if (sent > 0 && rules.isLate()) return rules.trial && tally.accepted === 0 ? 'suspended' : 'allowance';
  return undefined;
}

/** As many as accepted so far: a wave can be refused as a whole, and each of its hosts has its own budget. */
function waveSize({ accepted, refused }: LoginTally, { trial, allowance }: WaveRules): number {
  return Math.max(trial ? 1 : allowance - refused, accepted);
}

/** The order of a trial: the host that accepted it last, those that did before, then the others, shuffled. */
export function inTrialOrder(
  hosts: readonly BatchHost[],
  by: {
    acceptedBy: string | undefined;
    acceptedBefore: (host: BatchHost) => boolean;
    random: () => number;
  },
): BatchHost[] {
  const classOf = (host: BatchHost) => {
    if (host.address === by.acceptedBy) return 0;
    return by.acceptedBefore(host) ? 1 : 2;
  };
  const ranked = hosts.map((host) => ({ host, rank: classOf(host) + by.random() }));
  return ranked.toSorted((one, other) => one.rank - other.rank).map(({ host }) => host);
}

interface LoginEnds extends LoginTally {
  readonly acceptedBy: BatchHost | undefined;
}

/** How the logins of some batches ended. Of a lost batch nobody knows, so each may have been refused. */
export function sumLogins(
  batches: readonly FinishedBatch[],
  acceptedBefore: (host: BatchHost) => boolean,
): LoginEnds {
  const none: LoginEnds = { accepted: 0, refused: 0, refusedByProven: 0, acceptedBy: undefined };
  return batches
    .map((batch) => countLogins(batch, acceptedBefore))
    .reduce((sum, one) => ({ ...add(sum, one), acceptedBy: sum.acceptedBy ?? one.acceptedBy }), none);
}

const add = (one: LoginTally, other: LoginTally): LoginTally => ({
  accepted: one.accepted + other.accepted,
  refused: one.refused + other.refused,
  refusedByProven: one.refusedByProven + other.refusedByProven,
});

/** How each login of a batch ended that was or may have been made. */
export function seenLogins({
  hosts,
  result,
  started,
}: FinishedBatch): { readonly host: BatchHost; readonly end: LoginEnd | 'lost' }[] {
  if (result.status === 'rejected') {
    return hosts.filter(({ ssh }) => started && ssh === 'try').map((host) => ({ host, end: 'lost' }));
  }
  const byMoref = new Map(hosts.map((host) => [host.moref, host]));
  return result.value.logins.flatMap(([moref, end]) => {
    const host = byMoref.get(moref);
    return host === undefined ? [] : [{ host, end }];
  });
}

function countLogins(
  { hosts, result, started }: FinishedBatch,
  acceptedBefore: (host: BatchHost) => boolean,
): LoginEnds {
  if (result.status === 'rejected') {
    const asked = started ? hosts.filter(({ ssh }) => ssh === 'try').length : 0;
    return { accepted: 0, refused: asked, refusedByProven: 0, acceptedBy: undefined };
  }
  const byMoref = new Map(hosts.map((host) => [host.moref, host]));
  const ended = result.value.logins.flatMap(([moref, end]) => {
    const host = byMoref.get(moref);
    return host === undefined ? [] : [{ host, accepted: end === 'accepted' }];
  });
  const refused = ended.filter(({ accepted }) => !accepted);
  return {
    accepted: ended.length - refused.length,
    refused: refused.length,
    refusedByProven: refused.filter(({ host }) => acceptedBefore(host)).length,
    acceptedBy: ended.find(({ accepted }) => accepted)?.host,
  };
}
