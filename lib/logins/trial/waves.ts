import {
  type AskedBatch,
  type AskedWithCare,
  type LoginEnd,
  type LoginHost,
  seenLogins,
} from '../asked-batch.ts';
import { type LoginTally, NO_LOGINS } from '../rules/credential-state.ts';
import { type LeftAlone, UNSETTLED } from '../rules/left-alone.ts';
import type { DomainLook, HeldDomain } from './hold-domain.ts';
import { addTallies, type TurnRules, type WaveTurns } from './wave-turns.ts';

/** How a target's hosts are asked on which the credential is not proven. */
export interface WaveRules extends TurnRules {
  /** After a lost worker: the hosts of a batch are asked one at a time. */
  readonly care?: 'slice';
  /** Whether the host accepted this credential before, in any version. */
  readonly acceptedBefore: (host: LoginHost) => boolean;
}

/** How hosts are handed over. */
export interface SendOptions {
  readonly care?: AskedWithCare;
  /** One login at a time over all processes, each by what stands of the one account when its turn has come. */
  readonly inTurn?: true;
}

export interface WaveWork<Host extends LoginHost, Batch extends AskedBatch<Host>> {
  readonly turns: Pick<WaveTurns, 'take' | 'giveBack' | 'tally' | 'expect' | 'expectedDone'>;
  /** Hands hosts over, in as many batches as they make. */
  send(hosts: readonly Host[], how: SendOptions): readonly Promise<Batch>[];
  /** Counts the logins of a wave; the next one, of any target, waits for it. */
  count(ends: LoginEnds): Promise<void>;
  /** Of the one account of a domain. */
  holdDomain?(): Promise<HeldDomain>;
  /** Strikes off the record what is back, before doubtful hosts are asked: killed later, it would count beside their attempt. */
  land?(finished: readonly Batch[]): Promise<unknown>;
}

/**
 * Asks unproven hosts in waves, so that a wrong credential costs a few refusals and not one a host; the turns say who
 * asks and how many. The hosts behind a stop are handed over all the same, as left alone.
 * When `signal` aborts no wave begins.
 */
export async function sendInWaves<Host extends LoginHost, Batch extends AskedBatch<Host>>(
  hosts: readonly Host[],
  rules: WaveRules,
  work: WaveWork<Host, Batch>,
  { signal }: { signal: AbortSignal },
): Promise<Batch[]> {
  const { turns } = work;
  const finished: Batch[] = [];
  const careful = rules.care === undefined ? {} : { care: rules.care };
  const sendAll = async (some: readonly Host[], how: SendOptions) => {
    const batches = await Promise.all(work.send(some, how));
    finished.push(...batches);
    return batches;
  };
  /** Those that others need not wait for any more are told once. */
  let expected = hosts.filter((host) => !isDoubtful(host)).length;
  const expectNoMore = (count: number) => {
    const fewer = Math.min(count, expected);
    expected -= fewer;
    if (rules.isDomain && fewer > 0) turns.expect(-fewer);
  };
  const haveAnswered = async (count: number) => {
    if (rules.isDomain && expected > 0 && count >= expected) await work.land?.(finished);
    expectNoMore(count);
  };
  /**
   * Of a domain's account that hosts accepted in this run: all at once, and behind those of every target the doubtful
   * ones in turn. Side by side a known and a doubtful host that refuse would spend the budget of the account together.
   */
  const sendOpened = async (some: readonly Host[], how: SendOptions) => {
    const of = Object.groupBy(some, (host) => (isDoubtful(host) ? 'doubtful' : 'others'));
    const proven = (of.others ?? []).map((host) => ({ ...host, ...PROVEN }));
    const inTurn = (of.doubtful ?? []).map((host) => ({ ...host, ...UNPROVEN }));
    const known = await sendAll(proven, how);
    await haveAnswered(proven.length);
    if (inTurn.length === 0) return known;
    // One target that hangs must not keep those of the others from their turn for ever.
    await turns.expectedDone({ signal });
    return [...known, ...(await sendAll(inTurn, { ...how, inTurn: true }))];
  };
  let accepted = 0;
  let sent = 0;
  /** Why it was not asked, if it was not. */
  const askWave = async (wave: readonly Host[], opens: boolean): Promise<LeftAlone | undefined> => {
    const held = opens ? await work.holdDomain?.() : undefined;
    try {
      const stop = held && whyNotOpened(wave, held.look, turns.tally());
      if (stop !== undefined) return stop;
      const batches =
        rules.isDomain && !opens
          ? await sendOpened(wave, careful)
          : await sendAll(
              wave.map((host) => ({ ...host, ...held?.look })),
              careful,
            );
      const ends = sumLogins(batches, rules.acceptedBefore);
      accepted += ends.accepted;
      sent += wave.length;
      await work.count(ends);
      if (opens) await haveAnswered(wave.length);
      return undefined;
    } finally {
      held?.giveBack();
    }
  };
  try {
    while (sent < hosts.length) {
      const left = hosts.slice(sent);
      const own = { sent, left: left.length, accepted, isDoubtful: left.slice(0, 1).every(isDoubtful) };
      const turn = await turns.take(rules, own, { signal });
      let stop: LeftAlone | undefined = 'stop' in turn ? turn.stop : undefined;
      if ('size' in turn) {
        try {
          stop = await askWave(left.slice(0, turn.size), turn.opens);
        } finally {
          turns.giveBack(turn.size, stop === undefined ? 'asked' : 'unused');
        }
      }
      if (stop === undefined) continue;
      const ssh = stop;
      await haveAnswered(expected);
      await sendAll(
        left.map((host) => ({ ...host, ssh })),
        {},
      );
      break;
    }
  } finally {
    expectNoMore(expected);
  }
  return finished;
}

