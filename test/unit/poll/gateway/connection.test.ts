import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { Connection, type ConnectionOptions } from '../../../../lib/poll/gateway/connection.ts';
import { Turns } from '../../../../lib/poll/gateway/turns.ts';
import { createNullMechanism } from '../../../../lib/poll/gateway/zmtp/mechanism.ts';
import { bytesOfMessage, openingOf } from './zmtp-client.ts';

const turn = () => new Promise(setImmediate);
const request = (text: string) => bytesOfMessage('v2', [Buffer.alloc(0), Buffer.from(text)]);

/** A connection over a socket that hands on what is written when it is told to, and all that was told of it. */
function start({ places = 8, ...options }: Partial<ConnectionOptions> & { places?: number } = {}) {
  const told: string[] = [];
  const written: Buffer[] = [];
  const done: (() => void)[] = [];
  let takes = true;
  const socket = Object.assign(new EventEmitter(), {
    state: 'new',
    pause() {
      socket.state = 'paused';
    },
    resume() {
      socket.state = 'reading';
    },
    destroy: () => void told.push('destroyed'),
    destroySoon: () => void told.push('destroyed soon'),
    write(bytes: Buffer, callback: () => void) {
      written.push(bytes);
      if (takes) queueMicrotask(callback);
      else done.push(callback);
    },
  });
  const answers: PromiseWithResolvers<readonly Uint8Array[]>[] = [];
  const connection = new Connection({
    socket: socket as unknown as Socket,
    address: '10.0.0.1',
    mechanism: createNullMechanism(),
    turns: new Turns(places),
    answer: () => {
      const answer = Promise.withResolvers<readonly Uint8Array[]>();
      answers.push(answer);
      return answer.promise;
    },
    onStray: (parts) => void told.push(`stray ${parts}`),
    onRequest: () => void told.push('request'),
    onUnread: () => void told.push('unread'),
    onRefused: (ending) => void told.push(`refused ${ending}`),
    onFault: (error) => void told.push(`fault ${String(error)}`),
    onEnd: (ending) => void told.push(`end ${ending}`),
    ...options,
  });
  const receive = (...chunks: Buffer[]) => void socket.emit('data', Buffer.concat(chunks));
  const ticks = (count: number) => {
    for (let at = 0; at < count; at += 1) connection.tick();
  };
  return {
    connection,
    socket,
    told,
    written,
    answers,
    receive,
    ticks,
    holdBack: () => {
      takes = false;
    },
    release: () => done.splice(0).forEach((callback) => void callback()),
  };
}
const OPENING = openingOf('ZMTP 3.1');

