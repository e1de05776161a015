import type { Clock } from '../../platform/clock.ts';
import { untilAborted } from '../../platform/until-aborted.ts';
import type { AccountHistory } from '../../state/stores/account-history.ts';
import type { SeenHistory } from '../../state/stores/account-item.ts';
import type { AccountStore } from '../../state/stores/accounts.ts';

interface Options {
  readonly signal: AbortSignal;
}

/** An attempt that is on record, and what stood of its account before it. */
export interface Begun {
  readonly attempt: string;
  readonly seen: NonNullable<SeenHistory>;
}

/** What the state table holds of one login's attempt, as far as this process knows. */
type Stage<End> =
  | { readonly kind: 'idle' }
  /** It may stand there, because its answer is under way or was lost; resolves to false when it surely does not. */
  | { readonly kind: 'beginning'; readonly id: string; readonly mayStand: Promise<boolean> }
  | { readonly kind: 'open'; readonly begun: Begun }
  | { readonly kind: 'over'; readonly end: Promise<End> };

/** What a login leaves at its end. */
export interface LeftByLogin {
  /** Undefined when no attempt is known to be on record. */
  readonly begun: Begun | undefined;
  /** Closes the attempt, if it may stand there; its beginning may be on its way, and must not arrive after its end. */
  close(options: Options & Pick<AccountHistory, 'undecidedAt'>): Promise<void>;
}

/**
 * One login's attempt, from before its secret is sent until its end is on record. An attempt whose end cannot be written
 * counts as a refusal.
 */
export interface Attempt<End> {
  /**
   * Puts it on record. `taken`: the account is not as it was seen, so somebody else is at it; `over`: the login has
   * ended, so nothing is written. Rejects when the table does not answer; it may stand there then.
   */
  begin(seen: SeenHistory, options: Options): Promise<'begun' | 'taken' | 'over'>;
  isOver(): boolean;
  /** The login has ended: nothing begins any more. The first end counts, and all others are answered with it. */
  end(write: (left: LeftByLogin) => Promise<End>): Promise<End>;
}

/** The account of a login, in one version. */
export interface LoginAccount {
  readonly user: string;
  readonly address: string;
  readonly version: string;
  /** The host that is asked, where hosts have the account in common. */
  readonly host?: string | undefined;
}

export function createAttempt<End>(
  { user, address, version, host }: LoginAccount,
  {
    records,
    randomId,
  }: { records: Pick<AccountStore, 'beginAttempt' | 'closeAttempt'>; randomId: () => string },
): Attempt<End> {
  let stage: Stage<End> = { kind: 'idle' };
  return {
    async begin(seen, options) {
      if (stage.kind === 'over') return 'over';
      const id = randomId();
      const writing = records.beginAttempt(user, address, { id, version, seen, host }, options);
      const mayStand = untilAborted(writing, options.signal).catch(() => true);
      const beginning = { kind: 'beginning', id, mayStand } as const;
      stage = beginning;
      const isBegun = await writing;
      // Ended meanwhile, and closed with it: it permits no login.
      if (stage !== beginning) return 'over';
      stage = isBegun
        ? { kind: 'open', begun: { attempt: id, seen: seen ?? { refusals: 0 } } }
        : { kind: 'idle' };
      return isBegun ? 'begun' : 'taken';
    },
    isOver: () => stage.kind === 'over',
    end(write) {
      if (stage.kind === 'over') return stage.end;
      const left = stage;
      const close: LeftByLogin['close'] = async (options) => {
        if (left.kind === 'idle') return;
        if (left.kind === 'beginning' && !(await untilAborted(left.mayStand, options.signal))) return;
        const id = left.kind === 'open' ? left.begun.attempt : left.id;
        await records.closeAttempt(user, address, { ...options, id });
      };
      const end = write({ begun: left.kind === 'open' ? left.begun : undefined, close });
      stage = { kind: 'over', end };
      return end;
    },
  };
}

/** How long the logins of other processes are waited for. One that was killed leaves an attempt that nobody ends. */
const OTHERS_MS = 10_000;
const LOOK_AGAIN_MS = 200;

/**
 * Begins an attempt by what stands in the table when no other process is logging in any more, or was for too long:
 * functions that start at once log in at once, each for a moment, and an attempt that is under way would count as a
 * refusal. What `whyNot` says against it is answered, and then nothing is written.
 */
export async function beginAfterOthers<No extends object>(
  attempt: Pick<Attempt<unknown>, 'begin'>,
  account: {
    read(options: Options): Promise<AccountHistory | undefined>;
    whyNot(history: AccountHistory | undefined, isUnderWay: boolean): No | undefined;
  },
  clock: Clock,
  { signal }: Options,
): Promise<No | 'begun' | 'taken' | 'over'> {
  const givesUpAt = clock.monotonic() + OTHERS_MS;
  const isLate = () => clock.monotonic() >= givesUpAt;
  for (;;) {
    const history = await account.read({ signal });
    const since = history?.openAttempt?.at;
    const isUnderWay = since !== undefined && clock.now() - since < OTHERS_MS;
    const isWaited = isUnderWay && !isLate();
    if (!isWaited) {
      const no = account.whyNot(history, isUnderWay);
      if (no !== undefined) return no;
      const begun = await attempt.begin(history, { signal });
      if (begun !== 'taken') return begun;
    }
    await clock.sleep(LOOK_AGAIN_MS, { signal });
    if (!isWaited && isLate()) return 'taken';
  }
}
