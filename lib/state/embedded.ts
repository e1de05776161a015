import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Clock } from '../platform/clock.ts';
import type { Log } from '../platform/log.ts';
import { connectEmbedded } from './embedded-client.ts';
import { makePrivateFolder } from './private-folder.ts';
import { SOCKET, TABLE_NAME } from './serve-table.ts';
import { createServerKeeper, ownerSilent } from './server-keeper.ts';
import { openSocketFolder } from './socket-folder.ts';

/** The state table on this machine's disk. Dispose it to close the files, if this process served them. */
export interface EmbeddedState extends AsyncDisposable {
  readonly client: DynamoDBDocumentClient;
  readonly tableName: string;
}

/**
 * Opens the state that is kept in the folder `path` and makes it when absent. Any number of processes may: one of them
 * serves the table to all, and when it ends, however it ends, the next call of another one takes over. The server
 * listens on a Unix domain socket in the folder, which has mode 0700, so nobody else on the machine can reach it.
 * Throws StateError when folder or files cannot be used.
 */
export async function openEmbeddedState(
  options: { path: string; clock: Clock; log: Log; requestTimeoutMs?: number },
  { signal }: { signal: AbortSignal },
): Promise<EmbeddedState> {
  const { path, log } = options;
  await using opening = new AsyncDisposableStack();
  await makePrivateFolder(path, { signal });
  const sockets = opening.use(await openSocketFolder(path));
  const keeper = opening.use(createServerKeeper({ ...options, sockets }));
  await keeper.ensureServed({ signal });
  const client = connectEmbedded(sockets.pathOf(SOCKET), {
    log,
    ensureServed: keeper.ensureServed,
    whenSilent: () => ownerSilent(path),
    ...(options.requestTimeoutMs === undefined ? {} : { requestTimeoutMs: options.requestTimeoutMs }),
  });
  opening.defer(() => client.destroy());
  const opened = opening.move();
  return { client, tableName: TABLE_NAME, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}
