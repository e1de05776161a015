import type { Socket } from 'node:net';

/** More than any greeting, key exchange and /etc/issue together; a peer that sends more before a login is none of ours. */
const LOGIN_MAX_BYTES = 256 * 1024;
const BANNER = /(?:^|\n)SSH-\d/;

/** Listens along while ssh2 logs in. */
export interface BannerWatch extends Disposable {
  /** Whether the peer has introduced itself as an ssh server. */
  readonly seen: boolean;
}

/** `onFlood` is called once when the peer sends more than any login takes. */
export function watchBanner(socket: Socket, onFlood: () => void): BannerWatch {
  let seen = false;
  let bytes = 0;
  let head = '';
  const onData = (chunk: Buffer) => {
    bytes += chunk.length;
    if (!seen) {
      head = head.slice(-8) + chunk.toString('latin1');
      seen = bytes === chunk.length ? BANNER.test(chunk.toString('latin1')) : BANNER.test(head);
    }
    if (bytes > LOGIN_MAX_BYTES) onFlood();
  };
  socket.pause();
  socket.on('data', onData);
  return {
    get seen() {
      return seen;
    },
    [Symbol.dispose]: () => void socket.off('data', onData),
  };
}
