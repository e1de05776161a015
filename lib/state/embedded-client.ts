import { Agent } from 'node:http';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { Log } from '../platform/log.ts';

/** Resolves when somebody serves the table again; rejects when that cannot be. */
export type EnsureServed = (options: { signal: AbortSignal }) => Promise<void>;

interface EmbeddedClientOptions {
  readonly log: Log;
  readonly ensureServed?: EnsureServed;
  /** What to throw when somebody takes connections and answers nothing, also not the repeated call. */
  readonly whenSilent?: () => Promise<Error>;
  /** How long one attempt waits for its answer. Default 10 s. */
  readonly requestTimeoutMs?: number;
}

/** Each one costs a server that died between its answer and our connection. */
const MAX_LOOKS = 3;

/**
 * DynamoDB's client over a Unix domain socket. A call that finds nobody there was never sent: it waits for
 * `ensureServed` and goes out. One whose server died under it is repeated by the SDK, like any lost answer.
 */
export function connectEmbedded(
  socketPath: string,
  { log, ensureServed, whenSilent, requestTimeoutMs = 10_000 }: EmbeddedClientOptions,
): DynamoDBDocumentClient {
  const quiet = (message: unknown) => log.debug(String(message));
  const overSocket = { socketPath, keepAlive: true, maxSockets: 32 };
  const client = new DynamoDBClient({
    endpoint: 'http://embedded.invalid',
    region: 'embedded',
    credentials: { accessKeyId: 'embedded', secretAccessKey: 'embedded' },
    maxAttempts: 3,
    requestHandler: {
      httpAgent: new Agent(overSocket),
      connectionTimeout: 1_000,
      requestTimeout: requestTimeoutMs,
      throwOnRequestTimeout: true,
      logger: { debug: quiet, info: quiet, warn: quiet, error: quiet },
    },
  });
  if (ensureServed !== undefined) lookForServer(client, ensureServed);
  if (whenSilent !== undefined) nameSilence(client, whenSilent);
  return DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
}

/** In the handler, because only there both the request, ready to be sent, and the caller's signal are at hand. */
function lookForServer(client: DynamoDBClient, ensureServed: EnsureServed): void {
  const { requestHandler } = client.config;
  const handle = requestHandler.handle.bind(requestHandler);
  requestHandler.handle = async (request, options: { abortSignal?: unknown } = {}) => {
    const { abortSignal } = options;
    const signal = abortSignal instanceof AbortSignal ? abortSignal : new AbortController().signal;
    for (let looks = 0; ; looks += 1) {
      try {
        return await handle(request, options);
      } catch (error) {
        if (looks === MAX_LOOKS || !isNobodyThere(error)) throw error;
        await ensureServed({ signal });
      }
    }
  };
}

/** Around the SDK's own attempts, so that a server that is only slow once is asked again first. */
function nameSilence(client: DynamoDBClient, whenSilent: () => Promise<Error>): void {
  client.middlewareStack.add(
    (next) => async (args) => {
      try {
        return await next(args);
      } catch (error) {
        throw error instanceof Error && error.name === 'TimeoutError' ? await whenSilent() : error;
      }
    },
    { step: 'initialize', name: 'nameSilence' },
  );
}

const isNobodyThere = (error: unknown) =>
  error instanceof Error && 'syscall' in error && error.syscall === 'connect';
