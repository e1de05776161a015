import type { Socket } from 'node:net';
import type { Crowd, Member } from './crowd.ts';

/** Clients of libzmq wait 30 s for a greeting before they connect again. */
const PATIENCE_TICKS = 20;
const SEATS = 1_024;

/** A connection that has no seat yet. Nothing is read from it or said to it, so it costs next to nothing. */
export interface Newcomer {
  readonly socket: Socket;
  readonly address: string;
}

export interface WaitingRoomOptions {
  readonly crowd: Pick<Crowd<Member>, 'hasSeat' | 'makeSeat'>;
  readonly seat: (newcomer: Newcomer) => void;
  /** It is gone, or there was no seat for it in time. */
  readonly onEnd: (newcomer: Newcomer, ending: 'crowd' | undefined) => void;
}

/** Connections that came while every seat was taken, in the order of coming. */
export class WaitingRoom {
  readonly #options: WaitingRoomOptions;
  readonly #waiting = new Map<Newcomer, { ticks: number; leave: () => void }>();

  #isSeating = false;

  constructor(options: WaitingRoomOptions) {
    this.#options = options;
  }

  /** Seats it, or lets it wait. */
  enter(newcomer: Newcomer): void {
    const { crowd, seat } = this.#options;
    if (crowd.hasSeat(newcomer.address)) {
      seat(newcomer);
      return;
    }
    const leave = () => this.#end(newcomer, undefined);
    newcomer.socket.on('error', ignore).on('close', leave);
    this.#waiting.set(newcomer, { ticks: 0, leave });
    if (this.#waiting.size > SEATS) this.#end(this.#leastFair(), 'crowd');
  }

  /** A seat is free. */
  seatAll(): void {
    this.#seat((address) => this.#options.crowd.hasSeat(address));
  }

  /** A second has passed: who has waited too long goes, and the others get the seats of those that nobody needs. */
  tick(): void {
    for (const [newcomer, waiting] of this.#waiting) {
      waiting.ticks += 1;
      if (waiting.ticks > PATIENCE_TICKS) this.#end(newcomer, 'crowd');
    }
    this.#seat((address) => this.#options.crowd.makeSeat(address));
  }

  close(): void {
    for (const newcomer of this.#waiting.keys()) this.#end(newcomer, undefined);
  }

  #seat(isSeated: (address: string) => boolean): void {
    // Of one whose seat another is to have.
    if (this.#isSeating) return;
    this.#isSeating = true;
    const full = new Set<string>();
    for (const [newcomer, { leave }] of this.#waiting) {
      const { address, socket } = newcomer;
      if (full.has(address)) continue;
      if (!isSeated(address)) full.add(address);
      else {
        this.#waiting.delete(newcomer);
        socket.off('error', ignore).off('close', leave);
        this.#options.seat(newcomer);
      }
    }
    this.#isSeating = false;
  }

  #end(newcomer: Newcomer, ending: 'crowd' | undefined): void {
    if (!this.#waiting.delete(newcomer)) return;
    newcomer.socket.destroy();
    this.#options.onEnd(newcomer, ending);
  }

  /** The latest of the address that has the most here. */
  #leastFair(): Newcomer {
    const byAddress = Map.groupBy(this.#waiting.keys(), ({ address }) => address);
    const [most = []] = [...byAddress.values()].sort((one, other) => other.length - one.length);
    return most.at(-1) as Newcomer;
  }
}

const ignore = () => undefined;
