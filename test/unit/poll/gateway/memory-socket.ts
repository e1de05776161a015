import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';

/** The side of a connection that the gateway has, without a network: what it wrote, and what became of it. */
export interface MemorySocket {
  readonly socket: Socket;
  /** What was written, a write an entry. */
  readonly writes: Buffer[];
  /** `paused` or `reading`, then how it was ended, each when it changed. */
  readonly states: string[];
  /** The system takes the oldest write that it has not taken. */
  take(error?: Error): void;
  /** The system takes all that is written, also what is written because of that. */
  takeAll(): Promise<void>;
  receive(bytes: Uint8Array): void;
}

export function createMemorySocket(): MemorySocket {
  const writes: Buffer[] = [];
  const states: string[] = [];
  const callbacks: ((error?: Error | null) => void)[] = [];
  const tell = (what: string) => {
    if (states.at(-1) !== what) states.push(what);
  };
  const socket = Object.assign(new EventEmitter(), {
    write(bytes: Uint8Array, callback: (error?: Error | null) => void) {
      writes.push(Buffer.from(bytes));
      callbacks.push(callback);
      return true;
    },
    pause: () => tell('paused'),
    resume: () => tell('reading'),
    destroy: () => tell('destroyed'),
    destroySoon: () => tell('destroyed soon'),
  });
  const take = (error?: Error) => callbacks.shift()?.(error ?? null);
  return {
    socket: socket as unknown as Socket,
    writes,
    states,
    take,
    async takeAll() {
      await settle();
      while (callbacks.length > 0) {
        take();
        await settle();
      }
    },
    receive: (bytes) => void socket.emit('data', Buffer.from(bytes)),
  };
}

/** All that is under way without I/O goes on until it waits. */
export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Whether it has resolved by now. */
export const isOver = (promise: Promise<void>): Promise<boolean> =>
  Promise.race([promise.then(() => true), settle().then(() => false)]);
