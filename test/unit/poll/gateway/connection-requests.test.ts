import { describe, expect, it } from 'vitest';
import { settle } from './memory-socket.ts';
import { OPENING, OWN_OPENING_BYTES, request, startConnection } from './start-connection.ts';
import { bytesOfMessage } from './zmtp-client.ts';

const KIB = 1024;

describe('a request', () => {
  it('is answered with its envelope, and is told of', async () => {
    const { connection, told, asked, writes, receive, answer, takeAll } = startConnection();
    expect(connection.address).toBe('10.0.0.1');
    const parts = ['proxy', '', 'hello'].map((part) => Buffer.from(part));
    await receive(OPENING, bytesOfMessage('v2', parts));
    await takeAll();
    expect(asked).toEqual(['hello']);
    expect(told).toEqual(['request']);
    expect(connection.isBusy).toBe(true);
    await answer('world');
    expect(told).toEqual(['request', 'unread']);
    expect(connection.isBusy).toBe(true);
    await takeAll();
    expect(connection.isBusy).toBe(false);
    expect(Buffer.concat(writes)).toHaveLength(OWN_OPENING_BYTES + 7 + 2 + 7);
    expect(Buffer.concat(writes).subarray(OWN_OPENING_BYTES).toString('latin1')).toBe(
      '\x01\x05proxy\x01\0\0\x05world',
    );
  });

  it('is dropped when it has no envelope of a REQ socket, and the next one is answered', async () => {
    const { told, asked, receive } = startConnection();
    const stray = bytesOfMessage('v2', [Buffer.from('a'), Buffer.from('b'), Buffer.from('c')]);
    await receive(OPENING, stray, request('next'));
    expect(told).toEqual(['stray of 3', 'request']);
    expect(asked).toEqual(['next']);
  });

  it('that cannot be answered gets no reply, and its connection goes on', async () => {
    const { told, asked, inHand, receive, writes, takeAll, connection } = startConnection({ places: 1 });
    await receive(OPENING, request('one'), request('two'));
    await takeAll();
    inHand.shift()?.fail(new Error('no answer'));
    await takeAll();
    expect(asked).toEqual(['one', 'two']);
    expect(told).toEqual(['request', 'request']);
    expect(Buffer.concat(writes)).toHaveLength(OWN_OPENING_BYTES);
    expect(connection.isBusy).toBe(true);
  });

  it('that arrives byte by byte is held until it is whole, and until it is answered no longer', async () => {
    const { connection, receive, asked } = startConnection();
    await receive(OPENING, request('hello').subarray(0, -1));
    expect(connection.heldBytes).toBe(6);
    expect(asked).toEqual([]);
    await receive(Buffer.from('o'));
    expect(connection.heldBytes).toBe(0);
    expect(asked).toEqual(['hello']);
  });
});

describe('requests beyond those that are answered at once', () => {
  it('are 128 of one connection; the next one begins when one of them is answered', async () => {
    const { asked, receive, answer, takeAll, connection } = startConnection();
    await receive(OPENING, ...Array.from({ length: 130 }, (_, index) => request(`${index}`)));
    await takeAll();
    expect(asked).toHaveLength(128);
    await answer('done');
    await takeAll();
    expect(asked).toHaveLength(129);
    await answer('done', 129);
    await answer('done', 129);
    await takeAll();
    expect(asked).toHaveLength(130);
    expect(asked.at(-1)).toBe('129');
    expect(connection.isBusy).toBe(false);
  });

  it('wait for their turn among all connections, in their order', async () => {
    const { asked, receive, answer, connection, takeAll } = startConnection({ places: 1 });
    await receive(OPENING, request('one'), request('two'), request('three'));
    await takeAll();
    expect(asked).toEqual(['one']);
    // 128 bytes for each part, and those of the texts.
    expect(connection.heldBytes).toBe(4 * 128 + 'two'.length + 'three'.length);
    await answer('done');
    expect(asked).toEqual(['one', 'two']);
    expect(connection.heldBytes).toBe(2 * 128 + 'three'.length);
    await answer('done');
    await answer('done');
    expect(asked).toEqual(['one', 'two', 'three']);
    expect(connection.heldBytes).toBe(0);
  });

  it('make it busy while one waits, also when none is in hand', async () => {
    const { connection, turns, receive, takeAll, asked } = startConnection({ places: 1 });
    turns.take(() => undefined);
    await receive(OPENING);
    await takeAll();
    expect(connection.isBusy).toBe(false);
    await receive(request('waits'));
    expect(connection.isBusy).toBe(true);
    turns.giveBack();
    expect(asked).toEqual(['waits']);
  });

  it('are read ahead up to 16 KiB, each part counted as 128 bytes more, and then nothing is read', async () => {
    const { connection, told, receive, answer, takeAll } = startConnection({ places: 1 });
    await receive(OPENING, request('in hand'));
    await takeAll();
    // With the two parts of each: 16 KiB less one byte.
    await receive(request('x'.repeat(16 * KIB - 2 * 128 - 1)));
    expect(connection.heldBytes).toBe(16 * KIB - 1);
    expect(told.at(-1)).toBe('request');
    await receive(request(''));
    const ahead = 16 * KIB - 1 + 2 * 128;
    expect(connection.heldBytes).toBe(ahead);
    // What had arrived before it was paused stays as it came.
    await receive(request('unread'));
    expect(connection.heldBytes).toBe(ahead + request('unread').length);
    await answer('done');
    await takeAll();
    expect(connection.heldBytes).toBe(2 * 2 * 128 + 'unread'.length);
  });

  it.each([
    ['goes on at a byte below 16 KiB', 16 * KIB - 2 * 128 - 1, 'reading'],
    ['stops at 16 KiB', 16 * KIB - 2 * 128, 'paused'],
  ])('reading %s', async (_what, bytes, state) => {
    const connection = startConnection({ places: 1 });
    await connection.receive(OPENING, request('in hand'));
    await connection.takeAll();
    expect(connection.told).toEqual(['request']);
    await connection.receive(request('x'.repeat(bytes)));
    expect(stateOf(connection)).toBe(state);
    await connection.answer('done');
    await connection.takeAll();
    expect(stateOf(connection)).toBe('reading');
  });
});

