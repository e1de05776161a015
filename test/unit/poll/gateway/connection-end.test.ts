import { describe, expect, it } from 'vitest';
import { ZmtpError } from '../../../../lib/poll/gateway/zmtp/errors.ts';
import { createNullMechanism, type Mechanism } from '../../../../lib/poll/gateway/zmtp/mechanism.ts';
import { isOver } from './memory-socket.ts';
import { OPENING, request, startConnection } from './start-connection.ts';

/** A handshake that answers the client's READY in this way. */
const shaking = (shake: Mechanism['shake']): Mechanism => ({ ...createNullMechanism(), shake });

const refusing = () =>
  shaking(() => {
    throw new ZmtpError('client-key');
  });

describe('a client without a handshake', () => {
  it('is ended after more than 10 s', async () => {
    const { told, states, tick, takeAll } = startConnection();
    await takeAll();
    tick(10);
    expect(told).toEqual([]);
    expect(states).toEqual(['reading']);
    tick(1);
    expect(told).toEqual(['end: handshake']);
    expect(states).toEqual(['reading', 'destroyed']);
  });

  it('that has no admitted key is told of at once, read no further, and ended after 10 s without a word', async () => {
    const { told, states, receive, tick, takeAll, writes } = startConnection({ mechanism: refusing() });
    await receive(OPENING);
    await takeAll();
    const said = Buffer.concat(writes).length;
    expect(told).toEqual(['refused: client-key']);
    expect(states.at(-1)).toBe('paused');
    await receive(OPENING, request('hello'));
    await takeAll();
    expect(told).toEqual(['refused: client-key']);
    expect(Buffer.concat(writes)).toHaveLength(said);
    expect(states.at(-1)).toBe('paused');
    tick(10);
    expect(told).toHaveLength(1);
    tick(1);
    expect(told).toEqual(['refused: client-key', 'end: undefined']);
    expect(states.at(-1)).toBe('destroyed');
  });

  it('is not held: bytes of one that is refused are dropped', async () => {
    const { connection, receive } = startConnection({ mechanism: refusing() });
    await receive(OPENING);
    const { heldBytes } = connection;
    await receive(Buffer.alloc(5_000));
    expect(connection.heldBytes).toBe(heldBytes);
  });
});

describe('a connection ends', () => {
  it('with what the client did wrong', async () => {
    const { told, states, receive } = startConnection();
    await receive(OPENING, Buffer.of(0x80, 0));
    expect(told).toEqual(['end: not-zmtp']);
    expect(states.at(-1)).toBe('destroyed');
  });

  it('at once when a client that is ready sends what is not sealed with its key', async () => {
    const mechanism: Mechanism = {
      ...createNullMechanism(),
      unwrap() {
        throw new ZmtpError('client-key');
      },
    };
    const { told, receive } = startConnection({ mechanism });
    await receive(OPENING, request('hello'));
    expect(told).toEqual(['end: client-key']);
  });

  it('at another fault of the handshake than the key, also before it is ready', async () => {
    const mechanism = shaking(() => {
      throw new ZmtpError('not-zmtp');
    });
    const { told, receive } = startConnection({ mechanism });
    await receive(OPENING);
    expect(told).toEqual(['end: not-zmtp']);
  });

  it('when the gateway fails on it, with the error', async () => {
    const mechanism = shaking(() => {
      throw new TypeError('a fault of ours');
    });
    const { told, states, receive } = startConnection({ mechanism });
    await receive(OPENING);
    expect(told).toEqual(['fault: TypeError: a fault of ours', 'end: fault']);
    expect(states.at(-1)).toBe('destroyed');
  });

  it('when the gateway fails to send a reply, and the place is given back', async () => {
    const mechanism: Mechanism = {
      ...createNullMechanism(),
      wrap() {
        throw new RangeError('a fault of ours');
      },
    };
    const { told, receive, answer, turns } = startConnection({ mechanism, places: 1 });
    await receive(OPENING, request('hello'));
    expect(turns.take(() => undefined)).toBe(false);
    await answer('world');
    expect(told).toEqual(['request', 'fault: RangeError: a fault of ours', 'end: fault']);
    expect(turns.take(() => undefined)).toBe(true);
  });

  it('once, and without a reason when the client closed it', () => {
    const { told, states, socket, connection } = startConnection();
    socket.emit('error', new Error('ECONNRESET'));
    expect(told).toEqual([]);
    socket.emit('close');
    expect(told).toEqual(['end: undefined']);
    socket.emit('close');
    connection.end('crowd');
    expect(told).toEqual(['end: undefined']);
    expect(states.at(-1)).toBe('destroyed');
  });
});

