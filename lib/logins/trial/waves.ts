import {
  type AskedBatch,
  type AskedWithCare,
  type LoginEnd,
  type LoginHost,
  seenLogins,
} from '../asked-batch.ts';
import { type LoginTally, NO_LOGINS } from '../rules/credential-state.ts';
import { maySettle } from '../rules/domain-account.ts';
import { type LeftAlone, UNSETTLED } from '../rules/left-alone.ts';
import { type SeenAccount, UNKNOWN_ACCOUNT } from '../rules/seen-account.ts';
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
}

export interface WaveWork<Host extends LoginHost, Batch extends AskedBatch<Host>> {
  readonly turns: Pick<WaveTurns, 'take' | 'giveBack' | 'tally' | 'settled'>;
  /** Hands hosts over, in as many batches as they make. */
  send(hosts: readonly Host[], how: SendOptions): readonly Promise<Batch>[];
  /** Counts the logins of a wave; the next one, of any target, waits for it. */
  count(ends: LoginEnds): Promise<void>;
  /** What stands of the one account of a domain, or why it may not be sent. */
  lookAtDomain?(options: { signal: AbortSignal }): Promise<LeftAlone | SeenAccount>;
  /** All hosts are back that are not doubtful of the account: their flights count no more beside a doubtful one's attempt. */
  settle?(finished: readonly Batch[]): Promise<unknown>;
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
  const sendAll = async (some: readonly Host[]) => {
    const batches = await Promise.all(work.send(some, careful));
    finished.push(...batches);
    return batches;
  };
  let isSettled = !rules.isDomain || hosts.every(isDoubtful);
  const settle = async () => {
    if (isSettled) return;
    isSettled = true;
    await work.settle?.(finished);
  };
  /**
   * Of a domain's account that hosts accepted in this run: all at once, and behind those of every target the doubtful
   * ones in turn. Side by side a known and a doubtful host that refuse would spend the budget of the account together.
   */
  const sendOpened = async (some: readonly Host[]) => {
    const of = Object.groupBy(some, (host) => (isDoubtful(host) ? 'doubtful' : 'others'));
    const proven = (of.others ?? []).map((host) => ({ ...host, proven: true, account: UNKNOWN_ACCOUNT }));
    const inTurn = (of.doubtful ?? []).map((host) => asIfSeen(host, UNKNOWN_ACCOUNT));
    const known = await sendAll(proven);
    await settle();
    if (inTurn.length === 0) return known;
    // One target that hangs must not keep those of the others from their turn for ever.
    await turns.settled({ signal });
    return [...known, ...(await sendAll(inTurn))];
  };
  let accepted = 0;
  let sent = 0;
  /** Why it was not asked, if it was not. */
  const askWave = async (wave: readonly Host[], opens: boolean): Promise<LeftAlone | undefined> => {
    const look = opens ? await work.lookAtDomain?.({ signal }) : undefined;
    if (look !== undefined && 'skip' in look) return look;
    const isRefuted = look !== undefined && !wave.every((host) => maySettle(host, look));
    if (isRefuted && turns.tally().accepted > 0) return UNSETTLED;
    const batches =
      rules.isDomain && !opens
        ? await sendOpened(wave)
        : await sendAll(look === undefined ? wave : wave.map((host) => asIfSeen(host, look)));
    const ends = sumLogins(batches, rules.acceptedBefore);
    accepted += ends.accepted;
    sent += wave.length;
    await work.count(ends);
    if (hosts.slice(sent).every(isDoubtful)) await settle();
    return undefined;
  };
  try {
    while (sent < hosts.length) {
      const left = hosts.slice(sent);
      const next = left[0]?.doubtful;
      const alike = left.findIndex(({ doubtful }) => doubtful !== next);
      const own = {
        sent,
        left: left.length,
        accepted,
        alike: alike === -1 ? left.length : alike,
        isDoubtful: next !== undefined,
      };
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
      await sendAll(left.map((host) => ({ ...host, ssh })));
      break;
    }
  } finally {
    await settle();
  }
  return finished;
}

const isDoubtful = ({ doubtful }: Pick<LoginHost, 'doubtful'>) => doubtful !== undefined;

/** With an attempt on record; of a domain's account its worker looks, in the host's turn, whether no more stands of it. */
const asIfSeen = <Host extends LoginHost>(host: Host, account: SeenAccount): Host => ({
  ...host,
  proven: false,
  account,
});

/**
 * The order of a trial: the host that accepted it last, those that did before, then the others, shuffled. Doubtful ones
 * come behind all others, and behind them those that refused.
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
    const behind = host.doubtful === undefined ? 0 : BEHIND[host.doubtful];
    if (host.address === by.acceptedBy) return behind;
    return behind + (by.acceptedBefore(host) ? 1 : 2);
  };
  const ranked = hosts.map((host) => ({ host, rank: classOf(host) + by.random() }));
  return ranked.toSorted((one, other) => one.rank - other.rank).map(({ host }) => host);
}

const BEHIND = { stranger: 3, refused: 6 } as const;

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
  const seen = seenLogins(batch);
  const ends = Object.groupBy(seen, ({ end }) => END_COUNTS[end]);
  const asked = batch.hosts.filter(({ ssh }) => ssh === 'try').length;
  const { accepted = [], refused = [], possible = [] } = ends;
  return {
    accepted: accepted.length,
    refused: refused.length,
    refusedByProven: refused.filter(({ host }) => acceptedBefore(host)).length,
    // Hosts that are asked with care are dialled one at a time, and what ended before is on record.
    possible: batch.care !== undefined && isLost(batch) ? Math.min(1, possible.length) : possible.length,
    // Nor does one whose worker never began, or is lost, say anything.
    silent: isLost(batch) ? 0 : asked - seen.length,
    acceptedBy: accepted[0]?.host,
  };
}
