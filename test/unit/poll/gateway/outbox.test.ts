import { expect, it } from 'vitest';
import { Outbox } from '../../../../lib/poll/gateway/outbox.ts';
import { createMemorySocket, isOver, settle } from './memory-socket.ts';

const PIECE = 64 * 1024;

function startOutbox() {
  const memory = createMemorySocket();
  const sent: string[] = [];
  const outbox: Outbox = new Outbox(memory.socket, (bytes) =>
    sent.push(`${bytes} sent, ${outbox.bytes} left`),
  );
  const add = (...texts: string[]) => {
    for (const text of texts) outbox.add(Buffer.from(text));
  };
  return { memory, outbox, sent, add };
}

it('what is added in one go leaves in one write, and what comes meanwhile in the next', async () => {
  const { memory, outbox, sent, add } = startOutbox();
  add('one ', 'two');
  expect(memory.writes).toEqual([]);
  expect(outbox.bytes).toBe(7);
  await settle();
  add('three ', 'four');
  await settle();
  expect(memory.writes.map(String)).toEqual(['one two']);
  expect(outbox.bytes).toBe(17);
  memory.take();
  await settle();
  expect(memory.writes.map(String)).toEqual(['one two', 'three four']);
  expect(outbox.bytes).toBe(10);
  memory.take();
  expect(outbox.bytes).toBe(0);
  add('five');
  await memory.takeAll();
  expect(memory.writes.map(String)).toEqual(['one two', 'three four', 'five']);
  expect(sent).toEqual(['7 sent, 10 left', '10 sent, 0 left', '4 sent, 0 left']);
});

it.each([
  ['of 64 KiB leaves at once', [PIECE], [PIECE]],
  ['of a byte more leaves in two writes', [PIECE + 1], [PIECE, 1]],
  ['of several pieces leaves piece by piece', [2 * PIECE + 5], [PIECE, PIECE, 5]],
  ['beside another one leaves with it up to 64 KiB', [3, PIECE - 3, 4], [PIECE, 4]],
  ['that does not fit beside another one waits as a whole', [3, PIECE - 2, 4], [3, PIECE - 2, 4]],
  ['that is empty is not written', [0], []],
])('a part %s', async (_what, parts, writes) => {
  const { memory, outbox, add } = startOutbox();
  const texts = parts.map((bytes, index) => 'abc'.repeat(bytes).slice(index, index + bytes));
  add(...texts);
  await memory.takeAll();
  expect(memory.writes.map(({ length }) => length)).toEqual(writes);
  expect(Buffer.concat(memory.writes).toString() === texts.join('')).toBe(true);
  expect(outbox.bytes).toBe(0);
});

it('it is drained when the system took all, each time anew', async () => {
  const { memory, outbox, add } = startOutbox();
  expect(await isOver(outbox.drained())).toBe(true);
  for (const text of ['one', 'two']) {
    add(text);
    const drained = outbox.drained();
    expect(await isOver(drained)).toBe(false);
    memory.take();
    expect(await isOver(drained)).toBe(true);
    expect(await isOver(outbox.drained())).toBe(true);
  }
});

it('it is drained when the socket is closed, whatever waits', async () => {
  const { memory, outbox, add } = startOutbox();
  add('never read');
  const drained = outbox.drained();
  expect(await isOver(drained)).toBe(false);
  memory.socket.emit('close');
  expect(await isOver(drained)).toBe(true);
  expect(await isOver(outbox.drained())).toBe(true);
});

it('after a write that failed nothing is written any more', async () => {
  const { memory, outbox, sent, add } = startOutbox();
  add('lost');
  await settle();
  add('more');
  memory.take(new Error('EPIPE'));
  add('still more');
  await settle();
  expect(memory.writes.map(String)).toEqual(['lost']);
  expect(outbox.bytes).toBe(18);
  expect(sent).toEqual([]);
});
