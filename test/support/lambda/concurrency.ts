/** `Reason` of a TooManyRequestsException: the model of @aws-sdk/client-lambda. */
export type ThrottleReason =
  | 'ConcurrentInvocationLimitExceeded'
  | 'ReservedFunctionConcurrentInvocationLimitExceeded';

/** The executions that run at once in an account. */
export interface Concurrency {
  /** Takes a place for an execution, or answers why there is none. */
  take(name: string): ThrottleReason | undefined;
  giveBack(name: string): void;
  /** Executions of a function that are under way. */
  running(name: string): number;
}

/**
 * An account's concurrency: its functions share it, and one that waits for the answer of another one keeps its place.
 * What a function has reserved is its own, and no other one's, and it gets no more
 * (https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html).
 */
export function createConcurrency(limit: number, reserved: () => ReadonlyMap<string, number>): Concurrency {
  const busy = new Map<string, number>();
  const running = (name: string) => busy.get(name) ?? 0;
  const change = (name: string, by: number) => void busy.set(name, running(name) + by);
  const sum = (numbers: Iterable<number>) => [...numbers].reduce((total, one) => total + one, 0);
  const isFull = (name: string): ThrottleReason | undefined => {
    const own = reserved().get(name);
    if (own !== undefined)
      return running(name) < own ? undefined : 'ReservedFunctionConcurrentInvocationLimitExceeded';
    const shared = limit - sum(reserved().values());
    const others = sum(Array.from(busy, ([one, count]) => (reserved().has(one) ? 0 : count)));
    return others < shared ? undefined : 'ConcurrentInvocationLimitExceeded';
  };
  return {
    take(name) {
      const reason = isFull(name);
      if (reason === undefined) change(name, 1);
      return reason;
    },
    giveBack: (name) => change(name, -1),
    running,
  };
}
