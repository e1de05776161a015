import { answersOk } from './answers-ok.ts';
import { freePort } from './free-port.ts';
import { startPeerProcess } from './peer-process.ts';

export interface Pushgateway extends AsyncDisposable {
  /** http://127.0.0.1:<port> */
  readonly url: string;
  /** host:port, as Prometheus wants its targets. */
  readonly address: string;
  readonly pid: number;
}

/** A real Pushgateway that keeps everything in memory. */
export async function startPushgateway(): Promise<Pushgateway> {
  await using resources = new AsyncDisposableStack();
  const address = `127.0.0.1:${await freePort()}`;
  const url = `http://${address}`;
  const child = resources.use(
    startPeerProcess('pushgateway', [
      'prometheus-pushgateway',
      `--web.listen-address=${address}`,
      // Debian's build keeps what was pushed on disk by default, and the next one would serve it.
      '--persistence.file=',
    ]),
  );
  await child.until('ready', () => answersOk(`${url}/-/ready`), { timeoutMs: 30_000 });
  const release = resources.move();
  return { url, address, pid: child.pid, [Symbol.asyncDispose]: () => release.disposeAsync() };
}
