import type { Socket } from 'node:net';
import { printable } from './errors.ts';

/** More than any key exchange and /etc/issue together; a peer that sends more before a login is none of ours. */
const LOGIN_MAX_BYTES = 256 * 1024;
/** More than anybody says before the banner. ssh2 reads it all anew with each piece that comes. */
const GREETING_MAX_BYTES = 16 * 1024;
const BANNER = /\nSSH-\d/;
const BANNER_LENGTH = '\nSSH-2'.length;

/** Listens along while ssh2 logs in. */
export interface BannerWatch extends Disposable {
  /** Whether the peer has introduced itself as an ssh server. */
  readonly seen: boolean;
  /** What the peer said in the place of a banner: its first line, printable; empty when it said nothing. */
  readonly words: string;
}

/** `onFlood` is called when the peer sends more than any login takes. */
export function watchBanner(socket: Socket, onFlood: () => void): BannerWatch {
  let seen = false;
  let bytes = 0;
  let head = '';
  let tail = '\n';
  const onData = (chunk: Buffer) => {
    bytes += chunk.length;
    if (!seen) {
      const text = chunk.toString('latin1');
      head += text;
      tail += text;
      seen = BANNER.test(tail);
      tail = tail.slice(-BANNER_LENGTH);
    }
    if (bytes > (seen ? LOGIN_MAX_BYTES : GREETING_MAX_BYTES)) onFlood();
  };
  socket.pause();
  socket.on('data', onData);
  return {
    get seen() {
      return seen;
    },
    get words() {
      return seen ? '' : printable(head.trimStart().replace(/[\r\n].*/s, ''));
    },
    [Symbol.dispose]: () => void socket.off('data', onData),
  };
}
