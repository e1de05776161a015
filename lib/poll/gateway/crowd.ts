import type { Ending } from './zmtp/errors.ts';

/** What is asked of a connection. */
export interface Member {
  readonly address: string;
  readonly isBusy: boolean;
  readonly unreadBytes: number;
  end(ending: Ending): void;
}

export interface CrowdLimits {
  readonly all: number;
  readonly perAddress: number;
  /** Of what all of them together have not read. */
  readonly unreadBytes: number;
}

/**
 * The connections of an endpoint, the one first whose last request is longest ago. Clients of ZeroMQ connect again by
 * themselves, so of too many the one that nobody needs is ended, and never one whose request is being answered.
 */
export class Crowd<M extends Member> {
  readonly #limits: CrowdLimits;
  readonly #members = new Set<M>();

  constructor(limits: CrowdLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#members.size;
  }

  [Symbol.iterator](): IterableIterator<M> {
    return this.#members.values();
  }

  /** Makes room for it: at the limit by ending an idle one of the address that has the most, else by ending itself. */
  add(member: M): void {
    this.#members.add(member);
    const crowded = this.#crowdedAddress(member.address);
    if (crowded === undefined) return;
    const idle = this.#members.values().find((one) => one.address === crowded && !one.isBusy);
    (idle ?? member).end('crowd');
  }

  /** It sent a request. */
  touch(member: M): void {
    if (this.#members.delete(member)) this.#members.add(member);
  }

  delete(member: M): void {
    this.#members.delete(member);
  }

  /** When all of them together left too much unread, the one that left the most is ended. */
  checkUnread(): void {
    let most: M | undefined;
    let all = 0;
    for (const member of this.#members) {
      all += member.unreadBytes;
      if (member.unreadBytes > (most?.unreadBytes ?? 0)) most = member;
    }
    if (all > this.#limits.unreadBytes) most?.end('unread-replies');
  }

  /** The address that has one too many. */
  #crowdedAddress(latest: string): string | undefined {
    const counts = new Map<string, number>();
    for (const { address } of this.#members) counts.set(address, (counts.get(address) ?? 0) + 1);
    if ((counts.get(latest) ?? 0) > this.#limits.perAddress) return latest;
    if (this.#members.size <= this.#limits.all) return undefined;
    const [[address] = []] = [...counts].sort(([, a], [, b]) => b - a);
    return address;
  }
}
