import { untilAborted } from '../../platform/until-aborted.ts';
import { type LoginTally, NO_LOGINS, shouldSuspend } from '../rules/credential-state.ts';
import type { LeftAlone } from '../rules/left-alone.ts';

/** How a target asks hosts on which the credential is not proven. */
export interface TurnRules {
  /** The credential itself is not proven: one host of the whole run first, and nobody else before it accepted. */
  readonly trial: boolean;
  /** One account for all hosts: once enough hosts accepted it in this run, all others are asked. */
  readonly isDomain: boolean;
  /** Whether hosts accepted this version in an earlier run. */
  readonly version: 'new' | 'in-use';
}

/** What the waves of one target came to so far. */
export interface OwnWaves {
  readonly sent: number;
  readonly left: number;
  readonly accepted: number;
  /** With the one account of a domain: how many hosts come next of which as much is known, and whether they are doubtful. */
  readonly alike?: number;
  readonly isDoubtful?: boolean;
}

/** `opens`: others wait for what this host says of the credential, or of the one account of all hosts. */
export type Turn = { readonly size: number; readonly opens: boolean } | { readonly stop: LeftAlone };

/**
 * Whose turn it is to ask unproven hosts, and how many of them: the targets of a run have one count of refusals, one
 * allowance and one trial. Before the first acceptance of a trial one login is under way over all targets; after it
 * each target asks as many as accepted there so far.
 */
export interface WaveTurns {
  /** A target comes in with its hosts, for the allowance. */
  join(hosts: number): void;
  /** The targets of the run. As long as one is not settled, no host is asked that is doubtful of the account of a domain. */
  await(targets: readonly string[]): void;
  /** All hosts of a target have answered that are not doubtful, or it has none, or nobody asks any. */
  settle(target: string): void;
  /** Waits for the verdict on what other targets try, until `signal` aborts: then the turn does not come. */
  take(rules: TurnRules, own: OwnWaves, options: { signal: AbortSignal }): Promise<Turn>;
  /** Gives a turn back; what became of it is counted by then. */
  giveBack(size: number, use: 'asked' | 'unused'): void;
  /** Counts logins on unproven hosts. */
  count(ends: LoginTally): void;
  tally(): LoginTally;
  /** Resolves when all targets are settled, or with `signal`. */
  settled(options: { signal: AbortSignal }): Promise<void>;
}

/** Hosts in a row without any answer, after which a trial is put off. */
const MAX_UNANSWERED = 5;

/**
 * How many hosts accept the one account of a domain, one login after the other and with no refusal between, before all are
 * asked at once: one may lie, or accept a value that its directory does not take any more. What was refused before is
 * forgotten by then.
 */
const OPENERS = { new: 3, 'in-use': 2 } as const;
/** Hosts that did not come as far as a login, and how many are connected to side by side then: a login at a time still. */
const MAX_SILENT = 3;
const SIDE_BY_SIDE = 8;

const REFUSED: LeftAlone = {
  skip: 'suspended',
  why: 'no login was tried, because hosts refused the credential in this run. It is suspended; for the time of the next try, run: vsweep credential list',
};
/** The budget of the one account has one more to spend, which is for the next run. */
const IN_DOUBT: LeftAlone = {
  skip: 'allowance',
  why: 'no login was tried: the first login of this run ended without an answer, so the account that all hosts share may have been refused; the next run tries again',
};
const UNANSWERED: LeftAlone = {
  skip: 'suspended',
  why: `no login was tried: a credential that no host has accepted yet is tried on a few hosts first, and the first ${MAX_UNANSWERED} did not answer; the next run tries others`,
};

export function createWaveTurns({ allowanceOf }: { allowanceOf: (hosts: number) => number }): WaveTurns {
  let tally = NO_LOGINS;
  let hosts = 0;
  let asked = 0;
  let underWay = 0;
  /** Logins that were accepted, the last ones without a refusal between. */
  let inARow = 0;
  let isOpened = false;
  const awaited = new Set<string>();
  let changed = Promise.withResolvers<void>();

  const wake = () => {
    changed.resolve();
    changed = Promise.withResolvers();
  };
  /** What is left of the allowance: a login whose end nobody knows may have been refused. */
  const left = () => allowanceOf(hosts) - tally.refused - tally.possible;
  const isOpening = ({ trial, isDomain, version }: TurnRules): boolean => {
    isOpened ||= isDomain ? inARow >= OPENERS[version] : tally.accepted > 0;
    return trial && !isOpened;
  };
  const whyStop = (rules: TurnRules): LeftAlone | undefined => {
    const { trial, isDomain, version } = rules;
    if (trial && shouldSuspend(tally, rules)) return REFUSED;
    if (isDomain && isOpening(rules) && tally.possible > 0) return IN_DOUBT;
    // What hosts cost the one account of a domain counts on its record; before one accepted it, the stops above come first.
    if (left() <= 0 && !isDomain) return { skip: 'allowance' };
    const unanswered = asked - underWay - tally.refused;
    // Hosts that are down were sent nothing, and say nothing of a version that is in use.
    const isPutOff = version === 'new' && tally.accepted === 0 && unanswered >= MAX_UNANSWERED;
    return trial && isPutOff ? UNANSWERED : undefined;
  };
  /** A wave can be refused as a whole, and each of its hosts has its own budget. 0: not now. */
  const sizeNow = (rules: TurnRules, own: OwnWaves): number => {
    const { trial, isDomain } = rules;
    const isBehind = own.isDoubtful === true && awaited.size > 0;
    if (isOpening(rules)) {
      if (underWay > 0 || isBehind) return 0;
      return isDomain && tally.silent >= MAX_SILENT ? Math.min(SIDE_BY_SIDE, own.alike ?? 1) : 1;
    }
    if (isDomain) return Number.POSITIVE_INFINITY;
    // One at least: hosts that hang on another target must not keep this one from its turn for ever.
    return Math.max(trial ? 1 : left() - underWay, own.accepted, 1);
  };

  return {
    join: (more) => {
      hosts += more;
    },
    await: (targets) => {
      for (const target of targets) awaited.add(target);
    },
    settle: (target) => {
      if (awaited.delete(target)) wake();
    },
    async take(rules, own, { signal }) {
      for (;;) {
        const stop = whyStop(rules);
        if (stop !== undefined) return { stop };
        const size = Math.min(sizeNow(rules, own), own.left);
        const opens = isOpening(rules);
        if (signal.aborted && (own.sent > 0 || size === 0)) return { stop: { skip: 'deadline' } };
        if (size > 0) {
          asked += size;
          underWay += size;
          return { size, opens };
        }
        await untilAborted(changed.promise, signal).catch(() => undefined);
      }
    },
    giveBack(size, use) {
      underWay -= size;
      if (use === 'unused') asked -= size;
      wake();
    },
    count(ends) {
      tally = addTallies(tally, ends);
      inARow = ends.refused + ends.possible > 0 ? 0 : inARow + ends.accepted;
    },
    tally: () => tally,
    async settled({ signal }) {
      while (awaited.size > 0 && !signal.aborted)
        await untilAborted(changed.promise, signal).catch(() => undefined);
    },
  };
}

export const addTallies = (one: LoginTally, other: LoginTally): LoginTally => ({
  accepted: one.accepted + other.accepted,
  refused: one.refused + other.refused,
  refusedByProven: one.refusedByProven + other.refusedByProven,
  possible: one.possible + other.possible,
  silent: one.silent + other.silent,
});
