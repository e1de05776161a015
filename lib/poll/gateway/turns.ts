/**
 * Places for requests that are answered at once. Who finds none is called in the order of asking when one is free, so no
 * connection gets more than its share.
 */
export class Turns {
  #free: number;
  readonly #waiting = new Set<() => void>();

  constructor(places: number) {
    this.#free = places;
  }

  /** Takes a place. If there is none, answers false and calls `wake` once when it is worth another try. */
  take(wake: () => void): boolean {
    if (this.#free === 0) {
      this.#waiting.add(wake);
      return false;
    }
    this.#free -= 1;
    return true;
  }

  giveBack(): void {
    this.#free += 1;
    // Who is called may have no use for the place by now: then the next one is.
    for (const wake of this.#waiting) {
      if (this.#free === 0) return;
      this.#waiting.delete(wake);
      wake();
    }
  }

  /** No longer waits. */
  forget(wake: () => void): void {
    this.#waiting.delete(wake);
  }
}
