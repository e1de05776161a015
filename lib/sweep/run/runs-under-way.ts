import { untilAborted } from '../../platform/until-aborted.ts';

/** The runs of one process. What may end the process is done while none of them is under way. */
export interface RunsUnderWay {
  /**
   * A run begins; waits while `alone` works. Answers what ends it, which may be called twice. When the signal aborts
   * it waits no longer: a run that is stopped dials nobody.
   */
  begin(options: { signal: AbortSignal }): Promise<() => void>;
  /**
   * Works while no run is under way; a run that begins meanwhile waits. Undefined, without having worked, when the
   * signal aborts first.
   */
  alone<T>(work: () => Promise<T>, options: { signal: AbortSignal }): Promise<T | undefined>;
}

export function createRunsUnderWay(): RunsUnderWay {
  let runs = 0;
  let isTaken = false;
  let changed = Promise.withResolvers<void>();
  const tell = () => {
    changed.resolve();
    changed = Promise.withResolvers();
  };
  const untilChanged = (signal: AbortSignal) => untilAborted(changed.promise, signal).catch(() => undefined);
  return {
    async begin({ signal }) {
      while (isTaken && !signal.aborted) await untilChanged(signal);
      // Nothing waits between the look and the count.
      runs += 1;
      let isOver = false;
      return () => {
        if (isOver) return;
        isOver = true;
        runs -= 1;
        tell();
      };
    },
    async alone(work, { signal }) {
      while ((runs > 0 || isTaken) && !signal.aborted) await untilChanged(signal);
      if (signal.aborted) return undefined;
      isTaken = true;
      try {
        return await work();
      } finally {
        isTaken = false;
        tell();
      }
    },
  };
}
