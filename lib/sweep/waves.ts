import { type LoginTally, shouldSuspend } from '../lockout/credential-state.ts';
import type { BatchHost } from './batch.ts';
import type { FinishedBatch } from './merge.ts';
import type { SkippedReason } from './outcome.ts';

/** How hosts are asked on which the credential is not proven. */
export interface WaveRules {
  /** The credential itself is not proven: one host first, and nobody else before it accepted. */
  readonly trial: boolean;
  /** Refusals that the whole run may cause. */
  readonly allowance: number;
  readonly maxHosts: number;
  /** No wave begins when this says so; the next run goes on. */
  readonly isLate: () => boolean;
  /** Whether the host accepted this credential before, in any version. */
  readonly acceptedBefore: (host: BatchHost) => boolean;
}

/** Hosts in a row without any answer, after which a trial is put off. */
const MAX_UNANSWERED = 5;

/**
 * Asks unproven hosts in waves, so that a wrong credential costs a few refusals and not one a host: in a trial 1, 1, 2,
 * 4 … once one accepted, else as many as the allowance has left. The hosts behind a stop are sent on without ssh, for
 * the sake of what vCenter says of them.
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
  const finished: FinishedBatch[] = [];
  let tally: LoginTally = { accepted: 0, refused: 0, refusedByProven: 0 };
  let sent = 0;
  while (sent < hosts.length) {
    const stop = whyStop(tally, sent, rules);
    if (stop !== undefined) {
      const rest = hosts.slice(sent).map((host): BatchHost => ({ ...host, ssh: { skip: stop } }));
      const batches = Math.ceil(rest.length / rules.maxHosts);
      const slices = Array.from({ length: batches }, (_, at) => rest.slice(at * rules.maxHosts, (at + 1) * rules.maxHosts));
      finished.push(...(await Promise.all(slices.map(work.send))));
      break;
    }
    const wave = hosts.slice(sent, sent + waveSize(tally, rules));
    sent += wave.length;
    const batch = await work.send(wave);
    finished.push(batch);
    const ends = countLogins(batch, rules.acceptedBefore);
    tally = {
      accepted: tally.accepted + ends.accepted,
      refused: tally.refused + ends.refused,
      refusedByProven: tally.refusedByProven + ends.refusedByProven,
    };
    await work.onTally(tally, ends.acceptedBy);
  }
  return finished;
}

function whyStop(tally: LoginTally, sent: number, rules: WaveRules): SkippedReason | undefined {
  if (shouldSuspend(tally)) return 'suspended';
  if (tally.refused >= rules.allowance) return 'allowance';
  const isWithoutAnswer = rules.trial && tally.accepted === 0 && sent - tally.refused >= MAX_UNANSWERED;
  if (isWithoutAnswer) return 'suspended';
  if (sent > 0 && rules.isLate()) return rules.trial && tally.accepted === 0 ? 'suspended' : 'allowance';
  return undefined;
}

function waveSize({ accepted, refused }: LoginTally, { trial, allowance, maxHosts }: WaveRules): number {
  const room = Math.min(allowance - refused, maxHosts);
  return trial ? Math.min(Math.max(1, accepted), room) : room;
}

/** How the logins of a batch ended. Of a lost one nobody knows, so each may have been refused. */
export function countLogins(
  { hosts, result, started }: FinishedBatch,
  acceptedBefore: (host: BatchHost) => boolean,
): LoginTally & { readonly acceptedBy: BatchHost | undefined } {
  const byMoref = new Map(hosts.map((host) => [host.moref, host]));
  if (result.status === 'rejected') {
    const asked = started ? hosts.filter(({ ssh }) => ssh === 'try').length : 0;
    return { accepted: 0, refused: asked, refusedByProven: 0, acceptedBy: undefined };
  }
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
