import { answersOk } from './answers-ok.ts';
import { freePort } from './free-port.ts';
import { startPeerProcess } from './peer-process.ts';
import { createTemporaryFolder } from './temporary-folder.ts';

export interface VictoriaMetrics extends AsyncDisposable {
  /** http://127.0.0.1:<port>; answers the queries of Prometheus' API. */
  readonly url: string;
  /** What was imported until now is found by queries from then on. */
  flush(): Promise<void>;
}

/** A real VictoriaMetrics with its data in a temporary folder. */
export async function startVictoriaMetrics(): Promise<VictoriaMetrics> {
  await using resources = new AsyncDisposableStack();
  const folder = resources.use(await createTemporaryFolder('victoria-metrics'));
  const address = `127.0.0.1:${await freePort()}`;
  const url = `http://${address}`;
  const child = resources.use(
    startPeerProcess('victoria-metrics', [
      'victoria-metrics',
      `-httpListenAddr=${address}`,
      `-storageDataPath=${folder.path}`,
      '-retentionPeriod=100y',
      // By default queries leave out the last 30 s.
      '-search.latencyOffset=0s',
      '-memory.allowedBytes=64MB',
    ]),
  );
  await child.until('ready', () => answersOk(`${url}/health`), { timeoutMs: 60_000 });
  const release = resources.move();
  return {
    url,
    async flush() {
      const { status } = await fetch(`${url}/internal/force_flush`, { signal: AbortSignal.timeout(30_000) });
      if (status > 299) throw new Error(`force_flush: ${status}`);
    },
    [Symbol.asyncDispose]: () => release.disposeAsync(),
  };
}
