import { InvokeCommand, LambdaClient, LambdaServiceException } from '@aws-sdk/client-lambda';
import { messageOf } from './errors.ts';
import { type Invoke, InvokeError } from './invoke.ts';
import { codeOfStatus, INVOKE_FAULTS } from './invoke-faults.ts';
import { watchedConnections } from './watched-connections.ts';

const CONNECT_MS = 3_000;

/**
 * A client that calls once: the SDK's own repetition would start a worker twice after a lost answer. Connections are
 * not kept: one that died while the sandbox was frozen would look like a lost answer.
 */
export function createLambdaClient({ maxSockets }: { maxSockets: number }): LambdaClient {
  return new LambdaClient({
    maxAttempts: 1,
    requestHandler: {
      connectionTimeout: CONNECT_MS,
      // The caller's signal bounds the call: a worker answers when it is done, and says nothing until then.
      requestTimeout: 0,
      socketTimeout: 0,
      ...watchedConnections({ maxSockets }),
    },
  });
}

/**
 * Invokes Lambda functions synchronously, each call once; `functions` gives the deployed name of each. What surely did
 * not start and may be tried again is retryable. Rejects with InvokeError, or with the signal's reason.
 */
export function createLambdaInvoke(deps: {
  client: Pick<LambdaClient, 'send'>;
  functions: Readonly<Record<string, string>>;
  /** JSON that a function finds in its context, beside the event. */
  clientContext?: object;
}): Invoke {
  const { client, functions, clientContext } = deps;
  return async (name, payload, { signal }) => {
    const deployed = functions[name];
    if (deployed === undefined) throw new InvokeError(`there is no function "${name}"`, { code: 'refused' });
    const answer = await callFunction(client, { name: deployed, payload, clientContext }, { signal });
    if (!answer.threw) return answer.payload;
    throw new InvokeError(`${deployed} failed: ${errorTypeOf(answer.payload)}; see its log`, {
      code: 'function-error',
    });
  };
}

/** What a function answered, or what it threw as Lambda writes it: `{errorType, errorMessage, trace}`. */
export interface FunctionAnswer {
  readonly payload: Uint8Array;
  readonly threw: boolean;
}

/** One synchronous call of a deployed function. Rejects with InvokeError, or with the signal's reason. */
export async function callFunction(
  client: Pick<LambdaClient, 'send'>,
  { name, payload, clientContext }: { name: string; payload: Uint8Array; clientContext?: object | undefined },
  { signal }: { signal: AbortSignal },
): Promise<FunctionAnswer> {
  const command = new InvokeCommand({
    FunctionName: name,
    InvocationType: 'RequestResponse',
    Payload: payload,
    ...(clientContext === undefined
      ? {}
      : { ClientContext: Buffer.from(JSON.stringify(clientContext)).toString('base64') }),
  });
  const reply = await client.send(command, { abortSignal: signal }).catch((error: unknown) => {
    signal.throwIfAborted();
    throw toInvokeError(name, error);
  });
  return { payload: reply.Payload ?? new Uint8Array(), threw: reply.FunctionError !== undefined };
}

function toInvokeError(name: string, error: unknown): InvokeError {
  if (error instanceof LambdaServiceException) {
    const code = INVOKE_FAULTS.get(error.name) ?? codeOfStatus(error.$metadata.httpStatusCode ?? 0);
    const what = code === 'lost' ? name : `${name} was not started`;
    const retryable = code === 'throttled' || code === 'not-ready';
    return new InvokeError(`${what}: ${error.name}: ${error.message}`, { code, retryable, cause: error });
  }
  if (isBeforeFirstByte(error)) {
    const reason =
      error instanceof AggregateError ? error.errors.map(messageOf).join(', ') : messageOf(error);
    const message = `${name} was not started, because Lambda cannot be reached: ${reason}`;
    return new InvokeError(message, { code: 'unreachable', retryable: true, cause: error });
  }
  return new InvokeError(`${name}: no answer arrived: ${messageOf(error)}`, { code: 'lost', cause: error });
}

/**
 * The connection was not made: resolving or connecting failed, or took too long. The SDK gives its name for that,
 * TimeoutError, to resets as well, which keep their code; and with several addresses Node throws all their errors.
 */
function isBeforeFirstByte(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.every(isBeforeFirstByte);
  if (!(error instanceof Error)) return false;
  if ('syscall' in error) return error.syscall === 'connect' || error.syscall === 'getaddrinfo';
  return error.name === 'TimeoutError' && !('code' in error);
}

/** Only the type goes on: a message may quote the request. */
function errorTypeOf(payload: Uint8Array): string {
  try {
    const { errorType } = JSON.parse(Buffer.from(payload).toString()) as { errorType?: unknown };
    return typeof errorType === 'string' ? errorType.slice(0, 100) : 'an unknown error';
  } catch {
    return 'an unknown error';
  }
}