describe('a client that is gone', () => {
  it('gets no reply, and nothing more is asked for it', async () => {
    const { told, asked, writes, receive, answer, socket, turns, takeAll } = startConnection({ places: 1 });
    await receive(OPENING, request('one'), request('two'));
    await takeAll();
    const written = writes.length;
    socket.emit('close');
    await answer('done');
    await takeAll();
    expect(asked).toEqual(['one']);
    expect(told).toEqual(['request', 'end: undefined']);
    expect(writes).toHaveLength(written);
    expect(turns.take(() => undefined)).toBe(true);
  });

  it('is not called when a place is free', async () => {
    const { turns, receive, asked, socket } = startConnection({ places: 1 });
    turns.take(() => undefined);
    await receive(OPENING, request('one'));
    socket.emit('close');
    const called: string[] = [];
    turns.take(() => called.push('next'));
    turns.giveBack();
    expect(asked).toEqual([]);
    expect(called).toEqual(['next']);
  });

  it('while a request of it is read is not read on', async () => {
    const { asked, connection, receive } = startConnection({
      onStray: () => connection.end('crowd'),
    });
    await receive(OPENING);
    await receive(Buffer.of(0, 1, 0x61));
    await receive(request('late'));
    expect(asked).toEqual([]);
  });
});

describe('a connection that is stopped', () => {
  it('takes no further request, drops what arrives, and is over when those in hand are answered', async () => {
    const { connection, asked, writes, states, receive, answer, takeAll } = startConnection({ places: 1 });
    await receive(OPENING, request('in hand'), request('x'.repeat(20_000)));
    await takeAll();
    expect(states.at(-1)).toBe('paused');
    const stopped = connection.stop();
    expect(states.at(-1)).toBe('reading');
    const { heldBytes } = connection;
    await receive(request('late'));
    expect(connection.heldBytes).toBe(heldBytes);
    expect(await isOver(stopped)).toBe(false);
    await answer('done');
    expect(await isOver(stopped)).toBe(true);
    await takeAll();
    expect(asked).toEqual(['in hand']);
    expect(Buffer.concat(writes).toString('latin1').endsWith('\x01\0\0\x04done')).toBe(true);
    expect(states.at(-1)).toBe('reading');
  });

  it('no longer waits for a place', async () => {
    const { connection, turns, asked, receive } = startConnection({ places: 1 });
    turns.take(() => undefined);
    await receive(OPENING, request('one'));
    await connection.stop();
    const called: string[] = [];
    turns.take(() => called.push('next'));
    turns.giveBack();
    expect(called).toEqual(['next']);
    expect(asked).toEqual([]);
  });

  it('is drained when the client has read all, and then ends after what was sent', async () => {
    const { connection, states, takeAll } = startConnection();
    const drained = connection.drained();
    expect(await isOver(drained)).toBe(false);
    await takeAll();
    expect(await isOver(drained)).toBe(true);
    connection.close();
    expect(states).toEqual(['reading', 'destroyed soon']);
  });

  it('is cut when the client still has to read', () => {
    const { connection, states } = startConnection();
    expect(connection.unreadBytes).toBe(10);
    connection.close();
    expect(states).toEqual(['reading', 'destroyed']);
  });
});
