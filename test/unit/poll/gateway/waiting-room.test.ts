import { expect, it } from 'vitest';
import { WaitingRoom } from '../../../../lib/poll/gateway/waiting-room.ts';
import { createMemorySocket } from './memory-socket.ts';

/** A room before a crowd with so many free seats of each address; `spare` ones are made when a second has passed. */
function startRoom(free: Record<string, number> = {}, spare: Record<string, number> = {}) {
  const told: string[] = [];
  const asked: string[] = [];
  const names = new Map<object, string>();
  const nameOf = (newcomer: object) => names.get(newcomer) ?? '?';
  const room: WaitingRoom = new WaitingRoom({
    crowd: {
      hasSeat(address) {
        asked.push(`has ${address}`);
        return (free[address] ?? 0) > 0;
      },
      makeSeat(address) {
        asked.push(`make ${address}`);
        return (free[address] ?? 0) + (spare[address] ?? 0) > 0;
      },
    },
    seat(newcomer) {
      told.push(`${nameOf(newcomer)} seated`);
      free[newcomer.address] = (free[newcomer.address] ?? 0) - 1;
      // As an end of another one does meanwhile.
      room.seatAll();
    },
    onEnd: (newcomer, ending) => told.push(`${nameOf(newcomer)} ended ${ending}`),
  });
  const enter = (name: string, address: string) => {
    const memory = createMemorySocket();
    const newcomer = { socket: memory.socket, address };
    names.set(newcomer, name);
    room.enter(newcomer);
    return memory;
  };
  return { room, enter, told, asked, free, spare };
}

it('a newcomer with a free seat is seated at once, and nobody listens on its socket any more', () => {
  const { enter, told } = startRoom({ a: 1 });
  const { socket } = enter('first', 'a');
  expect(told).toEqual(['first seated']);
  expect(socket.eventNames()).toEqual([]);
});

it('others wait unread, and get seats in the order of coming, each address for itself', () => {
  const { room, enter, told, free, asked } = startRoom();
  const first = enter('first', 'a');
  for (const [name, address] of [
    ['second', 'a'],
    ['third', 'b'],
    ['fourth', 'a'],
  ] as const)
    enter(name, address);
  expect(told).toEqual([]);
  expect(first.states).toEqual([]);
  asked.length = 0;
  Object.assign(free, { a: 1, b: 1 });
  room.seatAll();
  expect(told).toEqual(['first seated', 'third seated']);
  // An address without a seat is asked once.
  expect(asked).toEqual(['has a', 'has a', 'has b']);
  expect(first.socket.eventNames()).toEqual([]);
  free.a = 5;
  room.seatAll();
  expect(told.slice(2)).toEqual(['second seated', 'fourth seated']);
  room.seatAll();
  room.close();
  expect(told).toHaveLength(4);
});

it('one that goes by itself leaves the room, told once and without a reason', () => {
  const { room, enter, told, free } = startRoom();
  const { socket, states: ended } = enter('first', 'a');
  socket.emit('error', new Error('ECONNRESET'));
  expect(told).toEqual([]);
  socket.emit('close');
  socket.emit('close');
  expect(told).toEqual(['first ended undefined']);
  expect(ended).toEqual(['destroyed']);
  free.a = 1;
  room.seatAll();
  expect(told).toHaveLength(1);
});

it('one that has waited for 20 s goes when a second more has passed', () => {
  const { room, enter, told } = startRoom();
  const first = enter('first', 'a');
  room.tick();
  enter('second', 'a');
  for (let ticks = 1; ticks < 20; ticks += 1) room.tick();
  expect(told).toEqual([]);
  room.tick();
  expect(told).toEqual(['first ended crowd']);
  expect(first.states).toEqual(['destroyed']);
  room.tick();
  expect(told).toEqual(['first ended crowd', 'second ended crowd']);
});

it('each second, seats of those that nobody needs are made for those who wait', () => {
  const { room, enter, told, spare } = startRoom();
  enter('first', 'a');
  spare.a = 1;
  room.seatAll();
  expect(told).toEqual([]);
  room.tick();
  expect(told).toEqual(['first seated']);
});

it('when it closes, all leave without a reason', () => {
  const { room, enter, told } = startRoom();
  const sockets = [enter('first', 'a'), enter('second', 'b')];
  room.close();
  expect(told).toEqual(['first ended undefined', 'second ended undefined']);
  expect(sockets.map((one) => one.states)).toEqual([['destroyed'], ['destroyed']]);
});

it('has 1,024 places; the next one costs the latest of the address that has the most', () => {
  const { enter, told } = startRoom();
  enter('alone', 'b');
  for (let count = 1; count < 1_024; count += 1) enter(`of many ${count}`, 'a');
  expect(told).toEqual([]);
  const { states: last } = enter('another', 'c');
  expect(told).toEqual(['of many 1023 ended crowd']);
  expect(last).toEqual([]);
  enter('one more of many', 'a');
  expect(told.slice(1)).toEqual(['one more of many ended crowd']);
});