describe('a connection', () => {
  it('ends 10 s after it came where it did not finish its handshake, and not where it did', async () => {
    const silent = start();
    silent.ticks(10);
    expect(silent.told).toEqual([]);
    silent.ticks(1);
    expect(silent.told).toEqual(['end handshake', 'destroyed']);
    const known = start();
    known.receive(OPENING);
    await turn();
    known.ticks(100);
    expect(known.told).toEqual([]);
    expect(known.connection.idleTicks).toBe(100);
  });

  it('answers its requests, is busy until the client has the reply, and idle from the last request on', async () => {
    const one = start();
    one.receive(OPENING);
    await turn();
    expect([one.connection.isBusy, one.connection.unreadBytes]).toEqual([false, 0]);
    one.ticks(3);
    one.receive(request('{}'));
    expect([one.connection.isBusy, one.connection.idleTicks, one.told]).toEqual([true, 0, ['request']]);
    one.holdBack();
    one.written.length = 0;
    one.answers[0]?.resolve([Buffer.alloc(0), Buffer.from('reply')]);
    await turn();
    expect(one.told).toEqual(['request', 'unread']);
    expect(Buffer.concat(one.written).toString('latin1')).toBe('\x01\x00\x00\x05reply');
    expect([one.connection.isBusy, one.connection.unreadBytes]).toEqual([true, 9]);
    one.release();
    expect([one.connection.isBusy, one.connection.unreadBytes]).toEqual([false, 0]);
  });

  it('drops what is no request, and ends what does not speak its protocol', () => {
    const stray = start();
    stray.receive(OPENING, bytesOfMessage('v2', [Buffer.from('no envelope')]), request('{}'));
    expect(stray.told).toEqual(['stray 1', 'request']);
    const other = start();
    other.receive(OPENING, Buffer.of(0x80, 0));
    expect(other.told).toEqual(['end not-zmtp', 'destroyed']);
    other.socket.emit('close');
    expect(other.told).toHaveLength(2);
  });

  it('tells once that it is closed, and sends no reply then', async () => {
    const gone = start();
    gone.receive(OPENING, request('{}'));
    await turn();
    gone.written.length = 0;
    gone.socket.emit('error', new Error('reset'));
    gone.socket.emit('close');
    gone.answers[0]?.resolve([Buffer.from('late')]);
    await turn();
    expect([gone.told, gone.written]).toEqual([['request', 'end undefined'], []]);
  });

  it('has one place after the other where there are few, also after an answer that failed', async () => {
    const few = start({ places: 1 });
    few.receive(OPENING, request('{"a": 1}'), request('{"b": 2}'));
    expect([few.answers.length, few.connection.heldBytes]).toEqual([1, 2 * 128 + 8]);
    few.answers[0]?.reject(new Error('no answer'));
    await turn();
    expect([few.answers.length, few.connection.heldBytes]).toEqual([2, 0]);
    expect(few.told).toEqual(['request', 'request']);
    few.answers[1]?.resolve([Buffer.alloc(0), Buffer.from('b')]);
    await turn();
    expect(few.connection.isBusy).toBe(false);
  });

  it('is one of 128 requests at once', () => {
    const many = start({ places: 1_000 });
    many.receive(OPENING, ...Array.from({ length: 130 }, () => request('{}')));
    expect(many.answers).toHaveLength(128);
  });

  it('is not read while 16 KiB of its requests wait, and read on when they go', async () => {
    const waiting = start({ places: 1 });
    waiting.receive(OPENING, request('{}'));
    const large = request('x'.repeat(8 * 1_024));
    waiting.receive(large);
    expect(waiting.socket.state).toBe('reading');
    waiting.receive(large);
    expect(waiting.socket.state).toBe('paused');
    waiting.answers[0]?.resolve([]);
    await turn();
    expect(waiting.socket.state).toBe('reading');
  });

  it('is not read, and begins nothing, while 256 KiB wait for it; 30 s later it ends', async () => {
    const slow = start();
    slow.receive(OPENING, request('{}'));
    await turn();
    slow.holdBack();
    slow.answers[0]?.resolve([Buffer.alloc(0), Buffer.alloc(256 * 1_024)]);
    await turn();
    expect(slow.socket.state).toBe('paused');
    slow.receive(request('{}'));
    expect(slow.answers).toHaveLength(1);
    slow.ticks(30);
    expect(slow.told).toEqual(['request', 'unread']);
    slow.ticks(1);
    expect(slow.told.slice(2)).toEqual(['end unread-replies', 'destroyed']);
  });

  it('that reads on goes on, whatever it had left', async () => {
    const slow = start();
    slow.receive(OPENING, request('{}'));
    await turn();
    slow.holdBack();
    slow.answers[0]?.resolve([Buffer.alloc(0), Buffer.alloc(256 * 1_024)]);
    await turn();
    slow.ticks(30);
    slow.release();
    slow.ticks(30);
    expect(slow.told).toEqual(['request', 'unread']);
    for (let at = 0; at < 9; at += 1) slow.release();
    expect([slow.connection.unreadBytes, slow.socket.state]).toEqual([0, 'reading']);
  });

  it('takes no request after it was stopped, reads what comes, and waits for those in hand', async () => {
    const one = start();
    one.receive(OPENING, request('{}'));
    let stopped = 0;
    const stopping = one.connection.stop().then(() => {
      stopped += 1;
    });
    one.receive(request('{}'));
    await turn();
    expect([one.answers.length, one.socket.state, stopped]).toEqual([1, 'reading', 0]);
    one.holdBack();
    one.answers[0]?.resolve([Buffer.alloc(0), Buffer.from('last')]);
    await stopping;
    await turn();
    one.connection.close();
    expect(one.told.at(-1)).toBe('destroyed');
    one.release();
    await one.connection.drained();
    one.connection.close();
    expect(one.told.at(-1)).toBe('destroyed soon');
  });

  it('tells of a fault of its own, and ends', async () => {
    const one = start({ answer: async () => [undefined as unknown as Uint8Array] });
    one.receive(OPENING, request('{}'));
    await turn();
    expect(one.told[1]).toMatch(/^fault TypeError/);
    expect(one.told.slice(2)).toEqual(['end fault', 'destroyed']);
  });
});