/** Of a domain's account that another host accepted in this run. */
const PROVEN = { proven: true, account: { refusals: 0 } } as const;
/** What stands of it when the turn of a doubtful host has come is looked up by its worker. */
const UNPROVEN = { proven: false, account: { refusals: 0 } } as const;

const isDoubtful = ({ doubtful }: Pick<LoginHost, 'doubtful'>) => doubtful === true;

/** Why the next host is not asked of the one account, if it is not. */
function whyNotOpened(
  hosts: readonly LoginHost[],
  look: DomainLook,
  { accepted }: Pick<LoginTally, 'accepted'>,
): LeftAlone | undefined {
  if ('skip' in look) return look;
  const { refusals, openAttempt } = look.account;
  const isSettled = refusals === 0 && openAttempt === undefined;
  return accepted > 0 && hosts.some(isDoubtful) && !isSettled ? UNSETTLED : undefined;
}

/**
 * The order of a trial: the host that accepted it last, those that did before, then the others, shuffled. Doubtful ones
 * come behind all others.
 */
export function inTrialOrder<Host extends LoginHost>(
  hosts: readonly Host[],
  by: {
    acceptedBy: string | undefined;
    acceptedBefore: (host: LoginHost) => boolean;
    random: () => number;
  },
): Host[] {
  const classOf = (host: LoginHost) => {
    const behind = isDoubtful(host) ? 3 : 0;
    if (host.address === by.acceptedBy) return behind;
    return behind + (by.acceptedBefore(host) ? 1 : 2);
  };
  const ranked = hosts.map((host) => ({ host, rank: classOf(host) + by.random() }));
  return ranked.toSorted((one, other) => one.rank - other.rank).map(({ host }) => host);
}

export interface LoginEnds extends LoginTally {
  readonly acceptedBy: LoginHost | undefined;
}

/** How the logins of some batches ended. */
export function sumLogins(
  batches: readonly AskedBatch[],
  acceptedBefore: (host: LoginHost) => boolean,
): LoginEnds {
  const none: LoginEnds = { ...NO_LOGINS, acceptedBy: undefined };
  return batches
    .map((batch) => countLogins(batch, acceptedBefore))
    .reduce((sum, one) => ({ ...addTallies(sum, one), acceptedBy: sum.acceptedBy ?? one.acceptedBy }), none);
}

const isLost = ({ result }: AskedBatch) => result.status === 'rejected';

/** What each end of a login counts as. */
const END_COUNTS = {
  accepted: 'accepted',
  refused: 'refused',
  unrecorded: 'refused',
  presumed: 'possible',
  'presumed-unrecorded': 'possible',
  lost: 'possible',
} as const satisfies Record<LoginEnd | 'lost', keyof LoginTally>;

function countLogins(batch: AskedBatch, acceptedBefore: (host: LoginHost) => boolean): LoginEnds {
  const ends = Object.groupBy(seenLogins(batch), ({ end }) => END_COUNTS[end]);
  const { accepted = [], refused = [], possible = [] } = ends;
  return {
    accepted: accepted.length,
    refused: refused.length,
    refusedByProven: refused.filter(({ host }) => acceptedBefore(host)).length,
    // Hosts that are asked with care are dialled one at a time, and what ended before is on record.
    possible: batch.care !== undefined && isLost(batch) ? Math.min(1, possible.length) : possible.length,
    acceptedBy: accepted[0]?.host,
  };
}
