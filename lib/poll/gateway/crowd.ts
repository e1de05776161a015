import type { Ending } from './zmtp/errors.ts';

/** What is asked of a connection. */
export interface Member {
  readonly address: string;
  readonly isBusy: boolean;
  /** Since its last request, or since it was seated. */
  readonly idleTicks: number;
  readonly unreadBytes: number;
  /** What it sent that is not answered yet. */
  readonly heldBytes: number;
  end(ending: Ending): void;
}

export interface CrowdLimits {
  readonly all: number;
  /** Less than all: however busy one address is, another finds a seat. */
  readonly perAddress: number;
  /** Of what all of them together have not read. */
  readonly unreadBytes: number;
  /** Of requests of all of them together that are not answered yet. */
  readonly heldBytes: number;
}

/** Who asked so recently keeps its seat, but for an address that has fewer seats. */
const IDLE_TICKS = 30;

/**
 * The connections of an endpoint, the one first whose last request is longest ago. One whose request is in hand keeps its
 * seat. Who is ended connects again by itself, so clients that are all needed must not displace each other in turn.
 */
export class Crowd<M extends Member> {
  readonly #limits: CrowdLimits;
  readonly #members = new Set<M>();
  readonly #counts = new Map<string, number>();

  constructor(limits: CrowdLimits) {
    this.#limits = limits;
  }

  [Symbol.iterator](): IterableIterator<M> {
    return this.#members.values();
  }

  hasSeat(address: string): boolean {
    return this.#members.size < this.#limits.all && this.#countOf(address) < this.#limits.perAddress;
  }

  /**
   * Whether a newcomer of this address has a seat, if need be that of one that nobody needs, of the address that has
   * the most.
   */
  makeSeat(address: string): boolean {
    if (this.hasSeat(address)) return true;
    const own = this.#countOf(address);
    const crowded = own >= this.#limits.perAddress ? address : this.#mostCrowded();
    const isFair = this.#countOf(crowded) > own + 1;
    const isSpare = (one: M) =>
      one.address === crowded && !one.isBusy && (isFair || one.idleTicks >= IDLE_TICKS);
    const spare = this.#members.values().find(isSpare);
    spare?.end('crowd');
    return spare !== undefined;
  }

  add(member: M): void {
    this.#members.add(member);
    this.#counts.set(member.address, this.#countOf(member.address) + 1);
  }

  /** It sent a request. */
  touch(member: M): void {
    if (this.#members.delete(member)) this.#members.add(member);
  }

  delete(member: M): void {
    if (!this.#members.delete(member)) return;
    const left = this.#countOf(member.address) - 1;
    if (left > 0) this.#counts.set(member.address, left);
    else this.#counts.delete(member.address);
  }

  /** When all of them together left too much unread, or keep too much here, those that do so the most are ended. */
  checkBytes(): void {
    this.#check('unreadBytes', 'unread-replies');
    this.#check('heldBytes', 'crowd');
  }

  #check(kind: 'unreadBytes' | 'heldBytes', ending: Ending): void {
    let all = 0;
    for (const member of this.#members) all += member[kind];
    if (all <= this.#limits[kind]) return;
    for (const member of [...this.#members].sort((one, other) => other[kind] - one[kind])) {
      if (all <= this.#limits[kind]) return;
      all -= member[kind];
      member.end(ending);
    }
  }

  #countOf(address: string): number {
    return this.#counts.get(address) ?? 0;
  }

  #mostCrowded(): string {
    const [[address] = ['']] = [...this.#counts].sort(([, one], [, other]) => other - one);
    return address;
  }
}