describe('a client that does not read its replies', () => {
  it.each([
    ['is read on at a byte below 256 KiB', 256 * KIB - 1, 'reading', 2],
    ['is not read any further at 256 KiB', 256 * KIB, 'paused', 1],
  ])('%s', async (_what, bytes, state, asked) => {
    const connection = startConnection();
    await connection.receive(OPENING, request('one'));
    await connection.takeAll();
    // Two parts: one of 2 bytes, and one of 9 and the text.
    await connection.answer('x'.repeat(bytes - 11));
    expect(connection.connection.unreadBytes).toBe(bytes);
    expect(stateOf(connection)).toBe(state);
    await connection.receive(request('two'));
    expect(connection.asked).toHaveLength(asked);
    await connection.takeAll();
    expect(connection.connection.unreadBytes).toBe(0);
    expect(connection.asked).toEqual(['one', 'two']);
    expect(stateOf(connection)).toBe('reading');
  });

  it('has no request begun that was read ahead, until it reads', async () => {
    const connection = startConnection({ places: 1 });
    await connection.receive(OPENING, request('one'), request('two'));
    await connection.takeAll();
    await connection.answer('x'.repeat(256 * KIB - 11));
    expect(connection.connection.unreadBytes).toBe(256 * KIB);
    expect(connection.asked).toEqual(['one']);
    await connection.takeAll();
    expect(connection.asked).toEqual(['one', 'two']);
  });

  it('is ended when a reply comes while more than 16 MiB wait', async () => {
    const connection = startConnection();
    await connection.receive(OPENING, request('one'), request('two'), request('three'));
    await connection.takeAll();
    await connection.answer('x'.repeat(16 * KIB * KIB - 11));
    expect(connection.connection.unreadBytes).toBe(16 * KIB * KIB);
    await connection.answer('at the limit');
    expect(connection.told.filter((what) => what.startsWith('end'))).toEqual([]);
    const { unreadBytes } = connection.connection;
    await connection.answer('beyond it');
    expect(connection.connection.unreadBytes).toBe(unreadBytes);
    expect(connection.told.slice(3)).toEqual(['unread', 'unread', 'end: unread-replies', 'unread']);
    expect(stateOf(connection)).toBe('destroyed');
  });

  it('is ended after 30 s in which it read nothing, and not while it reads a piece', async () => {
    const connection = startConnection();
    await connection.receive(OPENING, request('one'));
    await connection.takeAll();
    connection.tick(5);
    await connection.answer('x'.repeat(200 * KIB));
    connection.tick(30);
    expect(connection.told).toEqual(['request', 'unread']);
    connection.take();
    await settle();
    connection.tick(30);
    expect(connection.told).toEqual(['request', 'unread']);
    connection.tick(1);
    expect(connection.told).toEqual(['request', 'unread', 'end: unread-replies']);
  });

  it('that has read all may be silent for as long as it likes', async () => {
    const connection = startConnection();
    await connection.receive(OPENING);
    await connection.takeAll();
    connection.tick(100);
    expect(connection.told).toEqual([]);
    expect(connection.connection.idleTicks).toBe(100);
    await connection.receive(request('one'));
    expect(connection.connection.idleTicks).toBe(0);
    connection.tick(3);
    expect(connection.connection.idleTicks).toBe(3);
  });
});

/** Whether it is read at last, or how it was ended. */
const stateOf = ({ states }: { readonly states: readonly string[] }) => states.at(-1);
