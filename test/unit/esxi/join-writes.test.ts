import { Writable } from 'node:stream';
import { describe, expect, it, vi } from 'vitest';
import { joinWrites } from '../../../lib/esxi/join-writes.ts';

/** What would each have been a system call of its own. */
function openPieces() {
  const pieces: string[] = [];
  const socket = new Writable({
    write: (chunk, _encoding, done) => {
      pieces.push(String(chunk));
      done();
    },
    writev: (chunks, done) => {
      pieces.push(chunks.map(({ chunk }) => String(chunk)).join(''));
      done();
    },
  });
  joinWrites(socket);
  return { socket, pieces };
}

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

describe('joinWrites', () => {
  it('sends as one piece what is written in one turn, and the next turn by itself', async () => {
    const { socket, pieces } = openPieces();
    for (const part of ['length', 'content', 'tag']) socket.write(part);
    await nextTurn();
    for (const part of ['once ', 'again']) socket.write(part);
    await nextTurn();
    expect(pieces).toEqual(['lengthcontenttag', 'once again']);
  });

  it('holds writes back once a turn', async () => {
    const { socket } = openPieces();
    const cork = vi.spyOn(socket, 'cork');
    for (const part of ['length', 'content', 'tag']) socket.write(part);
    expect(cork).toHaveBeenCalledTimes(1);
    await nextTurn();
    expect(socket.writableCorked).toBe(0);
  });

  it('sends what was written just before the end, without waiting for the turn to end', () => {
    const { socket, pieces } = openPieces();
    socket.write('good');
    socket.write('bye');
    socket.end();
    expect(pieces.join('')).toBe('goodbye');
  });
});
