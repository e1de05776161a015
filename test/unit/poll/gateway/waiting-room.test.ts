import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { Outbox } from '../../../../lib/poll/gateway/outbox.ts';
import { type Newcomer, WaitingRoom } from '../../../../lib/poll/gateway/waiting-room.ts';

class FakeSocket extends EventEmitter {
  isDestroyed = false;
  destroy(): void {
    this.isDestroyed = true;
  }
}

/** A room before a crowd that has seats for these addresses, and who came out of it. */
function startRoom() {
  const free = new Map<string, number>();
  const spare = new Map<string, number>();
  const told: string[] = [];
  const nameOf = new Map<Newcomer, string>();
  const take = (from: Map<string, number>, address: string) => {
    const left = from.get(address) ?? 0;
    return left > 0;
  };
  const room = new WaitingRoom({
    crowd: {
      hasSeat: (address) => take(free, address),
      makeSeat: (address) => take(free, address) || take(spare, address),
    },
    seat: (newcomer) => {
      const { address } = newcomer;
      const from = (free.get(address) ?? 0) > 0 ? free : spare;
      from.set(address, (from.get(address) ?? 0) - 1);
      told.push(`${nameOf.get(newcomer)} seated`);
    },
    onEnd: (newcomer, ending) => void told.push(`${nameOf.get(newcomer)} ${ending ?? 'gone'}`),
  });
  const enter = (name: string, address: string) => {
    const socket = new FakeSocket();
    const newcomer = { socket: socket as unknown as Socket, address };
    nameOf.set(newcomer, name);
    room.enter(newcomer);
    return socket;
  };
  return { room, free, spare, told, enter };
}

describe('who comes while every seat is taken', () => {
  it('is seated at once where there is one, and nobody listens to its socket over that', () => {
    const { free, told, enter } = startRoom();
    free.set('a', 1);
    const socket = enter('first', 'a');
    expect(told).toEqual(['first seated']);
    expect(socket.eventNames()).toEqual([]);
  });

  it('waits, and gets a seat in the order of coming, each address by itself', () => {
    const { room, free, told, enter } = startRoom();
    const sockets = [enter('a1', 'a'), enter('a2', 'a'), enter('b1', 'b')];
    room.seatAll();
    expect(told).toEqual([]);
    for (const socket of sockets) expect(socket.listenerCount('error')).toBe(1);
    free.set('b', 1).set('a', 1);
    room.seatAll();
    expect(told).toEqual(['a1 seated', 'b1 seated']);
    expect(sockets.map((socket) => socket.eventNames().length)).toEqual([0, 2, 0]);
    expect(sockets.some(({ isDestroyed }) => isDestroyed)).toBe(false);
  });

  it('gets with the next second the seat of one that nobody needs', () => {
    const { room, spare, told, enter } = startRoom();
    enter('a1', 'a');
    enter('a2', 'a');
    spare.set('a', 1);
    room.seatAll();
    expect(told).toEqual([]);
    room.tick();
    expect(told).toEqual(['a1 seated']);
  });

  it('is sent away after 20 s, and not before', () => {
    const { room, told, enter } = startRoom();
    const socket = enter('a1', 'a');
    for (let second = 0; second < 20; second += 1) room.tick();
    expect(told).toEqual([]);
    room.tick();
    expect([told, socket.isDestroyed]).toEqual([['a1 crowd'], true]);
    room.tick();
    expect(told).toHaveLength(1);
  });

  it('may go by itself, with or without an error, and is told of once', () => {
    const { room, free, told, enter } = startRoom();
    const socket = enter('a1', 'a');
    socket.emit('error', new Error('reset'));
    expect(told).toEqual([]);
    socket.emit('close');
    socket.emit('close');
    expect([told, socket.isDestroyed]).toEqual([['a1 gone'], true]);
    free.set('a', 1);
    room.seatAll();
    room.close();
    expect(told).toHaveLength(1);
  });

  it('is sent away with all others when the gateway ends', () => {
    const { room, told, enter } = startRoom();
    const sockets = [enter('a1', 'a'), enter('b1', 'b')];
    room.close();
    expect(told).toEqual(['a1 gone', 'b1 gone']);
    expect(sockets.every(({ isDestroyed }) => isDestroyed)).toBe(true);
  });

  it('is one of 1,024; for one more the latest of the address goes that has the most', () => {
    const { told, enter } = startRoom();
    enter('other', 'b');
    for (let n = 1; n <= 1_023; n += 1) enter(`a${n}`, 'a');
    expect(told).toEqual([]);
    enter('new', 'c');
    expect(told).toEqual(['a1023 crowd']);
  });
});

describe('what is to be sent on a connection', () => {
  function start() {
    const written: number[] = [];
    const taken: number[] = [];
    const done: ((error?: Error | null) => void)[] = [];
    const socket = Object.assign(new EventEmitter(), {
      write(piece: Uint8Array, callback: (error?: Error | null) => void) {
        written.push(piece.length);
        done.push(callback);
      },
    });
    const outbox = new Outbox(socket as unknown as Socket, (bytes) => taken.push(bytes));
    return { outbox, written, taken, done, socket, turn: () => new Promise(setImmediate) };
  }
  const PIECE = 64 * 1_024;

  it('that is added in one go leaves in one piece of 64 KiB at most, the next one when that was taken', async () => {
    const { outbox, written, taken, done, turn } = start();
    outbox.add(Buffer.alloc(2));
    outbox.add(Buffer.alloc(3));
    expect([written, outbox.bytes]).toEqual([[], 5]);
    await turn();
    expect(written).toEqual([5]);
    outbox.add(Buffer.alloc(2 * PIECE + 1));
    outbox.add(Buffer.alloc(PIECE - 1));
    await turn();
    expect([written, outbox.bytes]).toEqual([[5], 5 + 3 * PIECE]);
    for (let at = 0; at < 4; at += 1) done[at]?.(null);
    expect(written).toEqual([5, PIECE, PIECE, PIECE]);
    expect([taken, outbox.bytes]).toEqual([written, 0]);
  });

  it('is awaited to its last byte, and no longer than the socket is open', async () => {
    const { outbox, done, socket, turn } = start();
    await outbox.drained();
    outbox.add(Buffer.alloc(1));
    let drained = 0;
    const waiting = outbox.drained().then(() => {
      drained += 1;
    });
    await turn();
    expect(drained).toBe(0);
    done[0]?.();
    await waiting;
    expect(drained).toBe(1);
    outbox.add(Buffer.alloc(1));
    await turn();
    const closing = outbox.drained();
    socket.emit('close');
    await closing;
  });

  it('goes no further after a failure', async () => {
    const { outbox, written, taken, done, turn } = start();
    outbox.add(Buffer.alloc(1));
    await turn();
    outbox.add(Buffer.alloc(1));
    done[0]?.(new Error('EPIPE'));
    await turn();
    expect([written, taken, outbox.bytes]).toEqual([[1], [], 2]);
  });
});
