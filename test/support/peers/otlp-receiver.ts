import { answersOk } from './answers-ok.ts';
import { freePort } from './free-port.ts';
import { startPeerProcess } from './peer-process.ts';
import { otlpReceiverBinary } from './peer-requirements.ts';
import { startPrometheus } from './prometheus.ts';

export interface OtlpReceiver extends AsyncDisposable {
  /** Where Prometheus 3 has its receiver: http://127.0.0.1:<port>/api/v1/otlp */
  readonly otlpUrl: string;
  /** Of the Prometheus that stores what is received, and answers queries. */
  readonly url: string;
}

/** The OTLP receiver of Prometheus 3 (test/peers/otlp) in front of a real Prometheus. */
export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  await using resources = new AsyncDisposableStack();
  const prometheus = resources.use(
    await startPrometheus({ config: '', args: ['--web.enable-remote-write-receiver'] }),
  );
  const address = `127.0.0.1:${await freePort()}`;
  const child = resources.use(
    startPeerProcess('otlp', [otlpReceiverBinary, address, `${prometheus.url}/api/v1/write`]),
  );
  await child.until('ready', () => answersOk(`http://${address}/-/ready`), { timeoutMs: 60_000 });
  const release = resources.move();
  return {
    otlpUrl: `http://${address}/api/v1/otlp`,
    url: prometheus.url,
    [Symbol.asyncDispose]: () => release.disposeAsync(),
  };
}
