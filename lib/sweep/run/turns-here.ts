/** Which run of this process asks the hosts of a target, and since when the table could not tell of other processes. */
export interface TurnsHere {
  /** False while another run of this process has it. */
  take(target: string, runId: string): boolean;
  /** Nothing when another run has it. */
  giveBack(target: string, runId: string): void;
  /** Milliseconds from the first of the looks that failed without one between that did not; `now` is monotonic. */
  failedFor(target: string, now: number): number;
  answered(target: string): void;
}

export function createTurnsHere(): TurnsHere {
  const holders = new Map<string, string>();
  const failedSince = new Map<string, number>();
  return {
    take(target, runId) {
      const holder = holders.get(target) ?? runId;
      holders.set(target, holder);
      return holder === runId;
    },
    giveBack(target, runId) {
      if (holders.get(target) === runId) holders.delete(target);
    },
    failedFor(target, now) {
      const since = failedSince.get(target) ?? now;
      failedSince.set(target, since);
      return now - since;
    },
    answered: (target) => void failedSince.delete(target),
  };
}
