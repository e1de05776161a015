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
    const [first] = this.#waiting;
    if (first === undefined) return;
    this.#waiting.delete(first);
    first();
  }

  /** No longer waits; a place that was meant for it goes to the next one. */
  forget(wake: () => void): void {
    this.#waiting.delete(wake);
  }
}
