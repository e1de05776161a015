import type { Writable } from 'node:stream';

/**
 * Sends what is written in one turn of the event loop as one piece. ssh2 writes the length, the content and the tag
 * of each packet by themselves: with Nagle's algorithm off that is a segment and a system call each.
 */
export function joinWrites(socket: Writable): void {
  const write = socket.write.bind(socket) as (...args: unknown[]) => boolean;
  let isHeldBack = false;
  socket.write = (...args: unknown[]) => {
    if (!isHeldBack) {
      isHeldBack = true;
      socket.cork();
      queueMicrotask(() => {
        isHeldBack = false;
        socket.uncork();
      });
    }
    return write(...args);
  };
}
