import { answersOk } from './answers-ok.ts';
import { freePort } from './free-port.ts';
import { startPeerProcess } from './peer-process.ts';

/** A real node_exporter that reads files of a folder and nothing else. */
export async function startNodeExporter(folder: string): Promise<AsyncDisposable & { readonly url: string }> {
  await using resources = new AsyncDisposableStack();
  const address = `127.0.0.1:${await freePort()}`;
  const url = `http://${address}`;
  const child = resources.use(
    startPeerProcess('node-exporter', [
      'prometheus-node-exporter',
      `--web.listen-address=${address}`,
      '--collector.disable-defaults',
      '--collector.textfile',
      `--collector.textfile.directory=${folder}`,
    ]),
  );
  await child.until('ready', () => answersOk(`${url}/`), { timeoutMs: 60_000 });
  const release = resources.move();
  return { url, [Symbol.asyncDispose]: () => release.disposeAsync() };
}
